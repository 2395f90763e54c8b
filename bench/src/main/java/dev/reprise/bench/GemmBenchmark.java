package dev.reprise.bench;

import dev.reprise.ops.kernel.Epilogue;
import dev.reprise.ops.kernel.Gemm;
import dev.reprise.ops.kernel.PackedB;
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

/** Float32 matrix products with packed weights. {@code size} is rows x columns x inner. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class GemmBenchmark {
    @Param({"1024x1024x1024", "512x512x512", "256x1152x384", "64x384x384", "1x1024x1024"})
    public String size;

    @Param({"1", "2"})
    public int threads;

    private Arena arena;
    private Workers workers;
    private Gemm kernel;
    private Tensor[] in;
    private Tensor[] out;
    private MemorySegment scratch;

    @Setup(Level.Trial)
    public void setUp() {
        String[] s = size.split("x");
        int m = Integer.parseInt(s[0]), n = Integer.parseInt(s[1]), k = Integer.parseInt(s[2]);
        arena = Pages.arena();
        workers = new Workers(threads);
        Random r = new Random(1);
        Tensor a = Tensor.allocate(arena, DType.FLOAT32, Shape.of(m, k)), b = Tensor.allocate(arena, DType.FLOAT32, Shape.of(k, n));
        for (Tensor t : new Tensor[]{a, b})
            for (long i = 0; i < t.size(); i++)
                t.setFloat(i, (float) r.nextGaussian());
        kernel = new Gemm(m, n, k, false, false, new long[1], new int[1], 1, PackedB.pack(arena, b, 1, k, n, n, 1), Epilogue.NONE, -1, -1);
        in = new Tensor[]{a, b};
        out = new Tensor[]{Tensor.allocate(arena, DType.FLOAT32, Shape.of(m, n))};
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
