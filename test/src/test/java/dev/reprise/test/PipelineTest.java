package dev.reprise.test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reprise.audit.Main;
import dev.reprise.audit.pipeline.Pipeline;
import dev.reprise.engine.SessionOptions;
import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.image.Image;
import dev.reprise.loaders.image.Png;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.diffusers.Scheduler;
import dev.reprise.samplers.noise.Noise;
import dev.reprise.samplers.noise.NormalGenerator;
import dev.reprise.samplers.noise.TorchGenerator;
import dev.reprise.samplers.solver.Progress;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A pipeline with random weights in the layout of a real one, from prompt to image, against PyTorch with diffusers' schedulers
 * ({@code test/recipes/pipeline.py}).
 */
class PipelineTest {
    private static final Path FOLDER = ClipTokenizerTest.FOLDER;
    private static final String PROMPT = "A photo of a small red circle, 3 of 4; it's the same!";
    /** Of images in [−1, 1], and relative to the largest element of latents: float32 networks on both sides, and guidance of 7.5. */
    private static final double TOLERANCE = 1e-3;

    @TempDir
    Path temp;

    private static Pipeline.Result sample(Pipeline p, String scheduler, int steps, double guidance, int batch, Arena arena, long first,
            long last) {
        Scheduler s = p.scheduler(scheduler, steps);
        Tensor noise = Noise.perSeed(arena, first, last, p.latent(null, null));
        List<NormalGenerator> streams = LongStream.rangeClosed(first, last).mapToObj(seed -> {
            NormalGenerator g = new TorchGenerator(seed);
            g.randn(Math.toIntExact(p.latent(null, null).size()));
            return g;
        }).toList();
        return p.sample(new Pipeline.Request(PROMPT, "a poster", guidance, s, noise, streams, batch), arena, Progress.NONE);
    }

    private static double distance(Tensor want, Tensor got, boolean relative) {
        assertEquals(want.shape(), got.shape());
        double worst = 0, largest = relative ? 0 : 1;
        for (long i = 0; i < want.size(); i++) {
            double d = Math.abs(want.getDouble(i) - got.getDouble(i));
            worst = d >= 0 ? Math.max(worst, d) : Double.POSITIVE_INFINITY;
            if (relative) largest = Math.max(largest, Math.abs(want.getDouble(i)));
        }
        return worst / largest;
    }

    @ParameterizedTest
    @CsvSource({"pndm, 8, 7.5", "ddim, 6, 1", "euler, 6, 7.5", "euler-ancestral, 6, 7.5", "dpm-multistep, 6, 7.5", "unipc, 6, 7.5",
        "heun, 4, 7.5"})
    void samplesWhatPyTorchSamples(String name, int steps, double guidance) {
        try (Pipeline p = Pipeline.open(FOLDER, SessionOptions.DEFAULT.threads(2)); Arena arena = Arena.ofShared()) {
            Map<String, Tensor> want = Npz.read(FOLDER.resolve("expected.npz"), arena);
            // The folder's own scheduler is PNDM.
            Pipeline.Result got = sample(p, name.equals("pndm") ? null : name, steps, guidance, 2, arena, 3, 4);
            double latents = distance(want.get(name + ".latents"), got.latents(), true);
            assertTrue(latents <= TOLERANCE, "latents are off by " + latents);
            Tensor images = want.get(name + ".images");
            if (images != null) {
                double d = distance(images, got.images(), false);
                assertTrue(d <= TOLERANCE, "images are off by " + d);
            }
            assertEquals((guidance > 1 ? 2 : 1) * 2L * p.scheduler(name, steps).timesteps().length, got.rows());
        }
    }

    @Test
    void aSeedsBitsDependOnNothingElse() {
        try (Pipeline p = Pipeline.open(FOLDER, SessionOptions.DEFAULT.threads(2)); Arena arena = Arena.ofShared()) {
            Pipeline.Result together = sample(p, "euler-ancestral", 3, 7.5, 3, arena, 5, 7),
                    alone = sample(p, "euler-ancestral", 3, 7.5, 1, arena, 7, 7);
            assertEquals(alone.images().sha256(), together.images().rows(2, 3).sha256());
            assertEquals(alone.latents().sha256(), together.latents().rows(2, 3).sha256());
        }
    }

    @Test
    void halfWeightsSampleNearlyTheSame() throws IOException {
        Path half = copy();
        Files.copy(FOLDER.resolve("unet-half.onnx"), half.resolve("unet/model.onnx"));
        try (Pipeline p = Pipeline.open(half, SessionOptions.DEFAULT.threads(2)); Arena arena = Arena.ofShared()) {
            Map<String, Tensor> want = Npz.read(FOLDER.resolve("expected.npz"), arena);
            Pipeline.Result got = sample(p, "ddim", 6, 1, 2, arena, 3, 4);
            // float16 has 11 bits and every operator rounds to it; measured 8e-4.
            double d = distance(want.get("ddim.latents"), got.latents(), true);
            assertTrue(d <= 5e-3, "latents are off by " + d);
            assertTrue(d > 1e-5, "float16 must round, but the latents are off by only " + d);
        }
    }

