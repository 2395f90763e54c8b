package dev.reprise.audit.spec;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.metrics.ModelDescriptor;
import dev.reprise.metrics.Preprocess;
import java.util.Arrays;

/**
 * A descriptor model that is open: the network and how images are prepared for it.
 *
 * @param threshold of similarity that its metadata suggests, or null
 */
public record Descriptors(Model model, Session session, ModelDescriptor descriptor, Double threshold) implements AutoCloseable {
    private static final int BATCH = 32;

    /** Without metadata a model is taken to be one of SSCD's: one image of 320 x 320 in, one vector out. */
    public static Descriptors open(ModelFile file, SessionOptions options) {
        Model model = file.load();
        Session session = null;
        try {
            Tree.Mapping metadata = file.metadata(model);
            session = model.session(options);
            if (metadata == null) {
                String in = model.graph().inputs().getFirst().name(), out = model.graph().outputs().getFirst().name();
                return new Descriptors(model, session, new ModelDescriptor(file.name(), session, in, out, Preprocess.SSCD, BATCH), null);
            }
            Fields f = new Fields(file + "'s metadata", metadata);
            if (!f.text("kind", "diffusion model").equals("descriptor")) throw f.error("kind", "must be descriptor");
            Fields p = f.object("preprocess");
            Preprocess preprocess = Sidecar.checked(f, "preprocess",
                    () -> new Preprocess((int) p.integer("size", 0, 1 << 14, 0), (float) p.number("scale", 255),
                            floats(p.numbers("mean")), floats(p.numbers("std"))));
            ModelDescriptor d = new ModelDescriptor(file.name(), session, f.object("inputs").text("image"), f.text("output"), preprocess,
                    BATCH);
            return new Descriptors(model, session, d, f.has("threshold") ? f.number("threshold") : null);
        } catch (Throwable e) {
            if (session != null) session.close();
            model.close();
            throw e;
        }
    }

    /** Everything that decides what its numbers are, as text. */
    public String meaning() {
        return model.info().sha256() + " " + descriptor.input() + " " + descriptor.output() + " " + descriptor.preprocess().size() + " "
                + descriptor.preprocess().scale() + " " + Arrays.toString(descriptor.preprocess().mean()) + " "
                + Arrays.toString(descriptor.preprocess().std());
    }

    private static float[] floats(double[] v) {
        float[] f = new float[v.length];
        for (int i = 0; i < v.length; i++)
            f[i] = (float) v[i];
        return f;
    }

    @Override
    public void close() {
        session.close();
        model.close();
    }
}
