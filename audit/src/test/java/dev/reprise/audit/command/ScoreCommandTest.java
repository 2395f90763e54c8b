package dev.reprise.audit.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.loaders.data.DataSet;
import dev.reprise.loaders.data.DataSets;
import dev.reprise.loaders.data.Split;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Scores against a data set's file, with the descriptor that needs no network. */
class ScoreCommandTest {
    private static final Path ARCHIVE = Path.of("..", "loaders", "src", "test", "resources", "dev", "reprise", "loaders", "data",
            "cifar-10-python.tar.gz");

    @TempDir
    Path folder;

    private Path copies, test;

    @BeforeEach
    void samplesThatAreImagesOfTheSet() {
        copies = folder.resolve("copies.npz");
        test = folder.resolve("test.npz");
        DataSet train = DataSets.open(ARCHIVE, Split.TRAIN);
        try (Arena arena = Arena.ofConfined()) {
            Npz.write(copies, Map.of("samples", train.subset(3, 5).images(arena)));
            Tensor other = DataSets.open(ARCHIVE, Split.TEST).images(arena);
            for (long i = 0; i < other.size(); i++)
                other.setFloat(i, i % 7 < 3 ? 1 : -1); // a pattern that no image has
            Npz.write(test, Map.of("samples", other));
        }
    }

    @Test
    void copiesOfTrainingImagesAreFoundInTheArchive() {
        Cli c = Cli.run("score", copies, test, "--descriptor", "pixels", "--train", ARCHIVE, "--json");
        assertThat(c.code()).as(c.err()).isZero();
        JsonNode r = Json.MAPPER.readTree(c.out());
        assertThat(r.get("glA").get("value").asDouble()).isZero();
        assertThat(r.get("glB").get("value").asDouble()).isEqualTo(1);
        assertThat(r.get("descriptor").asString()).isEqualTo("pixel correlation");
        Cli subset = Cli.run("score", copies, test, "--descriptor", "pixels", "--train", ARCHIVE, "--train-count", 3, "--train-seed", 5,
                "--json");
        assertThat(Json.MAPPER.readTree(subset.out()).get("glA").get("value").asDouble()).as(subset.err()).isZero();
    }

    /** By the features of any model, here pixels: a set is at distance 0 of itself, and its images lie among themselves. */
    @Test
    void featuresOfAnyModelGiveFrechetDistancePrecisionAndRecall() throws java.io.IOException {
        Cli c = Cli.run("score", copies, test, "--descriptor", "pixels", "--features", "pixels", "--train", copies, "--neighbours", 1,
                "--json");
        assertThat(c.code()).as(c.err()).isZero();
        JsonNode f = Json.MAPPER.readTree(c.out()).get("features");
        assertThat(f.get("frechet").asDouble()).isGreaterThan(0.01);
        assertThat(f.get("a").get("frechet").asDouble()).isLessThan(1e-6);
        assertThat(f.get("a").get("precision").get("value").asDouble()).isEqualTo(1);
        assertThat(f.get("a").get("recall").get("value").asDouble()).isEqualTo(1);
        assertThat(f.get("b").get("frechet").asDouble()).as("the distance of A and B").isEqualTo(f.get("frechet").asDouble());
        assertThat(f.get("b").get("precision").get("value").asDouble()).as("a pattern that no image has").isZero();
        assertThat(Cli.run("score", copies, test, "--descriptor", "pixels", "--features", "pixels").out())
                .contains("Fréchet distance of A and B")
                .doesNotContain("precision");
        assertThat(Cli.run("score", copies, test, "--descriptor", "pixels", "--features", "pixels", "--train", copies).err())
                .contains("--neighbours must be from 1 to 2");
    }

    @Test
    void mistakesAreNamed() {
        assertThat(Cli.run("score", copies, test, "--descriptor", "pixels", "--train", ARCHIVE, "--train-split", "valid").err())
                .contains("--train-split").contains("train, test or all");
        assertThat(Cli.run("score", copies, test, "--descriptor", "pixels", "--train", ARCHIVE, "--train-count", 11).err())
                .contains("from 1 to 10");
        Cli missing = Cli.run("score", copies, test, "--descriptor", "pixels", "--train", folder.resolve("none.tar.gz"));
        assertThat(missing.code()).isEqualTo(2);
        assertThat(missing.err()).contains("none.tar.gz");
    }
}
