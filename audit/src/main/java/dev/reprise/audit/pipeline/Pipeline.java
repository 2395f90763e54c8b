package dev.reprise.audit.pipeline;

import dev.reprise.engine.SessionOptions;
import dev.reprise.loaders.LoadException;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.diffusers.Scheduler;
import dev.reprise.samplers.diffusers.SchedulerConfig;
import dev.reprise.samplers.diffusers.Schedulers;
import dev.reprise.samplers.noise.NormalGenerator;
import dev.reprise.samplers.solver.Progress;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A text-to-image pipeline of Stable Diffusion's kind (Rombach et al. 2022) from the folder that diffusers or Optimum exported:
 * {@code model_index.json}, {@code scheduler/}, {@code tokenizer/}, {@code text_encoder/}, {@code unet/}, {@code vae_decoder/}. It computes what
 * diffusers' ONNX pipeline computes from PyTorch's noise, but for the safety checker, which it does not run.
 */
public final class Pipeline implements AutoCloseable {
    /** Classes of pipeline that are made of these parts and nothing else. */
    private static final Set<String> CLASSES = Set.of("StableDiffusionPipeline", "OnnxStableDiffusionPipeline",
            "StableDiffusionOnnxPipeline",
            "ORTStableDiffusionPipeline", "LatentConsistencyModelPipeline", "ORTLatentConsistencyModelPipeline");
    private static final Set<String> PARTS = Set.of("scheduler", "tokenizer", "text_encoder", "unet", "vae_decoder", "vae_encoder", "vae",
            "safety_checker", "feature_extractor", "image_encoder", "requires_safety_checker");
    /** Stable Diffusion 1's, which diffusers' ONNX pipeline takes for granted. */
    private static final double SCALING = 0.18215;

    private final Path folder;
    private final String kind;
    private final List<Component> open = new ArrayList<>();
    private final TextEncoder text;
    private final Component unet, decoder;

