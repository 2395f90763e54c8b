package dev.reprise.audit.command;

import static org.assertj.core.api.Assertions.assertThat;

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

class AuditCommandTest {
    private static final String SPEC = """
            title: Two U-Nets
            seeds: 7-9
            descriptor: embedded:descriptor
            trainingImages: 100
            models:
              - model: embedded:unet-ddpm
                label: A <network>
                sampler: ddim
                steps: 2
              - ideal: embedded:unet-ddpm-64
                id: ideal
                sampler: ddim
                steps: 3
            """;

    @TempDir
    Path folder;

    private Cli audit(String spec, String out, Object... more) throws IOException {
        Path file = Files.writeString(folder.resolve("spec.yaml"), spec);
        Object[] first = {"audit", file, "--out", folder.resolve(out), "--cache", folder.resolve(out + " cache")};
        Object[] args = new Object[first.length + more.length];
        System.arraycopy(first, 0, args, 0, first.length);
        System.arraycopy(more, 0, args, first.length, more.length);
        return Cli.run(args);
    }

    @Test
    void writesAReportThatIsTheSameEveryTime() throws IOException {
        Cli c = audit(SPEC, "a", "--threads", 2);
        assertThat(c.code()).as(c.err()).isZero();
        assertThat(c.out()).contains("2 models, 3 noises; RP").contains("report.html");
        Path a = folder.resolve("a"), b = folder.resolve("b");
        for (String name : new String[]{"report.html", "report.json", "data.npz", "pictures.npz", "grid.png", "samples/unet-ddpm.npz",
            "samples/ideal.npz"})
            assertThat(a.resolve(name)).exists();
        String page = Files.readString(a.resolve("report.html"));
        assertThat(page).contains("<h1>Two U-Nets</h1>", "A &lt;network&gt;", "torch-cpu-f32-avx2-v1");

        JsonNode r = Json.MAPPER.readTree(Files.readString(a.resolve("report.json")));
        assertThat(r.get("sources").size()).isEqualTo(2);
        assertThat(r.get("sources").get(0).get("evaluations").asInt()).isEqualTo(2);
        JsonNode matrix = r.get("experiments").get(0), memorization = r.get("experiments").get(1);
        assertThat(memorization.get("originality").get(0).get("trainingImages").asInt()).isEqualTo(100);
        assertThat(matrix.get("pairs").get(0).get("rp").get("of").asInt()).isEqualTo(3);
        try (Arena arena = Arena.ofConfined()) {
            Map<String, Tensor> samples = Npz.read(a.resolve("samples/unet-ddpm.npz"), arena);
            assertThat(samples.get("seeds").toLongs()).containsExactly(7, 8, 9);
            assertThat(samples.get("samples").sha256()).isEqualTo(r.get("sources").get(0).get("samplesSha256").asString());
        }

        audit(SPEC, "b", "--threads", 1);
        for (String name : new String[]{"grid.png", "data.npz", "pictures.npz", "samples/unet-ddpm.npz", "samples/ideal.npz"})
            assertThat(Files.mismatch(a.resolve(name), b.resolve(name))).as(name).isEqualTo(-1);
        assertThat(Reports.withoutRun(b)).isEqualTo(Reports.withoutRun(a));
        assertThat(Reports.withoutRun(Files.readString(b.resolve("report.html")))).isEqualTo(Reports.withoutRun(page));

        Files.delete(a.resolve("report.html"));
        assertThat(Cli.run("report", a).code()).isZero();
        assertThat(Files.readString(a.resolve("report.html"))).as("made again").isEqualTo(page);
        assertThat(Cli.run("diff", a, b).out()).contains("the audits say the same");
        assertThat(audit(SPEC.replace("steps: 2", "steps: 1"), "c").code()).isZero();
        Cli diff = Cli.run("diff", a, folder.resolve("c"), "--json");
        assertThat(diff.code()).isEqualTo(1);
        assertThat(Json.MAPPER.readTree(diff.out()).get("differences").get(0).get("of").asString()).isEqualTo("unet-ddpm");
        assertThat(Cli.run("report", folder).err()).contains("report.json").hasLineCount(1);
    }

    @Test
    void initWritesASpecThatReads() throws IOException {
        Path file = folder.resolve("new.yaml");
        assertThat(Cli.run("audit", "--init", file).code()).isZero();
        assertThat(dev.reprise.audit.spec.AuditSpecReader.read(file, false).experiments()).hasSize(3);
        assertThat(Cli.run("audit", "--init", file).err()).contains("already exists").hasLineCount(1);
        assertThat(Cli.run("audit", "--help").out()).contains("(default: report)");
    }

    @Test
    void mistakesLeaveNoReport() throws IOException {
        Cli unknown = audit(SPEC.replace("unet-ddpm\n    label", "nosuch\n    label"), "c");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).contains("embedded:nosuch");
        assertThat(folder.resolve("c/report.html")).doesNotExist();
        assertThat(audit(SPEC.replace("seeds: 7-9", "seeds: 9-7"), "c").err()).contains("spec.yaml:2").hasLineCount(1);
        assertThat(Cli.run("audit", folder.resolve("none.yaml"), "--out", folder.resolve("c")).err())
                .contains("none.yaml: there is no such file");
    }

    @Test
    void scoreComparesWhatSampleWrote() throws IOException {
        Object[] common = {"--sampler", "ddim", "--steps", 2, "--seeds", "0-1", "--out"};
        for (String model : new String[]{"unet-ddpm", "uvit"})
            assertThat(Cli.run("sample", "embedded:" + model, common[0], common[1], common[2], common[3], common[4], common[5], common[6],
                    folder.resolve(model + ".npz")).code()).isZero();
        Path a = folder.resolve("unet-ddpm.npz"), b = folder.resolve("uvit.npz");
        Cli self = Cli.run("score", a, a, "--descriptor", "embedded:descriptor", "--json");
        assertThat(self.code()).as(self.err()).isZero();
        JsonNode s = Json.MAPPER.readTree(self.out());
        assertThat(s.get("rp").get("value").asDouble()).isEqualTo(1);
        assertThat(s.get("mae").get("value").asDouble()).isEqualTo(1);
        assertThat(s.get("glA").isNull()).isTrue();
        Cli trained = Cli.run("score", a, b, "--descriptor", "embedded:descriptor", "--train", a, "--json");
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(Json.MAPPER.readTree(trained.out()).get("glA").get("value").asDouble()).as("every sample is its own training image")
                .isZero();
        assertThat(Cli.run("score", a, b, "--descriptor", "embedded:descriptor").out()).contains("RP").contains("of 2");

        try (Arena arena = Arena.ofConfined()) {
            Npz.write(folder.resolve("other.npz"),
                    Map.of("samples", Npz.read(a, arena).get("samples"), "seeds", Tensor.of(arena, Shape.of(2), 5L, 6L)));
            Npz.write(folder.resolve("flat.npz"), Map.of("samples", Tensor.of(arena, Shape.of(2), 5f, 6f)));
        }
        assertThat(Cli.run("score", a, folder.resolve("other.npz"), "--descriptor", "embedded:descriptor").err())
                .contains("different seeds").hasLineCount(1);
        assertThat(Cli.run("score", a, folder.resolve("flat.npz"), "--descriptor", "embedded:descriptor").err()).contains("(N, C, H, W)");
        assertThat(Cli.run("score", a, b, "--descriptor", "embedded:unet-ddpm").err()).contains("descriptor");
    }
}
