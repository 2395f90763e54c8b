package dev.reprise.audit.report;

import dev.reprise.audit.Version;
import dev.reprise.loaders.synthetic.SyntheticShapes;
import dev.reprise.metrics.Score;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** An audit that never took place, for tests of the report: its numbers agree with each other, and one model memorizes. */
record Invented(Results results, Map<String, Tensor> data, Map<String, Tensor> pictures) {
    static final int NOISES = 64, ROWS = 6, POINTS = 5;
    private static final String HASH = "0123456789abcdef".repeat(4);

    static Invented of(Arena arena, String... labels) { return new Maker(arena).make(labels); }

    /** Puts one together. */
    private static final class Maker {
        private final Arena arena;
        private final Random random = new Random(7);
        private final Map<String, Tensor> data = new LinkedHashMap<>(), pictures = new LinkedHashMap<>();
        private final List<Results.Source> sources = new ArrayList<>();
        private final SyntheticShapes shapes = new SyntheticShapes();

        Maker(Arena arena) { this.arena = arena; }

        Invented make(String... labels) {
            pictures.put("noise", images(ROWS, 9000));
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < labels.length; i++)
                ids.add(source("m" + i, "m" + i, labels[i], "seeds 0-" + (NOISES - 1), NOISES, i == labels.length - 1 ? 100 : 0));
            List<Results.Pair> pairs = new ArrayList<>();
            for (int a = 0; a < ids.size(); a++)
                for (int b = a + 1; b < ids.size(); b++)
                    pairs.add(pair(ids.get(a), ids.get(b), b == ids.size() - 1 ? 0.2 : 0.75));
            List<Outcome> outcomes = new ArrayList<>();
            outcomes.add(new Outcome.Matrix("matrix", "How often two models agree", "What the paper says.", 0.6, ids, pairs,
                    List.of(new Outcome.Baseline(ids.getFirst(), share(1, NOISES), 0.1))));
            if (labels.length > 1) {
                outcomes.add(memorization(ids));
                outcomes.add(steps(ids.getFirst()));
                outcomes.add(plane(ids));
            }
            Map<String, Double> seconds = new LinkedHashMap<>(Map.of("sampling", 5.0));
            Results r = new Results(Results.FORMAT, "How reproducible are these models?",
                    new Results.Settings("torch-cpu-f32-avx2-v1", "0-" + (NOISES - 1), NOISES, ROWS, 0.6, 15, "descriptor.onnx", HASH,
                            true),
                    sources,
                    outcomes, new Results.Run("2026-01-01T00:00:00Z", new Version.Environment("1.0", "JDK 25", "Linux", 256, 2),
                            "A processor", 2, seconds));
            return new Invented(r, data, pictures);
        }

        private String source(String id, String model, String label, String noises, int n, int first) {
            sources.add(new Results.Source(id, label, model, "network", "U-Net <wide> & deep", "epsilon, VP", "dpm-solver-3, 20 steps",
                    noises, n, 20, "strict", HASH,
                    769_803, "20 000 images", HASH));
            pictures.put("samples." + id, images(n, first));
            return id;
        }

        private Results.Pair pair(String a, String b, double centre) {
            float[] s = values(NOISES, centre), d = new float[NOISES];
            int similar = 0, close = 0;
            for (int i = 0; i < NOISES; i++) {
                d[i] = 40 * (1 - s[i]);
                if (s[i] > 0.6f) similar++;
                if (d[i] < 15) close++;
            }
            String name = a + "~" + b;
            data.put(name + ".similarity", Tensor.of(arena, Shape.of(NOISES), s));
            data.put(name + ".distance", Tensor.of(arena, Shape.of(NOISES), d));
            return new Results.Pair(a, b, share(similar, NOISES), share(close, NOISES), centre, histogram(s), name);
        }

        private Outcome memorization(List<String> ids) {
            List<Outcome.Originality> all = new ArrayList<>();
            for (String id : ids) {
                boolean memorizes = id.equals(ids.getLast());
                float[] s = values(NOISES, memorizes ? 0.95 : 0.4);
                int fresh = 0;
                for (float v : s)
                    if (!(v > 0.6f)) fresh++;
                data.put(id + ".nearest", Tensor.of(arena, Shape.of(NOISES), s));
                pictures.put("nearest." + id, images(ROWS, 50));
                all.add(new Outcome.Originality(id, share(fresh, NOISES), memorizes ? 64 : 20_000, 0.5, histogram(s), new long[ROWS], id));
            }
            return new Outcome.Memorization("New pictures?", "What the paper says.", 0.6, all, List.of(), List.of());
        }

        private Outcome steps(String model) {
            String ref = source(model + ".ref", model, "Reference", "seeds 0-" + (NOISES - 1), NOISES, 0);
            List<Results.Pair> pairs = new ArrayList<>();
            List<Outcome.Steps.Point> points = new ArrayList<>();
            for (int n : new int[]{5, 10, 20}) {
                String id = source(model + ".ddim-" + n, model, "ddim " + n, "seeds 0-" + (NOISES - 1), NOISES, 0);
                pairs.add(pair(ref, id, 0.5 + n / 60.0));
                points.add(new Outcome.Steps.Point(n, n, id));
            }
            return new Outcome.Steps("Solvers and steps", "", 0.6, model, ref, List.of(new Outcome.Steps.Curve("ddim", points)), pairs);
        }

        private Outcome plane(List<String> ids) {
            List<Outcome.Hyperplane.Plane> planes = new ArrayList<>();
            for (String m : ids.subList(0, 2)) {
                String id = source(m + ".plane", m, "Plane of " + m, "plane", POINTS * POINTS, 300);
                data.put(id + ".similarity", Tensor.of(arena, Shape.of(POINTS * POINTS, 3), values(3 * POINTS * POINTS, 0.6)));
                data.put(id + ".nearest", Tensor.of(arena, Shape.of(POINTS * POINTS), new long[POINTS * POINTS]));
                planes.add(new Outcome.Hyperplane.Plane(id, new double[]{0.3, 0.3, 0.2}, new double[]{0, 1, 2, 3, 4}, id));
            }
            return new Outcome.Hyperplane("A plane of noises", "", 0.6, new long[]{0, 1, 2}, false, -0.1, 1.1, POINTS, planes, List.of());
        }

        private float[] values(int n, double centre) {
            float[] v = new float[n];
            for (int i = 0; i < n; i++)
                v[i] = (float) Math.clamp(centre + 0.12 * random.nextGaussian(), -1.0, 1.0);
            return v;
        }

        private Tensor images(int n, long first) {
            Tensor t = Tensor.allocate(arena, DType.UINT8, Shape.of(n, SyntheticShapes.SIZE, SyntheticShapes.SIZE, 3));
            int plane = SyntheticShapes.SIZE * SyntheticShapes.SIZE;
            for (int i = 0; i < n; i++) {
                byte[] p = shapes.image(first + i);
                for (int k = 0; k < p.length; k++)
                    t.data().set(Tensor.I8, (long) i * p.length + 3L * (k % plane) + k / plane, p[k]);
            }
            return t;
        }
    }

    static Results.Share share(int hits, int of) {
        Score s = Score.of("RP", hits, of);
        return new Results.Share(s.value(), s.low(), s.high(), hits, of);
    }

    private static int[] histogram(float[] values) {
        int[] h = new int[Results.BINS];
        for (float v : values)
            h[Math.clamp((int) (20 * v), 0, 19)]++;
        return h;
    }
}
