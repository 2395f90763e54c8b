package dev.reprise.audit.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.audit.spec.Sidecar.Training;
import dev.reprise.loaders.data.DataSet;
import dev.reprise.loaders.data.DataSets;
import dev.reprise.loaders.data.Split;
import dev.reprise.metrics.PixelDescriptor;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingImagesTest {
    private static final Path FIXTURES = Path.of("..", "loaders", "src", "test", "resources", "dev", "reprise", "loaders", "data")
            .toAbsolutePath();

    private static Training read(String json) {
        Fields f = new Fields("spec.yaml", Tree.json(json, "spec.yaml"));
        return Sidecar.training(f, f).in(FIXTURES);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{\"dataset\": \"cifar-10-binary.tar.gz\"}|10|cifar-10-binary.tar.gz train",
        "{\"dataset\": \"cifar-10-binary.tar.gz\", \"split\": \"test\"}|3|cifar-10-binary.tar.gz test",
        "{\"dataset\": \"mnist\", \"first\": 2}|3|mnist train", "{\"dataset\": \"mnist\", \"first\": 1, \"count\": 2}|2|mnist train 1 to 2",
        "{\"dataset\": \"edm.zip\", \"count\": 3, \"draw\": 7}|3|edm.zip train, 3 images drawn with seed 7",
        "{\"dataset\": \"synthetic-shapes\", \"seed\": 4, \"count\": 5}|5|synthetic-shapes 0 to 4"})
    void setsAreThoseThatAreNamed(String json, int count, String text) {
        Training t = read(json);
        assertThat(TrainingImages.knows(t)).isTrue();
        assertThat(TrainingImages.open(t).info().count()).isEqualTo(count);
        assertThat(t).hasToString(text);
        try (Arena arena = Arena.ofConfined()) {
            DataSet set = TrainingImages.open(t);
            assertThat(TrainingImages.of(t, 2, arena).sha256()).isEqualTo(set.images(arena).rows(0, 2).sha256());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"{\"dataset\": \"a\", \"draw\": 1}|needs 'count'",
        "{\"dataset\": \"a\", \"draw\": 1, \"first\": 2, \"count\": 3}|'first'",
        "{\"dataset\": \"a\", \"split\": \"validation\"}|train, test or all",
        "{\"dataset\": \"synthetic-shapes\", \"count\": 3}|'seed' is missing"})
    void whatDoesNotFitIsNamed(String json, String message) {
        assertThatThrownBy(() -> read(json)).isInstanceOf(SpecException.class).hasMessageContaining(message);
    }

    @Test
    void filesThatAreNotThereAreNotKnown() {
        assertThat(TrainingImages.knows(read("{\"dataset\": \"nothing.tar.gz\"}"))).isFalse();
        assertThat(TrainingImages.knows(null)).isFalse();
    }

    /** The descriptors are in the set's order, though the archive's files are not. */
    @Test
    void descriptorsAreInTheSetsOrder() {
        DataSet set = DataSets.open(FIXTURES.resolve("cifar-10-python.tar.gz"), Split.ALL);
        try (Arena arena = Arena.ofShared()) {
            Tensor got = TrainingImages.describe(set, new PixelDescriptor(), arena),
                    want = new PixelDescriptor().describe(set.images(arena), arena);
            assertThat(got.shape()).isEqualTo(Shape.of(13, 3072));
            assertThat(got.sha256()).isEqualTo(want.sha256());
        }
    }

    @Test
    void specsNameThemByFilesBesideTheSpec() {
        String spec = "descriptor: pixels\nmodels:\n  - model: embedded:unet-ddpm\n    training:\n      dataset: FILE\n      count: 2\n";
        Training t = AuditSpecReader.read(Tree.yaml(spec.replace("FILE", "edm.zip"), "s.yaml"), "s.yaml", FIXTURES, false).columns()
                .getFirst()
                .overrides().training();
        assertThat(t.dataset()).isEqualTo(FIXTURES.resolve("edm.zip").toString());
        assertThat(t.count()).isEqualTo(2);
        assertThatThrownBy(() -> AuditSpecReader.read(Tree.yaml(spec.replace("FILE", "gone.zip"), "s.yaml"), "s.yaml", FIXTURES, false))
                .isInstanceOf(SpecException.class).hasMessageContaining("gone.zip").hasMessageContaining("5");
    }
}
