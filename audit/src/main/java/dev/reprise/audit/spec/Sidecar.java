package dev.reprise.audit.spec;

import dev.reprise.loaders.data.Split;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.samplers.model.ModelSpec;
import dev.reprise.samplers.model.Parameterization;
import dev.reprise.samplers.model.TimeConvention;
import dev.reprise.samplers.schedule.Edm;
import dev.reprise.samplers.schedule.RectifiedFlow;
import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.schedule.SubVp;
import dev.reprise.samplers.schedule.Ve;
import dev.reprise.samplers.schedule.Vp;
import dev.reprise.samplers.schedule.VpCosine;
import dev.reprise.samplers.schedule.VpDiscrete;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a model's metadata (the file {@code NAME.json} beside {@code NAME.onnx}, or the key {@code reprise} of the ONNX
 * file's own metadata) says; its fields are described in {@code models/README.md}.
 *
 * @param architecture in words, or ""
 * @param training     null where it does not say
 * @param stages       which network is for which times, from little noise to much; most models have one, for all
 * @param meaning      everything that decides what the network's numbers mean, as one line of text: no name, no training
 */
public record Sidecar(ModelSpec spec, String architecture, Training training, List<Stage> stages, String meaning) {
    private static final int MOST = 100_000_000;
    private static final String[] ENTRIES = {"name", "architecture", "parameterization", "schedule", "sigmaData", "inputs", "time",
        "output", "sampleShape", "range", "learnedVariance", "classes", "sampler", "training", "sha256", "model", "stages"};

    /**
     * The images that a model was trained on: images {@code first … first + count − 1} of a data set, or {@code count} drawn from it.
     *
     * @param dataset {@value #GENERATED}, or a file or folder
     * @param seed    of the generator, or of the drawing
     * @param count   0 for all there are from {@code first} on
     * @param split   of a file: train, test or all
     * @param drawn   whether they are drawn at random
     */
    public record Training(String dataset, long seed, long first, int count, String split, boolean drawn) {
        static final String GENERATED = "synthetic-shapes";

        /** Images of the generator. */
        public Training(String dataset, long seed, long first, int count) {
            this(dataset, seed, first, count, "train", false);
        }

        public boolean generated() { return dataset.equals(GENERATED); }

        /** With a relative file taken to be in a folder; null for the current one. */
        Training in(Path base) {
            if (generated() || base == null || Path.of(dataset).isAbsolute()) return this;
            return new Training(base.resolve(dataset).toString(), seed, first, count, split, drawn);
        }

        /** With the number of images there are, where it says all. */
        public Training counted(int images) {
            return new Training(dataset, seed, first, images, split, drawn);
        }

        @Override
        public String toString() {
            String name = generated() ? dataset : Path.of(dataset).getFileName() + " " + split;
            if (drawn) return String.format(java.util.Locale.ROOT, "%s, %,d images drawn with seed %d", name, count, seed);
            return count == 0 ? name : String.format(java.util.Locale.ROOT, "%s %,d to %,d", name, first, first + count - 1);
        }
    }

    /** What is known of this model, with another training set. */
    Sidecar trainedOn(Training other) {
        return new Sidecar(spec, architecture, other, stages, meaning);
    }

    static Sidecar of(Fields f, String name) {
        if (f.has("kind")) throw f.error("kind", "is " + f.text("kind") + ": this is no diffusion model");
        f.only(ENTRIES);
        Fields in = f.object("inputs").only("sample", "time", "label");
        ModelSpec.Inputs inputs = new ModelSpec.Inputs(in.text("sample"), in.text("time", null), in.text("label", null));
        Schedule schedule = checked(f, "schedule", () -> schedule(f.object("schedule")));
        double sigmaData = schedule instanceof Edm e ? e.sigmaData() : f.number("sigmaData", 0.5);
        Parameterization p = checked(f, "parameterization",
                () -> Parameterization.named(f.text("parameterization"), sigmaData, schedule.sigmaMin()));
        TimeConvention time = checked(f, "time", () -> TimeConvention.named(f.text("time")));
        Shape shape = checked(f, "sampleShape", () -> Shape.of(f.integers("sampleShape")));
        ModelSpec.Range range = ModelSpec.Range.SYMMETRIC;
        if (f.has("range")) {
            double[] r = f.numbers("range");
            if (r.length != 2) throw f.error("range", "must be [min, max]");
            range = checked(f, "range", () -> new ModelSpec.Range(r[0], r[1]));
        }
        ModelSpec.Suggestion suggestion = null;
        if (f.has("sampler"))
            suggestion = new ModelSpec.Suggestion(f.object("sampler").only("name", "steps").text("name"),
                    (int) f.object("sampler").integer("steps", 1, 100_000));
        String title = f.text("name", name);
        ModelSpec.Range clean = range;
        ModelSpec.Suggestion suggested = suggestion;
        ModelSpec spec = checked(f, "parameterization",
                () -> new ModelSpec(title, p, schedule, time, inputs, f.text("output", null), shape, clean, classes(f), suggested,
                        f.flag("learnedVariance", false)));
        return new Sidecar(spec, f.text("architecture", ""), training(f), Stage.read(f, schedule),
                f.canonical("name", "architecture", "training", "sampler", "sha256"));
    }

    private static ModelSpec.Classes classes(Fields f) {
        if (!f.has("classes")) return null;
        Fields c = f.object("classes").only("count", "null", "names");
        Integer none = c.has("null") ? (int) c.integer("null", 0, Integer.MAX_VALUE) : null;
        return checked(f, "classes", () -> new ModelSpec.Classes((int) c.integer("count", 1, Integer.MAX_VALUE), none,
                c.has("names") ? c.texts("names") : List.of()));
    }

