package dev.reprise.audit.spec;

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
import java.util.List;
import java.util.Map;

/**
 * What a model's metadata (the file {@code NAME.json} beside {@code NAME.onnx}, or the key {@code reprise} of the ONNX
 * file's own metadata) says; its fields are described in {@code models/README.md}.
 *
 * @param architecture in words, or ""
 * @param training     null where it does not say
 * @param sha256       that the model file must have, or null
 * @param meaning      everything that decides what the network's numbers mean, as one line of text: no name, no training
 */
public record Sidecar(ModelSpec spec, String architecture, Training training, String sha256, String meaning) {
    /** Images {@code first … first + count − 1} of a generated data set. */
    public record Training(String dataset, long seed, long first, int count) {
        @Override
        public String toString() { return String.format(java.util.Locale.ROOT, "%s %,d to %,d", dataset, first, first + count - 1); }
    }

    static Sidecar of(Fields f, String name) {
        if (f.has("kind")) throw f.error("kind", "is " + f.text("kind") + ": this is no diffusion model");
        Fields in = f.object("inputs");
        ModelSpec.Inputs inputs = new ModelSpec.Inputs(in.text("sample"), in.text("time", null), in.text("label", null));
        Schedule schedule = checked(f, "schedule", () -> schedule(f.object("schedule")));
        double sigmaData = schedule instanceof Edm e ? e.sigmaData() : f.number("sigmaData", 0.5);
        Parameterization p = checked(f, "parameterization", () -> Parameterization.named(f.text("parameterization"), sigmaData));
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
            suggestion = new ModelSpec.Suggestion(f.object("sampler").text("name"), (int) f.object("sampler").integer("steps", 1, 100_000));
        String title = f.text("name", name);
        ModelSpec.Range clean = range;
        ModelSpec.Suggestion suggested = suggestion;
        ModelSpec spec = checked(f, "parameterization",
                () -> new ModelSpec(title, p, schedule, time, inputs, f.text("output", null), shape, clean, classes(f), suggested));
        return new Sidecar(spec, f.text("architecture", ""), training(f), f.text("sha256", null),
                f.canonical("name", "architecture", "training", "sampler", "sha256"));
    }

    private static ModelSpec.Classes classes(Fields f) {
        if (!f.has("classes")) return null;
        Fields c = f.object("classes");
        Integer none = c.has("null") ? (int) c.integer("null", 0, Integer.MAX_VALUE) : null;
        return checked(f, "classes", () -> new ModelSpec.Classes((int) c.integer("count", 1, Integer.MAX_VALUE), none,
                c.has("names") ? c.texts("names") : List.of()));
    }

    private static Training training(Fields f) {
        if (!f.has("training") || !f.object("training").has("dataset")) return null;
        Fields t = f.object("training");
        return new Training(t.text("dataset"), t.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE),
                t.integer("first", 0, Long.MAX_VALUE / 2, 0),
                (int) t.integer("count", 1, 100_000_000));
    }

    private static Schedule schedule(Fields s) {
        return switch (s.text("kind")) {
            case "vp" -> new Vp(s.number("betaMin", 0.1), s.number("betaMax", 20), s.number("tMin", 1e-3), s.number("tMax", 1));
            case "sub-vp" -> new SubVp(s.number("betaMin", 0.1), s.number("betaMax", 20), s.number("tMin", 1e-3), s.number("tMax", 1));
            case "ve" -> new Ve(s.number("sigmaMin", 0.01), s.number("sigmaMax", 50), s.number("tMin", 1e-5), s.number("tMax", 1));
            case "edm" -> new Edm(s.number("sigmaMin", 0.002), s.number("sigmaMax", 80), s.number("rho", 7), s.number("sigmaData", 0.5));
            case "vp-discrete" -> discrete(s);
            default -> throw s.error("kind", "must be one of vp, vp-discrete, sub-vp, ve, edm, found " + s.text("kind"));
        };
    }

    private static Schedule discrete(Fields s) {
        int steps = (int) s.integer("steps", 2, 1_000_000, 1000);
        return switch (s.text("betas", "linear")) {
            case "linear" -> VpDiscrete.linear(s.number("betaMin", 1e-4), s.number("betaMax", 0.02), steps);
            case "scaled-linear" -> VpDiscrete.scaledLinear(s.number("betaMin", 8.5e-4), s.number("betaMax", 0.012), steps);
            case "cosine" -> VpDiscrete.cosine(steps);
            default -> throw s.error("betas", "must be linear, scaled-linear or cosine, found " + s.text("betas"));
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
