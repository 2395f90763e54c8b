package dev.reprise.audit.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.SamplerKind;
import dev.reprise.samplers.Samplers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** `samplers`, `invert`, and what `sample` does on the way from noise to image. */
class SamplersCommandTest {
    private static final Path PARITY = Path.of("../test/src/test/resources/parity");

    @TempDir
    Path folder;

    private Path at(String name) { return folder.resolve(name); }

    private static Cli good(Object... args) {
        Cli c = Cli.run(args);
        assertThat(c.code()).as(c.err()).isZero();
        return c;
    }

    private static double[] array(Path file, String name) {
        try (Arena arena = Arena.ofConfined()) {
            return Npz.read(file, arena).get(name).toDoubles();
        }
    }

    @Test
    void listsEverySamplerAndExplainsEveryOption() {
        String all = good("samplers").out();
        for (SamplerKind k : Samplers.list()) {
            assertThat(all).contains(k.name());
            String one = good("samplers", k.name()).out();
            assertThat(one).contains(k.source());
            for (String o : k.options().keySet())
                assertThat(SamplerKind.MEANING).as(k.name()).containsKey(o);
        }
        assertThat(good("samplers", "--json").out()).contains("\"dpm-solver-3\"");
        assertThat(Cli.run("samplers", "magic").err()).contains("magic").contains("heun");
        assertThat(Cli.run("samplers", "dpm-slover-3").err()).contains("did you mean 'dpm-solver-3'?");
        assertThat(good("samplers", "edm-heun").out()).startsWith("heun: ").contains("--skip");
    }

    /** What can be seen before the work is said before it. */
    @Test
    void placesOfResultsAreLookedAtFirst() throws IOException {
        Path file = Files.writeString(at("file"), "x");
        for (Object[] c : new Object[][]{{"--out", at("a.npy"), "", "must end in .npz"},
            {"--out", file.resolve("a.npz"), "", "is no folder"},
            {"--out", at("a.npz"), "--grid=" + at("a.jpg"), "must end in .png"},
            {"--out", at("a.npz"), "--save-trajectory=" + folder, "must end in .npz"},
            {"--out", at("a.npz"), "--certificate=" + at("c.txt"), "must end in .json"}}) {
            Object[] head = {"sample", "embedded:unet-ddpm", "--steps", 3, "--seeds", "0", c[0], c[1], "--threads", 2, c[2]};
            Cli r = Cli.run(c[2].equals("") ? Arrays.copyOf(head, 10) : head);
            assertThat(r.code()).as(r.err()).isIn(2, 3);
            assertThat(r.err()).contains(c[3].toString()).doesNotContain("sampling");
        }
        assertThat(Cli.run("noise", "--noise", "torch:seed=1", "--shape", "3,x", "--out", at("n.npy")).err()).contains("'3,x'");
        assertThat(Cli.run("sample", "embedded:unet-ddmp", "--seeds", "0", "--out", at("n.npz")).err()).contains("embedded:unet-ddpm,");
    }

    /** Image to noise and back: within the solver's error, which is small beside the distance of other images. */
    @Test
    void invertsWhatItSamples() {
        good("sample", "embedded:unet-ddpm", "--sampler", "dpm-solver-3", "--steps", 30, "--skip", "logsnr", "--seeds", "0-1", "--out",
                at("a.npz"));
        good("invert", "embedded:unet-ddpm", at("a.npz"), "--sampler", "dpm-solver-3", "--steps", 30, "--out", at("n.npz"));
        good("sample", "embedded:unet-ddpm", "--sampler", "dpm-solver-3", "--steps", 30, "--noise-file", at("n.npz"), "--out", at("b.npz"));
        double[] a = array(at("a.npz"), "samples"), b = array(at("b.npz"), "samples"), noise = array(at("a.npz"), "noise"),
                n = array(at("n.npz"), "noise");
        assertThat(mean(a, b)).isLessThan(0.05);
        // The noise found is near the one that the image was made of, though the map squeezes most of it away.
        assertThat(mean(noise, n)).isLessThan(0.3);
        assertThat(Cli.run("invert", "embedded:unet-ddpm", at("a.npz"), "--sampler", "ddpm", "--steps", 5, "--out", at("n.npz")).err())
                .contains("stochastic").hasLineCount(1);
    }

