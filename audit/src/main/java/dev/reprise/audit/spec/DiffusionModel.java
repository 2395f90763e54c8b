package dev.reprise.audit.spec;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.loaders.weights.WeightBinding;
import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.model.NetworkDenoiser;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;

/** A diffusion model, ready to be sampled: the network, what its metadata says, and a denoiser made of both. */
public final class DiffusionModel implements AutoCloseable {
    private final Model model;
    private final Arena own;
    private final Session session;
    private final Sidecar sidecar;
    private final SessionNetwork network;
    private final NetworkDenoiser denoiser;

    private DiffusionModel(Model model, Arena own, Session session, Sidecar sidecar, SessionNetwork network, NetworkDenoiser denoiser) {
        this.model = model;
        this.own = own;
        this.session = session;
        this.sidecar = sidecar;
        this.network = network;
        this.denoiser = denoiser;
    }

    /**
     * Loads a model.
     *
     * @param overrides what the user says of the model, over what its metadata says
     * @throws IllegalArgumentException where nothing says how to sample it, or that does not fit the model
     */
    public static DiffusionModel open(ModelFile file, Overrides overrides, SessionOptions options, int batch) {
        return open(file, null, overrides, AuditSpec.Mode.STRICT, options, batch);
    }

    /** Likewise, computing in a given mode. */
    public static DiffusionModel open(ModelFile file, Overrides overrides, AuditSpec.Mode mode, SessionOptions options, int batch) {
        return open(file, null, overrides, mode, options, batch);
    }

    /**
     * Likewise, with the weights of another file.
     *
     * @param weights null for the model's own; else the metadata's hash is that of the model without them
     */
    public static DiffusionModel open(ModelFile file, WeightBinding weights, Overrides overrides, AuditSpec.Mode mode,
            SessionOptions options, int batch) {
        if (mode == AuditSpec.Mode.GPU)
            throw new IllegalArgumentException(file + ": mode gpu needs a graphics processor that Reprise can use, and there is none here");
        Model model = file.load(weights);
        Arena own = Arena.ofShared();
        Session session = null;
        try {
            Sidecar sidecar = Sidecar.of(new Fields(file + "'s metadata", overrides.over(file.metadata(model), model, file)), file.name());
            String hash = model.info().metadata().getOrDefault(OnnxLoader.GRAPH, model.info().sha256());
            if (sidecar.sha256() != null && !sidecar.sha256().equals(hash))
                throw new IllegalArgumentException(file + ": the model is not the one that its metadata describes: SHA-256 " + hash
                        + ", expected " + sidecar.sha256());
            if (overrides.training() != null) sidecar = sidecar.trainedOn(overrides.training());
            else
                if (sidecar.training() != null && file.file() != null)
                    sidecar = sidecar.trainedOn(sidecar.training().in(file.file().toAbsolutePath().getParent()));
            if (mode == AuditSpec.Mode.FLOAT16) Weights.roundToHalf(model.graph(), file.toString(), own);
            session = model.session(mode == AuditSpec.Mode.EXACT ? options.plan(options.plan().exact(true)) : options);
            SessionNetwork network = new SessionNetwork(session, sidecar.spec());
            return new DiffusionModel(model, own, session, sidecar, network, new NetworkDenoiser(sidecar.spec(), network, batch));
        } catch (Throwable e) {
            if (session != null) session.close();
            own.close();
            model.close();
            throw e;
        }
    }

    public Model model() { return model; }

    /** Numbers that training found. */
    public long parameters() { return Weights.count(model.graph()); }

    public Sidecar sidecar() { return sidecar; }

    /**
     * The denoiser of a batch.
     *
     * @param label of every sample; null for none
     */
    public Denoiser denoiser(Integer label, int samples) {
        if (label == null) return denoiser;
        long[] labels = new long[samples];
        Arrays.fill(labels, label);
        return denoiser.labelled(labels);
    }

    /**
     * The denoiser of a batch, guided without a classifier.
     *
     * @param label    of every sample
     * @param negative the label to steer away from; null for "no class"
     * @param weight   1 is the conditional model
     */
    public Denoiser guided(int label, Integer negative, double weight, int samples) {
        long[] labels = new long[samples];
        Arrays.fill(labels, label);
        return denoiser.guided(weight, negative == null ? null : (long) negative, labels);
    }

    /** The number of a class given by number or name. */
    public int label(String text) {
        if (sidecar.spec().classes() == null)
            throw new IllegalArgumentException(sidecar.spec().name() + " is unconditional: it takes no class");
        List<String> names = sidecar.spec().classes().names();
        if (names.contains(text)) return names.indexOf(text);
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("class '" + text + "' is not known; " + sidecar.spec().name() + " has " + (names.isEmpty()
                    ? "0 to " + (sidecar.spec().classes().count() - 1)
                    : String.join(", ", names)), e);
        }
    }

    /** Samples times evaluations of the network so far. */
    public long evaluations() { return network.rows(); }

    @Override
    public void close() {
        denoiser.close();
        session.close();
        own.close();
        model.close();
    }
}
