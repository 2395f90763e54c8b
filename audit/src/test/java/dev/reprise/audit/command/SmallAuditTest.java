package dev.reprise.audit.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.loaders.npy.Npz;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Every experiment on the embedded models, as small as it can be. */
class SmallAuditTest {
    @TempDir
    Path folder;

    private static JsonNode experiment(JsonNode report, String kind) { return experiment(report, kind, 0); }

    private static JsonNode experiment(JsonNode report, String kind, int skip) {
        for (JsonNode e : report.get("experiments"))
            if (e.get("kind").asString().equals(kind) && skip-- == 0) return e;
        throw new AssertionError("no experiment " + kind);
    }

    private static JsonNode source(JsonNode report, String id) {
        for (JsonNode s : report.get("sources"))
            if (s.get("id").asString().equals(id)) return s;
        throw new AssertionError("no source " + id);
    }

    @Test
    void pipelinesAreToldTexts() throws IOException {
        Cli c = Cli.run("audit", Path.of("..", "specs", "small-text.yaml"), "--out", folder.resolve("text"), "--cache",
                folder.resolve("cache"));
        assertThat(c.code()).as(c.err()).isZero();
        JsonNode r = Json.MAPPER.readTree(Files.readString(folder.resolve("text/report.json"))), text = experiment(r, "matrix");
        assertThat(text.get("of").asString()).isEqualTo("text");
        assertThat(text.get("threshold").asDouble()).as("the paper's for texts").isEqualTo(0.4);
        assertThat(text.get("finding").asString()).contains("Prompt 1: “a red circle”", "Prompt 2: “a blue square”", "told two prompts");
        List<String> pairs = new ArrayList<>();
        text.get("pairs").forEach(p -> pairs.add(p.get("data").asString()));
        assertThat(pairs).containsExactly("a.prompt-1~b.prompt-1", "a.prompt-2~b.prompt-2", "a.prompt-1~a.prompt-2",
                "b.prompt-1~b.prompt-2");
        assertThat(text.get("baselines").size()).isEqualTo(4);
        assertThat(source(r, "a.prompt-1").get("samplesSha256").asString()).as("a prompt changes the picture")
                .isNotEqualTo(source(r, "a.prompt-2").get("samplesSha256").asString());
        for (JsonNode p : text.get("pairs")) {
            int hits = 0;
            try (Arena arena = Arena.ofConfined()) {
                for (float v : Npz.read(folder.resolve("text/data.npz"), arena).get(p.get("data").asString() + ".similarity").toFloats())
                    if (v > 0.4f) hits++;
            }
            assertThat(p.get("rp").get("hits").asInt()).isEqualTo(hits);
        }
        assertThat(Files.readString(folder.resolve("text/report.html"))).contains("data-threshold=\"0.4\"", "“a blue square”");
    }

    @Test
    void everyExperimentFindsWhatMustBeSo() throws IOException {
        Cli c = Cli.run("audit", Path.of("..", "specs", "small.yaml"), "--out", folder.resolve("out"), "--cache", folder.resolve("cache"));
        assertThat(c.code()).as(c.err()).isZero();
        JsonNode r = Json.MAPPER.readTree(Files.readString(folder.resolve("out/report.json")));
        assertThat(r.get("experiments").size()).isEqualTo(9);
        assertThat(experiment(r, "matrix").get("pairs").size()).isEqualTo(6);

        JsonNode generators = experiment(r, "matrix", 1);
        assertThat(generators.get("of").asString()).isEqualTo("generators");
        assertThat(generators.get("pairs").size()).isEqualTo(3);
        assertThat(generators.get("finding").asString()).startsWith("The paper finds no reproducibility in GANs and VAEs")
                .contains("diffusion");
        JsonNode vae = source(r, "vae-1");
        assertThat(vae.get("kind").asString()).isEqualTo("generator");
        assertThat(vae.get("training").asString()).isEqualTo("synthetic-shapes 0 to 19,999");
        assertThat(vae.get("samplesSha256").asString()).isNotEqualTo(source(r, "vae-2").get("samplesSha256").asString());

        JsonNode quality = experiment(r, "quality").get("rows");
        for (JsonNode row : quality) {
            assertThat(row.get("frechet").asDouble()).isPositive();
            assertThat(row.get("precision").get("of").asInt()).isEqualTo(3);
            assertThat(row.get("recall").get("of").asInt()).isEqualTo(100);
        }

        JsonNode memorization = experiment(r, "memorization");
        assertThat(memorization.get("originality").size()).isEqualTo(4);
        assertThat(memorization.get("ideal").get(0).get("b").asString()).isEqualTo("unet-ddpm-64.ideal");

        JsonNode variants = experiment(r, "device").get("variants");
        for (JsonNode v : variants) {
            assertThat(v.get("pair").get("rp").get("value").asDouble()).as("nobody would see it").isEqualTo(1);
            // Another order of sums moves no pixel of [-1, 1] visibly; weights rounded to 11 bits move an edge here and there.
            assertThat(v.get("most").asDouble()).isLessThan(v.get("mode").asString().equals("float16") ? 0.5 : 0.01);
        }
        assertThat(variants.get(1).get("mode").asString()).isEqualTo("float16");
        assertThat(variants.get(1).get("most").asDouble()).as("rounded weights are other weights").isPositive();

        JsonNode plane = experiment(r, "hyperplane").get("planes").get(0);
        double[] lipschitz = new double[5];
        for (int i = 0; i < 5; i++)
            lipschitz[i] = plane.get("lipschitz").get(i).asDouble();
        assertThat(lipschitz).isSorted();
        assertThat(lipschitz[0]).isPositive();

        JsonNode conditional = experiment(r, "conditional");
        assertThat(conditional.get("byClass").get(0).get("pairs").size()).isEqualTo(2);
        double shares = 0;
        for (JsonNode s : conditional.get("between").get(0).get("classShares"))
            shares += s.asDouble();
        assertThat(shares).isEqualTo(1, org.assertj.core.api.Assertions.within(1e-12));

        JsonNode error = experiment(r, "mixture").get("errors").get(0);
        assertThat(error.get("atT").size()).isEqualTo(32);
        assertThat(error.get("atT").get(31).asDouble()).as("in pure noise every score is the same").isLessThan(0.01);
        assertThat(experiment(r, "steps").get("curves").get(0).get("points").size()).isEqualTo(2);
    }
}