    private Pipeline(Path folder, SessionOptions options) {
        this.folder = folder;
        try {
            JsonFile index = JsonFile.read(folder.resolve("model_index.json"));
            kind = index.text("_class_name");
            if (!CLASSES.contains(kind))
                throw index.error("_class_name", "must be a Stable Diffusion or latent consistency pipeline, one of " + CLASSES);
            for (Map.Entry<String, Object> e : index.entries().entrySet())
                if (!e.getKey().startsWith("_") && !PARTS.contains(e.getKey()) && used(e.getValue()))
                    throw index.error(e.getKey(), "is a part that Reprise does not know");
            Component encoder = part("text_encoder", options, "input_ids", "attention_mask");
            text = new TextEncoder(TokenizerFolder.read(folder.resolve("tokenizer")), encoder);
            unet = part("unet", options, "sample", "timestep", "encoder_hidden_states", "timestep_cond");
            decoder = part("vae_decoder", options, "latent_sample");
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    private static boolean used(Object part) { return part instanceof List<?> l && !l.isEmpty() && l.getFirst() != null; }

    private Component part(String name, SessionOptions options, String... inputs) {
        Component c = new Component(folder.resolve(name), options, inputs);
        open.add(c);
        return c;
    }

    /** Whether a path is such a folder. */
    public static boolean is(Path path) {
        return Files.isRegularFile(path.resolve("model_index.json"));
    }

    /** @throws LoadException where a part is missing or not of the kind that is expected; file and key are named */
    public static Pipeline open(Path folder, SessionOptions options) {
        return new Pipeline(folder, options);
    }

    /** The scheduler of {@code scheduler/scheduler_config.json}, or another one with that file's entries. */
    public Scheduler scheduler(String name, int steps) {
        JsonFile f = schedulerFile();
        Map<String, Object> entries = new LinkedHashMap<>(f.entries());
        if (!kind.contains("LatentConsistency")) {
            // diffusers' Stable Diffusion pipelines do this to the configurations of old exports, and so to all.
            entries.put("steps_offset", 1);
            entries.put("clip_sample", false);
        }
        return Schedulers.of(name, new SchedulerConfig(f.path().toString(), entries), steps);
    }

    /** The name of the class in {@code scheduler_config.json}. */
    public String schedulerClass() {
        return schedulerFile().text("_class_name");
    }

    private JsonFile schedulerFile() { return JsonFile.read(folder.resolve("scheduler").resolve("scheduler_config.json")); }

    /** SHA-256 of the networks by part. */
    public Map<String, String> hashes() {
        Map<String, String> all = new LinkedHashMap<>();
        for (Component c : open)
            all.put(c.file().getParent().getFileName().toString(), c.sha256());
        return all;
    }

    /** The ids that a prompt becomes, padding included. */
    public long[] ids(String prompt) { return text.tokenizer().encode(prompt); }

    /** Tokens of a prompt that do not fit and are cut off. */
    public int cut(String prompt) {
        return Math.max(0, text.tokenizer().tokens(prompt).size() - (text.tokenizer().special().length() - 2));
    }

    /** Pixels to one element of a latent, {@code 2^(blocks − 1)} of the decoder's configuration. */
    public int scale() {
        return decoder.config().has("block_out_channels") ? 1 << decoder.config().list("block_out_channels").size() - 1 : 8;
    }

    /**
     * Shape of a latent.
     *
     * @param height of an image in pixels; null for what the model was trained with
     * @param width  likewise
     */
    public Shape latent(Integer height, Integer width) {
        int channels = unet.config().has("in_channels") ? unet.config().integer("in_channels") : 4;
        return Shape.of(channels, side("height", height, 0), side("width", width, 1));
    }

    private int side(String name, Integer pixels, int axis) {
        if (pixels != null) {
            if (pixels < scale() || pixels % scale() != 0)
                throw new IllegalArgumentException("--" + name + " must be a multiple of " + scale() + ", found " + pixels);
            return pixels / scale();
        }
        Object s = unet.config().entries().get("sample_size");
        if (s instanceof List<?> l && l.size() == 2) s = l.get(axis);
        if (s instanceof Integer n && n > 0) return n;
        throw unet.config().error("sample_size", "must say how large a latent is; or give --height and --width");
    }

    /**
     * What to sample.
     *
     * @param negative what to steer away from; null for the empty prompt
     * @param noise    standard normal (N, C, h, w), float32 or float64
     * @param streams  for schedulers that add noise: each sample's generator, past its initial noise; else empty
     * @param batch    samples that advance together
     */
    public record Request(String prompt, String negative, double guidance, Scheduler scheduler, Tensor noise, List<NormalGenerator> streams,
            int batch) {}

    /**
     * Samples.
     *
     * @param latents (N, C, h, w), float64, before the division by the decoder's scaling factor
     * @param images  (N, 3, H, W), float32, about [−1, 1]
     * @param rows    rows that the U-Net has seen, twice a sample's under guidance
     */
    public record Result(Tensor latents, Tensor images, long rows) {}

    /** Samples images; the bits of one do not depend on the others or on the batch. */
    public Result sample(Request q, Arena arena, Progress progress) {
        if (q.scheduler.stochastic() && q.streams.size() != q.noise.shape().dim(0))
            throw new IllegalArgumentException(
                    "this scheduler adds noise in its steps, so each sample needs a seed of its own: use --seeds");
        TextEncoder.Context prompt = text.encode(q.prompt), negative = text.encode(q.negative == null ? "" : q.negative);
        Shape latent = Shape.of(q.noise.shape().dim(1), q.noise.shape().dim(2), q.noise.shape().dim(3));
        int n = q.noise.shape().dimInt(0), size = Math.toIntExact(latent.size());
        Tensor latents = Tensor.allocate(arena, DType.FLOAT64, q.noise.shape());
        GuidedUnet network = new GuidedUnet(unet, latent, negative, prompt, q.guidance);
        for (int from = 0; from < n; from += q.batch) {
            int begun = from, to = Math.min(n, from + q.batch);
            double[][] x = new double[to - from][size];
            for (int r = 0; r < x.length; r++)
                for (int e = 0; e < size; e++)
                    x[r][e] = q.noise.getDouble((long) (from + r) * size + e) * q.scheduler.initNoiseSigma();
            q.scheduler.solve(network, x, out -> draw(q, begun, out), done -> progress.at((begun + done * (to - begun)) / n));
            for (int r = 0; r < x.length; r++)
                for (int e = 0; e < size; e++)
                    latents.setDouble((long) (from + r) * size + e, x[r][e]);
        }
        return new Result(latents, decode(latents, arena), network.rows());
    }

    /** As PyTorch draws with one generator a sample: the noise of the steps continues the stream of the initial one. */
    private static void draw(Request q, int from, double[][] out) {
        for (int r = 0; r < out.length; r++) {
            NormalGenerator g = q.streams.get(from + r);
            if (q.noise.dtype() == DType.FLOAT64) {
                System.arraycopy(g.randnDouble(out[r].length), 0, out[r], 0, out[r].length);
                continue;
            }
            float[] e = g.randn(out[r].length);
            for (int i = 0; i < e.length; i++)
                out[r][i] = e[i];
        }
    }

    private Tensor decode(Tensor latents, Arena arena) {
        double scaling = decoder.config().number("scaling_factor", SCALING), shift = decoder.config().number("shift_factor", 0);
        int n = latents.shape().dimInt(0), size = Math.toIntExact(latents.size() / n);
        Tensor images = null;
        for (int r = 0; r < n; r++)
            try (Arena local = Arena.ofShared()) {
                double[] z = new double[size];
                for (int e = 0; e < size; e++)
                    z[e] = latents.getDouble((long) r * size + e) / scaling + shift;
                Shape one = Shape.of(1, latents.shape().dim(1), latents.shape().dim(2), latents.shape().dim(3));
                Tensor image = decoder.run(Map.of("latent_sample", decoder.input("latent_sample", local, one, z)), "sample", local);
                Shape s = image.shape();
                if (s.rank() != 4 || s.dim(1) != 3)
                    throw new LoadException(decoder.file().toString(), "must give an image (1, 3, height, width), found " + image);
                if (images == null) images = Tensor.allocate(arena, DType.FLOAT32, Shape.of(n, 3, s.dim(2), s.dim(3)));
                for (long i = 0; i < image.size(); i++)
                    images.setFloat(r * image.size() + i, (float) image.getDouble(i));
            }
        return images;
    }

    @Override
    public void close() { open.forEach(Component::close); }
}
