package dev.reprise.audit.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.loaders.npy.Npy;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.noise.TorchGenerator;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NoiseCommandTest {
    @TempDir
    Path folder;

    @Test
    void writesWhatTheGeneratorDraws() {
        Path out = folder.resolve("n.npy");
        Cli c = Cli.run("noise", "--noise", "torch:seed=42", "--shape", "4,3,32,32", "--out", out);
        assertThat(c.code()).as(c.err()).isZero();
        assertThat(c.out()).contains("torch-cpu-f32-avx2-v1");
        try (Arena arena = Arena.ofConfined()) {
            Tensor t = Npy.read(out, arena);
            assertThat(t.shape()).isEqualTo(Shape.of(4, 3, 32, 32));
            assertThat(t.toFloats()).containsExactly(new TorchGenerator(42).randn(12288));
        }
    }

    @Test
    void pathsAndPlanes() {
        Path out = folder.resolve("n.npz");
        Cli c = Cli.run("noise", "--noise", "numpy:seed=1", "--noise", "numpy-legacy:seed=2", "--noise", "reprise:seed=3", "--shape",
                "1,3,8,8",
                "--dtype", "float64", "--points", 4, "--out", out, "--json");
        assertThat(c.code()).as(c.err()).isZero();
        assertThat(Json.MAPPER.readTree(c.out()).get("profile").size()).isEqualTo(3);
        try (Arena arena = Arena.ofConfined()) {
            Map<String, Tensor> a = Npz.read(out, arena);
            assertThat(a.get("noise").shape()).isEqualTo(Shape.of(16, 3, 8, 8));
            assertThat(a.get("noise").dtype()).isEqualTo(DType.FLOAT64);
        }
    }

    @Test
    void mistakesAreNamed() {
        Path out = folder.resolve("n.npy");
        assertThat(Cli.run("noise", "--noise", "jax:seed=1", "--shape", "4", "--out", out).err()).contains("torch-cuda").hasLineCount(1);
        assertThat(Cli.run("noise", "--noise", "torch:seed=1", "--shape", "4", "--dtype", "int8", "--out", out).err()).contains("float64");
        assertThat(Cli.run("noise", "--noise", "torch", "--shape", "4", "--out", out).err()).contains("torch:seed=42");
        assertThat(Cli.run("noise", "--noise", "torch:seed=1", "--shape", "4", "--out", folder.resolve("n.txt")).err()).contains(".npz");
        assertThat(Cli.run("noise", "--noise", "torch-cuda:seed=1", "--shape", "70000", "--out", out).err()).contains("device=a100");
        assertThat(out).doesNotExist();
    }

    /** The three ways to give a sampler its noise agree. */
    @Test
    void samplesFromAnyNoise() throws IOException {
        Path noise = folder.resolve("n.npy"), a = folder.resolve("a.npz"), b = folder.resolve("b.npz"), c = folder.resolve("c.npz");
        assertThat(Cli.run("noise", "--noise", "numpy:seeds=5-6", "--shape", "2,3,16,16", "--out", noise).code()).isZero();
        Object[] head = {"sample", "embedded:unet-ddpm", "--sampler", "ddim", "--steps", 1};
        assertThat(sample(head, "--noise-file", noise, "--out", a).code()).isZero();
        assertThat(sample(head, "--noise", "numpy", "--seeds", "5-6", "--out", b).code()).isZero();
        assertThat(sample(head, "--noise", "numpy:seed=5", "--count", 2, "--noise-dtype", "float64", "--out", c).code()).isZero();
        try (Arena arena = Arena.ofConfined()) {
            assertThat(Npz.read(a, arena).get("samples").sha256()).isEqualTo(Npz.read(b, arena).get("samples").sha256());
            assertThat(Npz.read(b, arena).get("seeds").toLongs()).containsExactly(5, 6);
            assertThat(Npz.read(c, arena).get("noise").dtype()).isEqualTo(DType.FLOAT64);
            assertThat(Npz.read(c, arena).get("seeds").toLongs()).containsExactly(5, 5);
        }
        assertThat(sample(head, "--noise", "numpy:seed=5", "--out", c).err()).contains("--count");
        assertThat(sample(head, "--noise", "torch:seed=5", "--seeds", "0-1", "--out", c).err()).contains("leave out");
        assertThat(sample(head, "--noise-file", noise, "--seeds", "0-1", "--out", c).err()).contains("--noise-file");
        assertThat(sample(head, "--out", c).err()).contains("--seeds");
        Files.delete(noise);
        assertThat(Cli.run("noise", "--noise", "torch:seed=1", "--shape", "2,3,8,8", "--out", noise).code()).isZero();
        assertThat(sample(head, "--noise-file", noise, "--out", c).err()).contains("(N, 3, 16, 16)");
    }

    private static Cli sample(Object[] head, Object... more) {
        Object[] all = new Object[head.length + more.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(more, 0, all, head.length, more.length);
        return Cli.run(all);
    }
}
