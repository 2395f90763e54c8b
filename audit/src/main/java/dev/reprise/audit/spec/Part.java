package dev.reprise.audit.spec;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.engine.graph.Value;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.samplers.model.ModelSpec;
import dev.reprise.samplers.model.NetworkDenoiser;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Set;

/** One network of a diffusion model, open: an ONNX file of which one output is computed, and its denoiser. Owns the model. */
final class Part implements AutoCloseable {
    private final ModelFile file;
    private final Model model;
    private final long parameters;
    private final Arena own = Arena.ofShared();
    private final Session session;
    private final SessionNetwork network;
    private final NetworkDenoiser denoiser;

    /**
     * @param model  closed with the part, and also where this fails
     * @param sha256 that the file must have, or null; with weights bound, that of the file without them
     */
    Part(ModelFile file, Model model, ModelSpec spec, String sha256, AuditSpec.Mode mode, SessionOptions options, int batch) {
        this.file = file;
        this.model = model;
        Session opened = null;
        try {
            String hash = model.info().metadata().getOrDefault(OnnxLoader.GRAPH, model.info().sha256());
            if (sha256 != null && !sha256.equals(hash))
                throw new IllegalArgumentException(file + ": the model is not the one that its metadata describes: SHA-256 " + hash
                        + ", expected " + sha256);
            parameters = Weights.count(model.graph());
            if (mode == AuditSpec.Mode.FLOAT16) Weights.roundToHalf(model.graph(), file.toString(), own);
            only(spec.output());
            opened = model.session(mode == AuditSpec.Mode.EXACT ? options.plan(options.plan().exact(true)) : options);
            network = new SessionNetwork(opened, spec);
            denoiser = new NetworkDenoiser(spec, network, batch);
            session = opened;
        } catch (Throwable e) {
            if (opened != null) opened.close();
            own.close();
            model.close();
            throw e;
        }
    }

    /** Leaves one output, so that what only the others need is not computed. */
    private void only(String output) {
        List<Value> outputs = model.graph().outputs();
        if (output == null ? outputs.size() != 1 : outputs.stream().noneMatch(v -> v.name().equals(output)))
            throw new IllegalArgumentException(file + ": 'output' must name one of the model's outputs "
                    + outputs.stream().map(Value::name).toList() + ", found " + output);
        if (output != null) model.graph().keep(Set.of(output));
    }

    ModelFile file() { return file; }

    Model.Info info() { return model.info(); }

    /** Numbers that training found, those for other outputs too. */
    long parameters() { return parameters; }

    NetworkDenoiser denoiser() { return denoiser; }

    /** Samples times evaluations so far. */
    long rows() { return network.rows(); }

    @Override
    public void close() {
        denoiser.close();
        session.close();
        own.close();
        model.close();
    }
}
