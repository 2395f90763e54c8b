package dev.reprise.bench;

import dev.reprise.metrics.Scores;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * Time and memory of GL: {@code SearchProbe [SAMPLES [TRAINING [DIMENSIONS [THREADS]]]]}, by default 10 000 samples against 50 000
 * training descriptors of 512 numbers on two threads.
 */
public final class SearchProbe {
    private SearchProbe() {}

    public static void main(String[] args) throws IOException {
        int[] n = {10_000, 50_000, 512, 2};
        for (int i = 0; i < args.length; i++)
            n[i] = Integer.parseInt(args[i]);
        try (Arena arena = Arena.ofShared(); Workers workers = new Workers(n[3])) {
            Tensor samples = random(arena, n[0], n[2], 1), training = random(arena, n[1], n[2], 2);
            for (int run = 0; run < 2; run++) {
                long begun = System.nanoTime();
                Scores.Originality gl = Scores.gl(samples, training, Scores.SIMILAR, workers);
                double seconds = (System.nanoTime() - begun) / 1e9;
                System.out.printf("GL of %d samples against %d descriptors of %d: %.2f s, %.0f GFLOP/s; GL %.4f, checksum %08x%n", n[0],
                        n[1], n[2],
                        seconds, 2e-9 * n[0] * n[1] * n[2] / seconds, gl.score().value(), java.util.Arrays.hashCode(gl.similarity()));
            }
        }
        Path status = Path.of("/proc/self/status");
        if (Files.isReadable(status))
            Files.readAllLines(status).stream().filter(l -> l.startsWith("VmHWM"))
                    .forEach(l -> System.out.println("most memory: " + l.substring(6).strip()));
    }

    private static Tensor random(Arena arena, int rows, int columns, long seed) {
        Random random = new Random(seed);
        Tensor t = Tensor.allocate(arena, DType.FLOAT32, Shape.of(rows, columns));
        for (long i = 0; i < t.size(); i++)
            t.setFloat(i, random.nextFloat() - 0.5f);
        return t;
    }
}
