package dev.reprise.audit.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.audit.Main;
import dev.reprise.loaders.npy.Npy;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class CommandsTest {
    private static final Path MODEL = Path.of("../models/unet-ddpm.onnx");

    @TempDir
    Path folder;

    @Test
    void everyCommandExplainsItself() {
        assertThat(Cli.run("--help").out()).contains("Exit codes");
        for (String name : Main.commandLine().getSubcommands().keySet()) {
            Cli help = Cli.run(name, "--help");
            assertThat(help.code()).as(name).isZero();
            assertThat(help.out()).startsWith("Usage: reprise " + name);
            assertThat(help.err()).isEmpty();
        }
    }

    @Test
    void wrongUseIsOneLineAndAHint() {
        for (String[] wrong : new String[][]{{"compare"}, {"inspect", "--nosuch", "a.onnx"},
            {"sample", "a.onnx", "--seeds", "9-3", "--out", "b.npz"},
            {"nosuch"}, {"run", "a.onnx", "--threads", "many"}}) {
            Cli c = Cli.run((Object[]) wrong);
            assertThat(c.code()).as(String.join(" ", wrong)).isEqualTo(2);
            assertThat(c.out()).isEmpty();
            assertThat(c.err().lines().count()).as(c.err()).isBetween(2L, 4L);
            assertThat(c.err()).contains("--help");
        }
        assertThat(Cli.run("sample", "a.onnx", "--seeds", "9-3", "--out", "b.npz").err()).contains("--seeds").contains("9-3");
    }

    @Test
    void debugAddsTheStackTrace() {
        assertThat(Cli.run("inspect", folder.resolve("none.onnx")).err().lines()).hasSize(1);
        assertThat(Cli.run("inspect", "--debug", folder.resolve("none.onnx")).err()).contains("\tat dev.reprise");
        assertThat(Cli.run("--debug", "inspect", folder.resolve("none.onnx")).err()).contains("\tat dev.reprise");
    }

    @Test
    void versionForMachines() {
        JsonNode v = Json.MAPPER.readTree(Cli.run("version", "--json").out());
        assertThat(v.get("reprise").asString()).matches("\\d+\\.\\d+.*");
        assertThat(v.get("processors").asInt()).isPositive();
    }

    @Test
    void inspectShowsThePlan() {
        Cli c = Cli.run("inspect", MODEL, "--plan", "--batch", "4", "--json");
        assertThat(c.code()).as(c.err()).isZero();
        var e = Json.MAPPER.readTree(c.out()).get("execution");
        var plan = e.get("plan");
        assertThat(plan.get("steps").size()).isEqualTo(e.get("steps").asInt());
        assertThat(plan.get("arenaBytes").asLong()).isEqualTo(e.get("workingBytes").asLong()).isPositive();
        long flops = 0;
        for (var s : plan.get("steps"))
            flops += s.get("flops").asLong();
        assertThat(flops).isEqualTo(e.get("flops").asLong());
        assertThat(plan.get("steps").get(0).get("outputs").toString()).contains("[4, ");
        assertThat(Cli.run("inspect", MODEL, "--plan").out()).contains("arena").contains("packed").contains("Conv DIRECT")
                .doesNotContain("Lambda");
        assertThat(Cli.run("inspect", MODEL, "--batch", "0").code()).isEqualTo(2);
        assertThat(Json.MAPPER.readTree(Cli.run("inspect", MODEL, "--json").out()).get("execution").get("plan").isNull()).isTrue();
    }

    @Test
    void inspectCounts() {
        Cli c = Cli.run("inspect", MODEL, "--json");
        assertThat(c.code()).as(c.err()).isZero();
        JsonNode i = Json.MAPPER.readTree(c.out());
        assertThat(i.get("inputs").get("x").asString()).isEqualTo("float32[batch, 3, 16, 16]");
        assertThat(i.get("operators").get("Conv").asInt()).isEqualTo(37);
        assertThat(i.get("unsupported").isEmpty()).isTrue();
        long one = i.get("execution").get("flops").asLong();
        long four = Json.MAPPER.readTree(Cli.run("inspect", MODEL, "--json", "--dim", "batch=4").out()).get("execution").get("flops")
                .asLong();
        assertThat(four).isGreaterThan(3 * one);
        assertThat(Cli.run("inspect", MODEL).out()).contains("parameters").contains("Conv");
    }

    @Test
    void damagedFilesAreNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("damaged.onnx"), "this is no model");
        for (String[] command : new String[][]{{"inspect", file.toString()}, {"run", file.toString()},
            {"sample", file.toString(), "--seeds", "0", "--out", folder.resolve("s.npz").toString()}}) {
            Cli c = Cli.run((Object[]) command);
            assertThat(c.code()).isEqualTo(2);
            assertThat(c.err()).contains("damaged.onnx").hasLineCount(1);
        }
    }

    @Test
    void runWritesWhatTheFixtureHolds() {
        try (Arena arena = Arena.ofConfined()) {
            Map<String, Tensor> fixture = Npz.read(Path.of("../models/fixtures/unet-ddpm.npz"), arena);
            Npz.write(folder.resolve("in.npz"), Map.of("x", fixture.get("x"), "t", fixture.get("t")));
            Npy.write(folder.resolve("t.npy"), fixture.get("t"));
            Npy.write(folder.resolve("expected.npy"), fixture.get("epsilon"));
        }
        Cli c = Cli.run("run", MODEL, "--input", folder.resolve("in.npz"), "--output-dir", folder, "--threads", 2, "--json");
        assertThat(c.code()).as(c.err()).isZero();
        JsonNode output = Json.MAPPER.readTree(c.out()).get("outputs").get(0);
        assertThat(output.get("name").asString()).isEqualTo("epsilon");
        assertThat(output.get("sha256").asString()).hasSize(64);
        Cli same = Cli.run("compare", folder.resolve("epsilon.npy"), folder.resolve("expected.npy"), "--atol", "1e-5", "--rtol", "1e-4");
        assertThat(same.code()).as(same.out()).isZero();

        Cli missing = Cli.run("run", MODEL, "--input", "t=" + folder.resolve("t.npy"));
        assertThat(missing.code()).isEqualTo(2);
        assertThat(missing.err()).contains("'x'").hasLineCount(1);
        Cli device = Cli.run("run", MODEL, "--input", folder.resolve("in.npz"), "--device", "abacus");
        assertThat(device.code()).isEqualTo(2);
        assertThat(device.err()).contains("abacus").contains("cpu");
    }

    @Test
    void compareTellsApart() {
        try (Arena arena = Arena.ofConfined()) {
            Npy.write(folder.resolve("a.npy"), Tensor.of(arena, Shape.of(3), 1f, 2f, 3f));
            Npy.write(folder.resolve("b.npy"), Tensor.of(arena, Shape.of(3), 1f, 2.5f, 3f));
            Npy.write(folder.resolve("c.npy"), Tensor.of(arena, Shape.of(2), 1f, 2f));
            Npz.write(folder.resolve("a.npz"), Map.of("x", Tensor.of(arena, Shape.of(1), 1f)));
        }
        assertThat(Cli.run("compare", folder.resolve("a.npy"), folder.resolve("a.npy")).code()).isZero();
        Cli far = Cli.run("compare", folder.resolve("a.npy"), folder.resolve("b.npy"));
        assertThat(far.code()).isEqualTo(1);
        assertThat(far.out()).contains("0.5").contains("at [1]");
        assertThat(Cli.run("compare", folder.resolve("a.npy"), folder.resolve("b.npy"), "--atol", "0.5").code()).isZero();
        assertThat(Cli.run("compare", folder.resolve("a.npy"), folder.resolve("c.npy")).err()).contains("[3]").contains("[2]");
        assertThat(Cli.run("compare", folder.resolve("a.npz"), folder.resolve("a.npz")).code()).isZero();
        assertThat(Cli.run("compare", folder.resolve("a.npz"), folder.resolve("a.npy")).code()).isEqualTo(2);
        assertThat(Cli.run("compare", folder.resolve("a.npy"), folder.resolve("none.npy")).err())
                .contains("none.npy: ").contains("there is no such file");
        assertThat(Cli.run("compare", folder.resolve("a.npy"), folder.resolve("a.npy"), "--atol", "-1").code()).isEqualTo(2);
    }

    @Test
    void conformanceNeedsCases() {
        assertThat(Cli.run("conformance", folder).code()).isEqualTo(2);
        assertThat(Cli.run("conformance", folder.resolve("none")).err()).contains("there is no such folder");
        assertThat(Cli.run("conformance", folder, "--only", "(").err()).contains("--only");
    }
}
