package dev.reprise.audit.spec;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.loaders.architecture.SscdNetwork;
import dev.reprise.loaders.weights.WeightFile;
import dev.reprise.metrics.Descriptor;
import dev.reprise.metrics.ModelDescriptor;
import dev.reprise.metrics.PixelDescriptor;
import dev.reprise.metrics.Preprocess;
import dev.reprise.ops.parallel.Workers;

/**
 * A descriptor that is open: the network and how images are prepared for it, or the correlation of pixels.
 *
 * <p>A reference is {@code pixels}; {@code embedded:NAME}; an ONNX file, with NAME.json beside it or taken to be an SSCD network; or a
 * file of weights that SSCD's authors publish. {@code sscd:FILE} and {@code sscd-288:FILE} say how images are prepared, whatever stands
 * beside the file: {@link Preprocess#SSCD} or {@link Preprocess#SSCD_288}.
 */
public final class Descriptors implements AutoCloseable {
    private static final int BATCH = 32;

    private final Model model;
    private final Session session;
    private final Workers workers;
    private final Descriptor descriptor;
    private final Double threshold;

    /** Of a network. */
    private Descriptors(Model model, Session session, Descriptor descriptor, Double threshold) {
        this.model = model;
        this.session = session;
        this.workers = session.workers();
        this.descriptor = descriptor;
        this.threshold = threshold;
    }

    /** Of pixels. */
    private Descriptors(SessionOptions options) {
        model = null;
        session = null;
        workers = new Workers(options.threads());
        descriptor = new PixelDescriptor();
        threshold = null;
    }

    /**
     * Opens a descriptor.
     *
     * @throws RuntimeException where its file cannot be loaded, or its metadata is not that of a descriptor
     */
    public static Descriptors open(ModelFile file, SessionOptions options) {
        if (file.pixels()) return new Descriptors(options);
        boolean weights = file.file() != null && WeightFile.isNamedSo(file.file());
        Model model = weights ? SscdNetwork.load(file.file()) : file.load();
        Session session = null;
        try {
            Preprocess asked = file.reference().startsWith(ModelFile.SSCD_288)
                    ? Preprocess.SSCD_288
                    : file.reference().startsWith(ModelFile.SSCD) ? Preprocess.SSCD : null;
            Tree.Mapping metadata = asked != null || weights ? null : file.metadata(model);
            session = model.session(options);
            if (metadata != null) return described(file, model, session, new Fields(file + "'s metadata", metadata));
            String in = model.graph().inputs().getFirst().name(), out = model.graph().outputs().getFirst().name();
            Preprocess p = asked == null ? Preprocess.SSCD : asked;
            return new Descriptors(model, session, new ModelDescriptor(file.name(), session, in, out, p, BATCH), null);
        } catch (Throwable e) {
            if (session != null) session.close();
            model.close();
            throw e;
        }
    }

    private static Descriptors described(ModelFile file, Model model, Session session, Fields f) {
        if (!f.text("kind", "diffusion model").equals("descriptor")) throw f.error("kind", "must be descriptor");
        Fields p = f.object("preprocess");
        Preprocess preprocess = Sidecar.checked(f, "preprocess",
                () -> new Preprocess((int) p.integer("size", 0, 1 << 14, 0), p.flag("shortEdge", false), (float) p.number("scale", 255),
                        floats(p.numbers("mean")), floats(p.numbers("std"))));
        ModelDescriptor d = new ModelDescriptor(file.name(), session, f.object("inputs").text("image"), f.text("output"), preprocess,
                BATCH);
        return new Descriptors(model, session, d, f.has("threshold") ? f.number("threshold") : null);
    }

    private static float[] floats(double[] v) {
        float[] f = new float[v.length];
        for (int i = 0; i < v.length; i++)
            f[i] = (float) v[i];
        return f;
    }

    public Descriptor descriptor() { return descriptor; }

    /** The threads that it describes with. */
    public Workers workers() { return workers; }

    /** Of similarity, that its metadata suggests; or null. */
    public Double threshold() { return threshold; }

    /** Of the network's file; "" where there is none. */
    public String sha256() { return model == null ? "" : model.info().sha256(); }

    /** Everything that decides what its numbers are, as text. */
    public String meaning() { return descriptor.toString(); }

    @Override
    public void close() {
        if (session == null) {
            workers.close();
            return;
        }
        session.close();
        model.close();
    }
}
