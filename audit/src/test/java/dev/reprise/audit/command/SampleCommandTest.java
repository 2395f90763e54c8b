package dev.reprise.audit.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.loaders.image.Image;
import dev.reprise.loaders.image.Png;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.noise.TorchGenerator;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleCommandTest {
    @TempDir
    Path folder;

    private Cli sample(String model, String file, Object... more) {
        Object[] args = new Object[8 + more.length];
        Object[] first = {"sample", model, "--sampler", "ddim", "--steps", 2, "--out", folder.resolve(file)};
        System.arraycopy(first, 0, args, 0, first.length);
        System.arraycopy(more, 0, args, first.length, more.length);
        return Cli.run(args);
    }

    @Test
    void writesSamplesNoiseAndSeeds() {
        Cli c = sample("embedded:unet-ddpm", "a.npz", "--seeds", "3-5", "--grid", folder.resolve("a.png"), "--json");
        assertThat(c.code()).as(c.err()).isZero();
        try (Arena arena = Arena.ofConfined()) {
            Map<String, Tensor> a = Npz.read(folder.resolve("a.npz"), arena);
            assertThat(a.keySet()).containsExactly("samples", "noise", "seeds");
            assertThat(a.get("samples").shape().dims()).containsExactly(3, 3, 16, 16);
            assertThat(a.get("seeds").toLongs()).containsExactly(3, 4, 5);
            assertThat(a.get("noise").rows(1, 2).toFloats()).containsExactly(new TorchGenerator(4).randn(768));
            assertThat(Json.MAPPER.readTree(c.out()).get("samplesSha256").asString()).isEqualTo(a.get("samples").sha256());
        }
        Image grid = Png.read(folder.resolve("a.png"));
        assertThat(grid.width()).isGreaterThan(3 * 16);
    }

    @Test
    void noChoiceOfSpeedChangesABit() throws IOException {
        sample("embedded:unet-ddpm", "a.npz", "--seeds", "0-2", "--threads", 1, "--batch", 1);
        sample("embedded:unet-ddpm", "b.npz", "--seeds", "0-2", "--threads", 2, "--batch", 3);
        assertThat(Files.mismatch(folder.resolve("a.npz"), folder.resolve("b.npz"))).isEqualTo(-1);
    }

    @Test
    void classesByNumberAndName() throws IOException {
        assertThat(sample("embedded:unet-edm", "a.npz", "--seeds", "0", "--class", "ring", "--sampler", "euler").code()).isEqualTo(2);
        Cli name = Cli.run("sample", "embedded:unet-edm", "--steps", 2, "--seeds", "0", "--class", "ring", "--out",
                folder.resolve("a.npz"));
        assertThat(name.code()).as(name.err()).isZero();
        Cli.run("sample", "embedded:unet-edm", "--steps", 2, "--seeds", "0", "--class", "3", "--out", folder.resolve("b.npz"));
        Cli.run("sample", "embedded:unet-edm", "--steps", 2, "--seeds", "0", "--out", folder.resolve("c.npz"));
        assertThat(Files.mismatch(folder.resolve("a.npz"), folder.resolve("b.npz"))).isEqualTo(-1);
        assertThat(Files.mismatch(folder.resolve("a.npz"), folder.resolve("c.npz"))).isNotEqualTo(-1);
    }

    @Test
    void mistakesAreNamed() throws IOException {
        assertThat(sample("embedded:unet-ddpm", "a.npz", "--seeds", "0", "--class", "1").err()).contains("unconditional").hasLineCount(1);
        assertThat(sample("embedded:unet-edm", "a.npz", "--seeds", "0", "--class", "hexagon").err()).contains("hexagon")
                .contains("triangle");
        assertThat(sample("embedded:nosuch", "a.npz", "--seeds", "0").err()).contains("embedded:nosuch");
        assertThat(sample("embedded:unet-ddpm", "a.npz", "--seeds", "0", "--set", "speed=9").err()).contains("speed").contains("grid");
        assertThat(sample("embedded:unet-ddpm", "a.npz", "--seeds", "0", "--batch", "0").code()).isEqualTo(2);
        assertThat(Cli.run("sample", "embedded:unet-ddpm", "--sampler", "magic", "--seeds", "0", "--out", folder.resolve("a.npz")).err())
                .contains("magic")
                .contains("dpm-solver-3");
        assertThat(folder.resolve("a.npz")).doesNotExist();

        // Another model's metadata beside it.
        Files.copy(Path.of("../models/unet-ddpm.onnx"), folder.resolve("unet.onnx"));
        Files.copy(Path.of("../models/unet-edm.json"), folder.resolve("unet.json"));
        Cli swapped = sample(folder.resolve("unet.onnx").toString(), "a.npz", "--seeds", "0");
        assertThat(swapped.code()).isEqualTo(2);
        assertThat(swapped.err()).contains("SHA-256").hasLineCount(1);
    }

    @Test
    void theCommandLineGoesOverTheMetadata() throws IOException {
        sample("embedded:unet-ddpm", "a.npz", "--seeds", "0");
        Cli same = sample("embedded:unet-ddpm", "b.npz", "--seeds", "0", "--parameterization", "epsilon", "--schedule",
                "vp-discrete:steps=1000", "--time", "index");
        assertThat(same.code()).as(same.err()).isZero();
        assertThat(Files.mismatch(folder.resolve("a.npz"), folder.resolve("b.npz"))).isEqualTo(-1);
        assertThat(sample("embedded:unet-ddpm", "c.npz", "--seeds", "0", "--schedule", "vp-discrete:betas=cosine").code()).isZero();
        assertThat(Files.mismatch(folder.resolve("a.npz"), folder.resolve("c.npz"))).isNotEqualTo(-1);
        assertThat(sample("embedded:unet-ddpm", "c.npz", "--seeds", "0", "--schedule", "vp-discrete:betas").err()).contains("NAME=VALUE");
    }
}