    /** What the entry {@code training} of some metadata says, or null. */
    static Training training(Fields f) {
        return f.has("training") && f.object("training").has("dataset") ? training(f, f.object("training")) : null;
    }

    /** @param f holds the entry {@code training} that is {@code t} */
    static Training training(Fields f, Fields t) {
        String dataset = t.text("dataset");
        long first = t.integer("first", 0, Long.MAX_VALUE / 2, 0);
        if (dataset.equals(Training.GENERATED))
            return new Training(dataset, t.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE), first, (int) t.integer("count", 1, MOST));
        boolean drawn = t.has("draw");
        if (drawn && (t.has("first") || !t.has("count")))
            throw t.error("draw", t.has("first") ? "stands beside 'first'; give one of them" : "needs 'count': how many images are drawn");
        return checked(f, "training", () -> new Training(dataset, t.integer("draw", Long.MIN_VALUE, Long.MAX_VALUE, 0), first,
                (int) t.integer("count", 1, MOST, 0), Split.named(t.text("split", "train")).toString(), drawn));
    }

    private static Schedule schedule(Fields s) {
        String kind = s.text("kind");
        s.only(switch (kind) {
            case "vp", "sub-vp" -> new String[]{"kind", "betaMin", "betaMax", "tMin", "tMax"};
            case "ve" -> new String[]{"kind", "sigmaMin", "sigmaMax", "tMin", "tMax"};
            case "edm" -> new String[]{"kind", "sigmaMin", "sigmaMax", "rho", "sigmaData"};
            case "vp-discrete" -> new String[]{"kind", "betas", "betaMin", "betaMax", "steps"};
            case "vp-cosine" -> new String[]{"kind", "logSnrMin", "logSnrMax", "offset", "tMin", "tMax"};
            case "iddpm" -> new String[]{"kind", "steps", "c1", "c2"};
            case "flow" -> new String[]{"kind", "tMin", "tMax"};
            default -> throw s.error("kind", "must be one of vp, vp-cosine, vp-discrete, iddpm, sub-vp, ve, edm, flow, found " + kind);
        });
        return switch (kind) {
            case "vp" -> new Vp(s.number("betaMin", 0.1), s.number("betaMax", 20), s.number("tMin", 1e-3), s.number("tMax", 1));
            case "sub-vp" -> new SubVp(s.number("betaMin", 0.1), s.number("betaMax", 20), s.number("tMin", 1e-3), s.number("tMax", 1));
            case "ve" -> new Ve(s.number("sigmaMin", 0.01), s.number("sigmaMax", 50), s.number("tMin", 1e-5), s.number("tMax", 1));
            case "edm" -> new Edm(s.number("sigmaMin", 0.002), s.number("sigmaMax", 80), s.number("rho", 7), s.number("sigmaData", 0.5));
            case "vp-discrete" -> discrete(s);
            case "vp-cosine" -> s.has("logSnrMin") || s.has("logSnrMax")
                    ? VpCosine.logSnr(s.number("logSnrMin", -20), s.number("logSnrMax", 20), s.number("tMin", 1e-3))
                    : VpCosine.nichol(s.number("offset", 0.008), s.number("tMin", 1e-3), s.number("tMax", 0.9946));
            case "iddpm" -> VpDiscrete.iddpm((int) s.integer("steps", 2, 1_000_000, 1000), s.number("c1", 0.001), s.number("c2", 0.008));
            default -> new RectifiedFlow(s.number("tMin", 1e-3), s.number("tMax", 1 - 1e-9));
        };
    }

    private static Schedule discrete(Fields s) {
        if (s.isList("betas")) {
            s.only("kind", "betas");
            return VpDiscrete.of(s.numbers("betas"));
        }
        int steps = (int) s.integer("steps", 2, 1_000_000, 1000);
        return switch (s.text("betas", "linear")) {
            case "linear" -> VpDiscrete.linear(s.number("betaMin", 1e-4), s.number("betaMax", 0.02), steps);
            case "scaled-linear" -> VpDiscrete.scaledLinear(s.number("betaMin", 8.5e-4), s.number("betaMax", 0.012), steps);
            case "cosine" -> {
                s.only("kind", "betas", "steps");
                yield VpDiscrete.cosine(steps);
            }
            default -> throw s.error("betas", "must be linear, scaled-linear, cosine or a list of numbers, found " + s.text("betas"));
        };
    }

    /** Adds file and line to what a constructor complains about. */
    static <T> T checked(Fields f, String name, java.util.function.Supplier<T> make) {
        try {
            return make.get();
        } catch (SpecException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw f.error(name, "is wrong: " + e.getMessage());
        }
    }

    /** The schedule in a few words. */
    public String objective() {
        String kind = switch (spec.schedule()) {
            case VpDiscrete d -> "VP, " + d.steps() + " steps";
            case Vp _ -> "VP";
            case SubVp _ -> "sub-VP";
            case Ve _ -> "VE";
            case Edm _ -> "EDM";
            case VpCosine _ -> "VP, cosine";
            case RectifiedFlow _ -> "flow";
        };
        String predicts = switch (spec.parameterization()) {
            case Parameterization.Epsilon _ -> "ε prediction";
            case Parameterization.X0 _ -> "x₀ prediction";
            case Parameterization.V _ -> "v prediction";
            case Parameterization.Score _ -> "score";
            case Parameterization.Edm _ -> "EDM preconditioning";
            case Parameterization.Ve _ -> "VE preconditioning";
            case Parameterization.Velocity _ -> "velocity";
            case Parameterization.Consistency _ -> "consistency";
        };
        return spec.schedule() instanceof Edm && spec.parameterization() instanceof Parameterization.Edm
                ? predicts
                : predicts + ", " + kind;
    }

}
