package dev.reprise.loaders.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.loaders.image.Image;
import dev.reprise.loaders.image.ImageFile;
import dev.reprise.loaders.npy.Npy;
import dev.reprise.loaders.synthetic.SyntheticShapes;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Fixtures and expectations come from recipes/data_sets.py: NumPy, Pillow and Python's own archive writers. */
class DataSetsTest {
    static Path fixture(String name) {
        try {
            return Path.of(DataSetsTest.class.getResource("expected.txt").toURI()).resolveSibling(name);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Stream<String[]> expected(boolean permutations) {
        try {
            return Files.readAllLines(fixture("expected.txt")).stream().map(l -> l.split(" "))
                    .filter(f -> f[0].equals("permutation") == permutations)
                    .map(f -> permutations ? Arrays.copyOfRange(f, 1, f.length) : f);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<String[]> sets() { return expected(false); }

    static Stream<String[]> permutations() { return expected(true); }

    private static int[] ints(String list) { return Arrays.stream(list.split(",")).mapToInt(Integer::parseInt).toArray(); }

    @ParameterizedTest
    @MethodSource("sets")
    void everySetHasTheImagesInTheirOrder(String name, String split, String sha256, String labels) {
        DataSet set = DataSets.open(fixture(name), Split.named(split));
        int[] want = ints(labels);
        assertThat(set.info().count()).isEqualTo(want.length);
        assertThat(set.labels()).containsExactly(want);
        try (Arena arena = Arena.ofConfined()) {
            assertThat(set.bytes(arena).sha256()).isEqualTo(sha256);
        }
    }

    @ParameterizedTest
    @MethodSource("permutations")
    void subsetsAreThePermutationThatIsDocumented(int n, long seed, String first) {
        int[] want = ints(first);
        assertThat(Arrays.copyOf(Subset.shuffled(n, want.length, seed), want.length)).containsExactly(want);
    }

    @ParameterizedTest
    @CsvSource({"cifar-10-binary.tar.gz, truck, 10", "cifar-10-python.tar.gz, truck, 10", "cifar-100-binary.tar.gz, fine 99, 100",
        "cifar-100-python.tar.gz, fine 99, 100", "folder, dogs, 2"})
    void classesHaveTheirNames(String name, String last, int count) {
        assertThat(DataSets.open(fixture(name), Split.TRAIN).info().classes()).hasSize(count).endsWith(last);
    }

    /** The archives hold the same images in different spellings; the order of files in them does not count. */
    @ParameterizedTest
    @CsvSource({"cifar-10-binary.tar.gz, 10", "mnist, 5", "edm.zip, 4", "folder, 3", "nhwc.npz, 3"})
    void aSubsetHoldsTheChosenImages(String name, int n) {
        DataSet set = DataSets.open(fixture(name), Split.TRAIN);
        int size = set.info().imageBytes();
        try (Arena arena = Arena.ofConfined()) {
            Tensor all = set.bytes(arena), some = set.subset(n - 1, 3).bytes(arena), fewer = set.subset(2, 3).bytes(arena),
                    range = set.range(1, 2).bytes(arena);
            int[] p = Subset.shuffled(n, n - 1, 3);
            for (int k = 0; k < n - 1; k++)
                assertThat(some.rows(k, k + 1).sha256()).isEqualTo(all.rows(p[k], p[k] + 1).sha256());
            assertThat(fewer.sha256()).isEqualTo(some.rows(0, 2).sha256());
            assertThat(range.sha256()).isEqualTo(all.rows(1, 3).sha256());
            assertThat(set.subset(n - 1, 3).subset(2, 9).labels()).hasSize(2);
            assertThat(some.byteSize()).isEqualTo((long) (n - 1) * size);
        }
        assertThatThrownBy(() -> set.subset(n + 1, 3)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot take " + (n + 1));
        assertThatThrownBy(() -> set.range(n - 1, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> set.subset(0, 3)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void batchesShowEveryImageOnce() {
        DataSet set = DataSets.open(fixture("cifar-10-binary.tar.gz"), Split.ALL);
        try (Arena arena = Arena.ofConfined()) {
            Tensor all = set.images(arena);
            List<Integer> seen = new ArrayList<>(), sizes = new ArrayList<>();
            set.batches(5, (indices, images) -> {
                sizes.add(indices.length);
                assertThat(images.shape()).isEqualTo(Shape.of(indices.length, 3, 32, 32));
                for (int i = 0; i < indices.length; i++) {
                    seen.add(indices[i]);
                    assertThat(images.rows(i, i + 1).sha256()).isEqualTo(all.rows(indices[i], indices[i] + 1).sha256());
                }
            });
            assertThat(sizes).containsExactly(5, 5, 3);
            assertThat(seen).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
        }
    }

    @Test
    void theGeneratorsImagesAreThoseOfTheGenerator() {
        DataSet set = DataSets.shapes(SyntheticShapes.DEFAULT_SEED, 40, 6);
        SyntheticShapes shapes = new SyntheticShapes();
        int[] count = new int[1];
        set.read(i -> i % 2 == 1, (index, pixels, label) -> {
            count[0]++;
            assertThat(index % 2).isEqualTo(1);
            assertThat(pixels).containsExactly(shapes.image(40 + index));
            assertThat(label).isEqualTo(shapes.label(40 + index));
        });
        assertThat(count[0]).isEqualTo(3);
        assertThat(set.info().classes()).containsExactly("disc", "square", "triangle", "ring", "cross");
    }

    @Test
    void identitiesTellSetsApart() throws IOException {
        List<DataSet> sets = new ArrayList<>();
        for (Split s : Split.values())
            sets.add(DataSets.open(fixture("cifar-10-binary.tar.gz"), s));
        DataSet train = sets.getFirst();
        sets.addAll(List.of(train.subset(4, 1), train.subset(4, 2), train.subset(5, 1), train.range(0, 4),
                DataSets.open(fixture("mnist"), Split.TRAIN),
                DataSets.open(fixture("mnist"), Split.TEST), DataSets.open(fixture("edm.zip"), Split.TRAIN),
                DataSets.open(fixture("folder"), Split.TRAIN),
                DataSets.shapes(1, 0, 5), DataSets.shapes(2, 0, 5)));
        assertThat(sets.stream().map(DataSet::identity)).doesNotHaveDuplicates();
        assertThat(DataSets.open(fixture("folder"), Split.ALL).identity())
                .isEqualTo(DataSets.open(fixture("folder"), Split.TRAIN).identity());
    }

    /** What Pillow reads of the JPEG it wrote: the JDK's decoder may differ by the rounding of the colour transform and of chroma between pixels. */
    @ParameterizedTest
    @CsvSource({"444.jpg", "420.jpg", "grey.jpg"})
    void jpegIsCloseToPillows(String name) {
        Image image = ImageFile.read(fixture(name));
        try (Arena arena = Arena.ofConfined()) {
            Tensor want = Npy.read(fixture(name + ".npy"), arena);
            assertThat(want.shape()).isEqualTo(Shape.of(image.height(), image.width(), 3));
            int worst = 0;
            for (int i = 0; i < image.rgb().length; i++)
                worst = Math.max(worst, Math.abs((image.rgb()[i] & 0xff) - (int) want.getLong(i)));
            assertThat(worst).isLessThanOrEqualTo(2);
        }
    }
}
