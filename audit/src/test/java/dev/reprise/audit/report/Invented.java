package dev.reprise.audit.report;

import dev.reprise.audit.Version;
import dev.reprise.loaders.synthetic.SyntheticShapes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** An audit that never took place, for tests of the report. */
final class Invented {
    private static final int ROWS = 8;
    private static final String HASH = "0123456789abcdef".repeat(4);

    private Invented() {}

    static Results results(String... labels) {
        Random random = new Random(7);
        List<Results.Model> models = new ArrayList<>();
        for (int i = 0; i < labels.length; i++) {
            boolean memorizes = i == labels.length - 1;
            models.add(new Results.Model("m" + i, labels[i], "network", "U-Net <wide> & deep", "epsilon, VP", "dpm-solver-3, 20 steps", 20,
                    HASH, 769_803,
                    memorizes ? "64 images" : "20 000 images", HASH,
                    new Results.Generalization(share(memorizes ? 3 : 250 - i), memorizes ? 64 : 20_000, memorizes ? 0.97 : 0.41,
                            histogram(random, 0.4), new long[ROWS])));
        }
        List<Results.Pair> pairs = new ArrayList<>();
        for (int a = 0; a < labels.length; a++)
            for (int b = a + 1; b < labels.length; b++) {
                boolean far = b == labels.length - 1;
                pairs.add(new Results.Pair("m" + a, "m" + b, share(far ? 17 + a : 215 + 7 * a + b), share(far ? 9 : 190 + 9 * a),
                        far ? 0.2 : 0.8,
                        histogram(random, far ? 0.25 : 0.85)));
            }
        Map<String, Double> seconds = new LinkedHashMap<>();
        for (String l : labels)
            seconds.put("sampling " + l, 5.0);
        return new Results(Results.FORMAT, "How reproducible are these models?",
                new Results.Settings("torch-cpu-f32-avx2-v1", "0-255", 256, 0.6, 15, "descriptor.onnx", HASH), models, pairs,
                new Results.Run("2026-01-01T00:00:00Z", new Version.Environment("1.0", "JDK 25", "Linux", 256, 2), "A processor", 2,
                        seconds));
    }

    static Pictures pictures(Results r) {
        SyntheticShapes shapes = new SyntheticShapes();
        Random random = new Random(3);
        List<Long> seeds = new ArrayList<>();
        List<byte[]> noise = new ArrayList<>();
        for (long i = 0; i < ROWS; i++) {
            seeds.add(i);
            byte[] n = new byte[SyntheticShapes.BYTES];
            random.nextBytes(n);
            noise.add(n);
        }
        Map<String, List<byte[]>> samples = new LinkedHashMap<>(), nearest = new LinkedHashMap<>();
        for (Results.Model m : r.models()) {
            samples.put(m.id(), images(shapes, m.training().startsWith("64") ? 100 : 0));
            nearest.put(m.id(), images(shapes, 50));
        }
        return new Pictures(SyntheticShapes.SIZE, SyntheticShapes.SIZE, seeds, noise, samples, nearest);
    }

    private static List<byte[]> images(SyntheticShapes shapes, long first) {
        List<byte[]> all = new ArrayList<>();
        for (long i = 0; i < ROWS; i++)
            all.add(interleave(shapes.image(first + i)));
        return all;
    }

    private static byte[] interleave(byte[] planes) {
        byte[] rgb = new byte[planes.length];
        int plane = planes.length / 3;
        for (int i = 0; i < plane; i++)
            for (int c = 0; c < 3; c++)
                rgb[3 * i + c] = planes[c * plane + i];
        return rgb;
    }

    private static Results.Share share(int hits) {
        return new Results.Share(hits / 256.0, Math.max(0, hits / 256.0 - 0.05), Math.min(1, hits / 256.0 + 0.05), hits, 256);
    }

    private static int[] histogram(Random random, double centre) {
        int[] h = new int[Results.Pair.BINS];
        for (int i = 0; i < 256; i++)
            h[Math.clamp((int) (20 * (centre + 0.12 * random.nextGaussian())), 0, 19)]++;
        return h;
    }
}
