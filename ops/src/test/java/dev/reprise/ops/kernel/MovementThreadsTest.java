package dev.reprise.ops.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Data-movement kernels on tensors large enough to be shared: one, two and three threads give the same bytes. */
class MovementThreadsTest {
    private static final Arena ARENA = Arena.ofAuto();
    private static final Random RANDOM = new Random(7);
    private static final Shape DATA = Shape.of(6, 70, 513);

    private record Case(String name, Kernel kernel, List<Tensor> in, List<Tensor> out) {
        @Override
        public String toString() { return name; }
    }

    private static Tensor floats(Shape shape) {
        Tensor t = Tensor.allocate(ARENA, DType.FLOAT32, shape);
        for (long i = 0; i < t.size(); i++)
            t.setFloat(i, RANDOM.nextInt(1000));
        return t;
    }

    private static Tensor indices(int bound, Shape shape) {
        Tensor t = Tensor.allocate(ARENA, DType.INT64, shape);
        for (long i = 0; i < t.size(); i++)
            t.setLong(i, RANDOM.nextInt(2 * bound) - bound);
        return t;
    }

    private static Tensor result(long... dims) { return Tensor.allocate(ARENA, DType.FLOAT32, Shape.of(dims)); }

    static Stream<Case> cases() {
        Tensor data = floats(DATA), few = indices(70, Shape.of(90)), same = indices(70, DATA);
        return Stream.of(new Case("Gather", new Gather(6, 70, 90, 513 * 4, "axis 1"), List.of(data, few), List.of(result(6, 90, 513))),
                new Case("GatherElements", new GatherElements(DATA, DATA, 1, 4), List.of(data, same), List.of(result(6, 70, 513))),
                new Case("GatherND", new GatherNd(DATA, Shape.of(9000, 2), 0, 4), List.of(data, indices(6, Shape.of(9000, 2))),
                        List.of(result(9000, 513))),
                new Case("Pad", new Pad(DATA, new long[]{1, 0, 3}, new long[]{0, 2, -5}, Pad.Mode.REFLECT, 4, 0, -1), List.of(data),
                        List.of(result(7, 72, 511))),
                new Case("Concat", new Concat(6 * 70, 513 * 4, 513 * 4), List.of(data, data), List.of(result(6, 70, 1026))),
                new Case("Split", new Split(6 * 70, 100 * 4, 413 * 4), List.of(data), List.of(result(6, 70, 100), result(6, 70, 413))),
                new Case("TopK", new TopK(6, 70, 513, 9, true), List.of(data),
                        List.of(result(6, 9, 513), Tensor.allocate(ARENA, DType.INT64, Shape.of(6, 9, 513)))),
                new Case("Trilu", new Trilu(70, 513, false), List.of(data), List.of(result(6, 70, 513))),
                new Case("ReverseSequence", new ReverseSequence(6, 70, 513 * 4, false), List.of(data, positive(70, 6)),
                        List.of(result(6, 70, 513))),
                new Case("ScatterElements", Scatter.elements(DATA, DATA, 1, Reduction.ADD), List.of(data, same, data),
                        List.of(result(6, 70, 513))),
                new Case("Fill", new Fill(Float.floatToRawIntBits(3)), List.of(), List.of(result(6, 70, 513))));
    }

    private static Tensor positive(int bound, int n) {
        Tensor t = indices(bound, Shape.of(n));
        for (int i = 0; i < n; i++)
            t.setLong(i, Math.abs(t.getLong(i)));
        return t;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void threads(Case c) {
        List<String> alone = run(c, 1);
        assertEquals(alone, run(c, 2), "2 threads");
        assertEquals(alone, run(c, 3), "3 threads");
    }

    private static List<String> run(Case c, int threads) {
        for (Tensor t : c.out)
            t.data().fill((byte) 0x5a); // 1.5e16 as a float: what is left unwritten shows below.
        try (Workers workers = new Workers(threads); Arena arena = Arena.ofShared()) {
            long bytes = c.kernel.scratchBytes(threads);
            MemorySegment scratch = bytes == 0 ? MemorySegment.NULL : arena.allocate(bytes, Tensor.ALIGNMENT);
            c.kernel.run(c.in.toArray(Tensor[]::new), c.out.toArray(Tensor[]::new), scratch, workers);
        }
        for (Tensor t : c.out)
            for (long i = 0; i < t.size(); i++)
                if (t.dtype() == DType.FLOAT32 && t.getFloat(i) > 1e6) throw new AssertionError("element " + i + " was not written");
        return c.out.stream().map(Tensor::sha256).toList();
    }
}
