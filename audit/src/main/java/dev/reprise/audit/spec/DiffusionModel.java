package dev.reprise.audit.spec;

import dev.reprise.audit.cache.Key;
import dev.reprise.engine.Model;
import dev.reprise.engine.SessionOptions;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.loaders.weights.WeightBinding;
import dev.reprise.ops.device.CpuDevice;
import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.model.ModelSpec;
import dev.reprise.samplers.model.Multistage;
import dev.reprise.samplers.model.NetworkDenoiser;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A diffusion model, ready to be sampled: the network, or one for each interval of time, what the metadata says, and a denoiser
 * made of all.
 */
public final class DiffusionModel implements AutoCloseable {
    /** @param sigmaMax the highest noise ratio that the part is for */
    private record Placed(double sigmaMax, Part part) {}

    private final List<Placed> stages;
    private final Sidecar sidecar;

    private DiffusionModel(List<Placed> stages, Sidecar sidecar) {
        this.stages = List.copyOf(stages);
        this.sidecar = sidecar;
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
        if (mode == AuditSpec.Mode.GPU && options.plan().device() == CpuDevice.INSTANCE)
            throw new IllegalArgumentException(
                    file + ": mode gpu needs a device other than the CPU: name one with --device (`reprise devices` lists what is there)");
        Model given = file.description() ? null : file.load(weights);
        List<Placed> stages = new ArrayList<>();
        Map<Object, Part> parts = new HashMap<>();
        try {
            Sidecar sidecar = Sidecar.of(new Fields(file + "'s metadata", overrides.over(file.metadata(given), given, file)), file.name());
            if (overrides.training() != null) sidecar = sidecar.trainedOn(overrides.training());
            else
                if (sidecar.training() != null && file.file() != null)
                    sidecar = sidecar.trainedOn(sidecar.training().in(file.file().toAbsolutePath().getParent()));
            ModelSpec spec = sidecar.spec();
            if (weights != null && sidecar.stages().stream().map(Stage::model).distinct().count() > 1)
                throw new IllegalArgumentException(file + " is made of several files, and --weights is for one");
            for (Stage stage : sidecar.stages()) {
                ModelFile its = stage.model() == null ? file : file.beside(stage.model());
                if (its.description())
                    throw new IllegalArgumentException(file + ": 'model' must name an ONNX file, "
                            + (stage.model() == null ? "and is missing" : "found " + stage.model()));
                List<Object> source = Arrays.asList(stage.model(), stage.output());
                Part part = parts.get(source);
                if (part == null) {
                    Model model = its == file && given != null ? given : its.load(weights);
                    if (model == given) given = null;
                    parts.put(source, part = new Part(its, model, spec.withOutput(stage.output()), stage.sha256(), mode, options, batch));
                }
                stages.add(new Placed(stage.sigmaMax(spec.schedule()), part));
            }
            return new DiffusionModel(stages, sidecar);
        } catch (Throwable e) {
            parts.values().forEach(Part::close);
            throw e;
        } finally {
            if (given != null) given.close();
        }
    }

    /** The parts, each once. */
    private Stream<Part> parts() { return stages.stream().map(Placed::part).distinct(); }

    /** The file's name. */
    public String name() {
        return stages.size() == 1 ? stages.getFirst().part.info().name() : sidecar.spec().name();
    }

    /** Of the model file; of several stages, of the lines "hash output" of each. */
    public String sha256() {
        if (stages.size() == 1) return stages.getFirst().part.info().sha256();
        return Key.sha256(IntStream.range(0, stages.size())
                .mapToObj(i -> stages.get(i).part.info().sha256() + " " + sidecar.stages().get(i).output() + "\n")
                .collect(Collectors.joining()));
    }

    /** What weights were bound, in words; null for the file's own. */
    public String weights() {
        return stages.getFirst().part.info().metadata().get(OnnxLoader.WEIGHTS);
    }

    /** The ONNX files that it is made of. */
    public List<ModelFile> files() { return parts().map(Part::file).distinct().toList(); }

    /** Numbers that training found. */
    public long parameters() {
        Map<ModelFile, Long> counts = new HashMap<>();
        parts().forEach(p -> counts.put(p.file(), p.parameters()));
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    public Sidecar sidecar() { return sidecar; }

    /**
     * The denoiser of a batch.
     *
     * @param label of every sample; null for none
     */
    public Denoiser denoiser(Integer label, int samples) {
        if (label == null) return staged(d -> d);
        long[] labels = new long[samples];
        Arrays.fill(labels, label);
        return staged(d -> d.labelled(labels));
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
        return staged(d -> d.guided(weight, negative == null ? null : (long) negative, labels));
    }

    private Denoiser staged(Function<NetworkDenoiser, Denoiser> of) {
        if (stages.size() == 1) return of.apply(stages.getFirst().part.denoiser());
        return new Multistage(stages.stream().map(s -> new Multistage.Stage(s.sigmaMax, of.apply(s.part.denoiser()))).toList());
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

    /** Samples times evaluations of the networks so far. */
    public long evaluations() { return parts().mapToLong(Part::rows).sum(); }

    @Override
    public void close() { parts().forEach(Part::close); }
}
