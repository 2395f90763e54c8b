package dev.reprise.bench;

import dev.reprise.ops.kernel.Conv;
import dev.reprise.ops.kernel.ConvAlgorithm;
import dev.reprise.ops.kernel.ConvShape;
import dev.reprise.ops.kernel.Epilogue;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Pages;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** 3 x 3 convolutions of channels-last images with packed weights. {@code size} is batch x channels in x channels out x side. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class ConvBenchmark {
    @Param({"1x128x128x32", "1x256x256x16", "1x256x256x8", "8x256x256x16", "1x3x128x32", "1x128x3x32"})
    public String size;

    /** True forbids Winograd. */
    @Param({"false", "true"})
    public boolean exact;

    @Param({"1", "2"})
    public int threads;

    private Arena arena;
    private Workers workers;
    private Conv kernel;
    private Tensor[] in;
    private Tensor[] out;
    private MemorySegment scratch;

    @Setup(Level.Trial)
    public void setUp() {
        String[] s = size.split("x");
        int batch = Integer.parseInt(s[0]), c = Integer.parseInt(s[1]), m = Integer.parseInt(s[2]), side = Integer.parseInt(s[3]);
        int[] one = {1, 1}, three = {3, 3}, sides = {side, side};
        ConvShape shape = ConvShape.of(batch, 1, c, m, sides, three, one, one, one, sides);
        ConvAlgorithm algorithm = ConvAlgorithm.of(shape, exact);
        arena = Pages.arena();
        workers = new Workers(threads);
        Random r = new Random(1);
        Tensor x = Tensor.allocate(arena, DType.FLOAT32, Shape.of(batch, side, side, c)),
                w = Tensor.allocate(arena, DType.FLOAT32, Shape.of(m, c, 3, 3));
        for (Tensor t : new Tensor[]{x, w})
            for (long i = 0; i < t.size(); i++)
                t.setFloat(i, (float) r.nextGaussian());
        kernel = new Conv(shape, algorithm, Conv.pack(arena, w, shape, algorithm), Epilogue.NONE, true);
        in = new Tensor[]{x, w};
        out = new Tensor[]{Tensor.allocate(arena, DType.FLOAT32, Shape.of(batch, side, side, m))};
        scratch = arena.allocate(kernel.scratchBytes(threads), Tensor.ALIGNMENT);
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        workers.close();
        arena.close();
    }

    @Benchmark
    public Tensor run() {
        kernel.run(in, out, scratch, workers);
        return out[0];
    }
}