    private static double mean(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++)
            sum += Math.abs(a[i] - b[i]);
        return sum / a.length;
    }

    @Test
    void keepsTheTrajectory() {
        good("sample", "embedded:unet-ddpm", "--sampler", "heun", "--steps", 3, "--seeds", "0-2", "--batch", 2, "--out", at("a.npz"),
                "--save-trajectory", at("t.npz"));
        try (Arena arena = Arena.ofConfined()) {
            Map<String, Tensor> t = Npz.read(at("t.npz"), arena);
            assertThat(t.get("states").shape().dims()).containsExactly(4, 3, 3, 16, 16);
            assertThat(t.get("sigma").rows(3, 4).toDoubles()).containsExactly(0, 0, 0);
            assertThat(t.get("states").rows(3, 4).toFloats()).containsExactly(Npz.read(at("a.npz"), arena).get("samples").toFloats());
        }
    }

    @Test
    void freshNoiseIsOfEachSeed() throws IOException {
        good("sample", "embedded:unet-ddpm", "--sampler", "ddpm", "--steps", 3, "--seeds", "4-6", "--out", at("a.npz"), "--batch", 2);
        good("sample", "embedded:unet-ddpm", "--sampler", "ddpm", "--steps", 3, "--seeds", "6", "--out", at("b.npz"));
        double[] a = array(at("a.npz"), "samples"), b = array(at("b.npz"), "samples");
        for (int i = 0; i < b.length; i++)
            assertThat(a[2 * b.length + i]).isEqualTo(b[i]);
        assertThat(Cli
                .run("sample", "embedded:unet-ddpm", "--sampler", "ddpm", "--steps", 3, "--noise-file", at("a.npz"), "--out", at("c.npz"))
                .err())
                .contains("seeds");
    }

    @Test
    void guidanceAndThreshold() {
        Object[] base = {"sample", "embedded:unet-edm", "--steps", 3, "--seeds", "0", "--class", "ring", "--out"};
        good(with(base, at("a.npz")));
        good(with(base, at("b.npz"), "--guidance", 1));
        good(with(base, at("c.npz"), "--guidance", 3, "--threshold", "clip"));
        assertThat(array(at("b.npz"), "samples")).containsExactly(array(at("a.npz"), "samples"));
        double[] c = array(at("c.npz"), "samples");
        assertThat(c).isNotEqualTo(array(at("a.npz"), "samples"));
        for (double v : c)
            assertThat(v).isBetween(-1.0, 1.0);
        good(with(base, at("d.npz"), "--guidance", 1, "--negative-class", "0"));
        assertThat(Cli.run("sample", "embedded:unet-ddpm", "--steps", 2, "--seeds", "0", "--guidance", 2, "--out", at("e.npz")).err())
                .contains("--class");
        assertThat(Cli.run(with(base, at("e.npz"), "--threshold", "soft")).err()).contains("dynamic");
    }

    private static Object[] with(Object[] base, Object... more) {
        Object[] all = java.util.Arrays.copyOf(base, base.length + more.length);
        System.arraycopy(more, 0, all, base.length, more.length);
        return all;
    }

    /** An int64 time and a one-hot label, in a network that PyTorch exported; its samples are PyTorch's. */
    @Test
    void timesAndLabelsTakeTheFormOfTheModel() throws IOException {
        Files.copy(PARITY.resolve("ddpm-17.onnx"), at("ddpm.onnx"));
        Files.writeString(at("ddpm.json"),
                """
                        {"parameterization": "epsilon", "schedule": {"kind": "vp-discrete"}, "inputs": {"sample": "x", "time": "t"}, "time": "index",
                         "sampleShape": [3, 16, 16]}""");
        good("sample", at("ddpm.onnx"), "--sampler", "ddim", "--steps", 10, "--seeds", "0-2", "--out", at("a.npz"));
        close(array(at("a.npz"), "samples"), array(PARITY.resolve("ddpm-ddim.npz"), "samples"), 0);
        assertThat(Cli.run("sample", at("ddpm.onnx"), "--sampler", "heun", "--steps", 3, "--seeds", "0", "--out", at("a.npz")).err())
                .contains("int64").contains("grid=even");

        Files.copy(PARITY.resolve("ddpmpp-edm-17.onnx"), at("edm.onnx"));
        Files.writeString(at("edm.json"),
                """
                        {"parameterization": "x0", "schedule": {"kind": "edm"}, "inputs": {"sample": "x", "time": "sigma", "label": "class_labels"}, "time": "sigma",
                         "sampleShape": [3, 16, 16], "classes": {"count": 5}}""");
        good("sample", at("edm.onnx"), "--sampler", "heun", "--steps", 9, "--seeds", "1", "--class", 1, "--out", at("b.npz"));
        close(array(at("b.npz"), "samples"), array(PARITY.resolve("ddpmpp-edm-heun.npz"), "samples"), 768);
    }

    private static void close(double[] got, double[] all, int from) {
        double largest = 0;
        for (double v : all)
            largest = Math.max(largest, Math.abs(v));
        // Rounding of a float32 network, carried through all steps.
        for (int i = 0; i < got.length; i++)
            assertThat(got[i]).isCloseTo(all[from + i], within(1e-4 * largest));
    }
}
