package dev.reprise.audit.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Every experiment on the embedded models, as small as it can be. */
class SmallAuditTest {
    @TempDir
    Path folder;

    private JsonNode experiment(JsonNode report, String kind) {
        for (JsonNode e : report.get("experiments"))
            if (e.get("kind").asString().equals(kind)) return e;
        throw new AssertionError("no experiment " + kind);
    }

    @Test
    void everyExperimentFindsWhatMustBeSo() throws IOException {
        Cli c = Cli.run("audit", Path.of("..", "specs", "small.yaml"), "--out", folder.resolve("out"), "--cache", folder.resolve("cache"));
        assertThat(c.code()).as(c.err()).isZero();
        JsonNode r = Json.MAPPER.readTree(Files.readString(folder.resolve("out/report.json")));
        assertThat(r.get("experiments").size()).isEqualTo(7);
        assertThat(experiment(r, "matrix").get("pairs").size()).isEqualTo(6);

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