    @Test
    void commandWritesAnImageForEachSeed() throws IOException {
        Path out = temp.resolve("out");
        StringWriter said = new StringWriter();
        int code = Main.commandLine().setOut(new PrintWriter(said)).setErr(new PrintWriter(said)).execute("sample", FOLDER.toString(),
                "--prompt", PROMPT, "--negative-prompt", "a poster", "--steps", "8", "--seeds", "3-4", "--out", out.toString());
        assertEquals(0, code, said.toString());
        assertTrue(said.toString().contains("PNDMScheduler, 8 steps"), said.toString());
        try (Arena arena = Arena.ofShared()) {
            Tensor want = Npz.read(FOLDER.resolve("expected.npz"), arena).get("pndm.images");
            for (int i = 0; i < 2; i++) {
                Image expected = Image.of(want, i), got = Png.read(out.resolve("seed-" + (3 + i) + ".png"));
                int worst = 0;
                for (int k = 0; k < expected.rgb().length; k++)
                    worst = Math.max(worst, Math.abs((expected.rgb()[k] & 0xFF) - (got.rgb()[k] & 0xFF)));
                assertTrue(worst <= 1, "an 8-bit pixel is off by " + worst);
            }
        }
        StringWriter verified = new StringWriter();
        code = Main.commandLine().setOut(new PrintWriter(verified)).setErr(new PrintWriter(verified)).execute("verify",
                out.resolve("certificate.json").toString());
        assertEquals(0, code, verified.toString());
        assertTrue(verified.toString().contains("images"), verified.toString());
        try (Stream<Path> files = Files.list(out)) {
            assertArrayEquals(new String[]{"certificate.json", "sample.json", "samples.npz", "seed-3.png", "seed-4.png"},
                    files.map(f -> f.getFileName().toString()).sorted().toArray());
        }
    }

    record Fault(String file, String from, String to, List<String> says) {}

    static List<Fault> faults() {
        return List.of(
                new Fault("model_index.json", "StableDiffusionPipeline", "StableDiffusionXLPipeline",
                        List.of("model_index.json", "_class_name", "StableDiffusionXLPipeline")),
                new Fault("model_index.json", "\"feature_extractor\"",
                        "\"text_encoder_2\": [\"optimum\", \"ORTModel\"], \"feature_extractor\"", List.of("text_encoder_2")),
                new Fault("scheduler/scheduler_config.json", "PNDMScheduler", "KDPM2DiscreteScheduler",
                        List.of("scheduler_config.json", "_class_name", "KDPM2DiscreteScheduler")),
                new Fault("scheduler/scheduler_config.json", "scaled_linear", "sigmoid",
                        List.of("scheduler_config.json", "beta_schedule", "sigmoid", "scaled_linear")),
                new Fault("scheduler/scheduler_config.json", "\"beta_end\"", "\"beta_ende\"",
                        List.of("scheduler_config.json", "beta_ende")),
                new Fault("scheduler/scheduler_config.json", "\"leading\"", "\"leading\",,", List.of("scheduler_config.json", "line")),
                new Fault("unet/config.json", "\"sample_size\": 8", "\"sample_size\": null",
                        List.of("unet", "config.json", "sample_size", "--height")),
                new Fault("vae_decoder/config.json", "0.18215", "\"small\"",
                        List.of("vae_decoder", "config.json", "scaling_factor", "small")),
                new Fault("tokenizer/tokenizer_config.json", "CLIPTokenizer", "T5Tokenizer",
                        List.of("tokenizer_config.json", "tokenizer_class", "T5Tokenizer")),
                new Fault("tokenizer/merges.txt", "#version: 0.2\n", "#version: 0.2\nabc\n", List.of("merges.txt", "line 2")));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void errorsNameFileAndKey(Fault f) throws IOException {
        Path broken = copy();
        Files.copy(FOLDER.resolve("unet/model.onnx"), broken.resolve("unet/model.onnx"));
        Path file = broken.resolve(f.file);
        String text = Files.readString(file);
        assertTrue(text.contains(f.from), "the fault must be one");
        Files.writeString(file, text.replace(f.from, f.to));
        RuntimeException e = assertThrows(RuntimeException.class, () -> {
            try (Pipeline p = Pipeline.open(broken, SessionOptions.DEFAULT.threads(1)); Arena arena = Arena.ofShared()) {
                sample(p, null, 1, 7.5, 1, arena, 0, 0);
            }
        });
        assertTrue(e instanceof LoadException || e instanceof IllegalArgumentException, e.toString());
        for (String s : f.says)
            assertTrue(e.getMessage().contains(s), e.getMessage() + " does not say " + s);
    }

    @Test
    void aMissingNetworkIsNamed() throws IOException {
        Path broken = copy();
        LoadException e = assertThrows(LoadException.class, () -> Pipeline.open(broken, SessionOptions.DEFAULT));
        assertTrue(e.getMessage().contains(Path.of("unet", "model.onnx").toString()), e.getMessage());
    }

    /** The folder without the U-Net's weights. */
    private Path copy() throws IOException {
        Path to = Files.createDirectory(temp.resolve("pipeline"));
        try (Stream<Path> all = Files.walk(FOLDER)) {
            for (Path p : all.filter(p -> Files.isRegularFile(p) && !p.endsWith(Path.of("unet", "model.onnx"))).toList()) {
                Path target = to.resolve(FOLDER.relativize(p).toString());
                Files.createDirectories(target.getParent());
                Files.copy(p, target);
            }
        }
        return to;
    }
}
