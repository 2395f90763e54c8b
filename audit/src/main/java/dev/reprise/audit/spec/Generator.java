package dev.reprise.audit.spec;

import dev.reprise.audit.cache.Key;
import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;

/**
 * A network that makes an image of a latent at once: the generator of a GAN, the decoder of a VAE. Beside it may lie metadata:
 * {@code kind: generator}, {@code inputs.latent}, {@code output}, {@code latentShape}, {@code range}, {@code architecture},
 * {@code training}; without, its only input is
 * the latent, of the shape that the model declares, and its only output an image in [-1, 1].
 */
public final class Generator implements AutoCloseable {
    private final Model model;
    private final Session session;
    private final String input, output, meaning;
    private final Shape latent;
    private final ModelRange range;
    private final String architecture;
    private final Sidecar.Training training;

    /** Images are {@code 2 (x − min) / (max − min) − 1}. */
    private record ModelRange(double min, double max) {}

    private Generator(Model model, Session session, String input, String output, Shape latent, ModelRange range, String architecture,
            Sidecar.Training training) {
        this.model = model;
        this.session = session;
        this.input = input;
        this.output = output;
        this.latent = latent;
        this.range = range;
        this.architecture = architecture;
        this.training = training;
        meaning = input + " " + latent + " " + output + " " + range;
    }

    /** @throws IllegalArgumentException where the model is none of this form */
    public static Generator open(ModelFile file, SessionOptions options) {
        Model model = file.load();
        try {
            Tree.Mapping metadata = file.metadata(model);
            List<Value> in = model.graph().inputs(), out = model.graph().outputs();
            if (metadata == null) {
                if (in.size() != 1 || out.size() != 1)
                    throw new IllegalArgumentException(
                            file + ": a generator without metadata must have one input and one output, found " + in
                                    + " and " + out + "; put " + file.name() + ".json beside it");
                return new Generator(model, model.session(options), in.getFirst().name(), out.getFirst().name(),
                        declared(file, in.getFirst()),
                        new ModelRange(-1, 1), "makes an image of a latent at once", null);
            }
            Fields f = new Fields(file + "'s metadata", metadata);
            if (!f.text("kind", "diffusion model").equals("generator")) throw f.error("kind", "must be generator");
            double[] r = f.has("range") ? f.numbers("range") : new double[]{-1, 1};
            if (r.length != 2 || !(r[0] < r[1])) throw f.error("range", "must be [min, max]");
            String name = f.has("inputs") ? f.object("inputs").text("latent") : in.getFirst().name();
            Value v = in.stream().filter(x -> x.name().equals(name)).findFirst()
                    .orElseThrow(() -> f.error("inputs", "names '" + name + "', the model's inputs are " + in));
            Shape shape = f.has("latentShape") ? Shape.of(f.integers("latentShape")) : declared(file, v);
            return new Generator(model, model.session(options), name, f.text("output", out.getFirst().name()), shape,
                    new ModelRange(r[0], r[1]), f.text("architecture", "makes an image of a latent at once"), Sidecar.training(f));
        } catch (Throwable e) {
            model.close();
            throw e;
        }
    }

    private static Shape declared(ModelFile file, Value v) {
        if (v.type() instanceof ValueType.TensorType t && t.dtype() == DType.FLOAT32 && t.dims() != null && t.dims().size() > 1
                && t.dims().stream().skip(1).allMatch(d -> d instanceof ValueType.Dim.Known))
            return Shape.of(t.dims().stream().skip(1).mapToLong(d -> ((ValueType.Dim.Known) d).size()).toArray());
        throw new IllegalArgumentException(
                file + ": the latent's shape is not known from " + v + "; give 'latentShape' in " + file.name() + ".json");
    }

    /** Images in [-1, 1], float32 (N, C, H, W), of latents (N, latent shape…). */
    public Tensor images(Tensor latents, Arena arena) {
        Tensor x = session.run(Map.of(input, latents), arena).get(output);
        if (x == null) throw new IllegalArgumentException(model.info().name() + ": the generator has no output '" + output + "'");
        if (x.dtype() != DType.FLOAT32 || x.shape().rank() != 4)
            throw new IllegalArgumentException(model.info().name() + ": output '" + output + "' must be float32 (N, C, H, W), found " + x);
        if (range.min == -1 && range.max == 1) return x;
        Tensor scaled = Tensor.allocate(arena, DType.FLOAT32, x.shape());
        for (long i = 0; i < x.size(); i++)
            scaled.setFloat(i, (float) (2 * (x.getFloat(i) - range.min) / (range.max - range.min) - 1));
        return scaled;
    }

    public Shape latent() { return latent; }

    /** In words. */
    public String architecture() { return architecture; }

    /** The images that it was trained on; null where nothing says. */
    public Sidecar.Training training() { return training; }

    public String sha256() { return model.info().sha256(); }

    public long parameters() { return Weights.count(model.graph()); }

    /** Which numbers are what, for keys. */
    public String meaning() { return Key.sha256(meaning); }

    @Override
    public void close() {
        session.close();
        model.close();
    }
}
