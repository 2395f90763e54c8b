package dev.reprise.loaders.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SyntheticShapesTest {

    private static final int SAMPLES = 20_000;

    private final SyntheticShapes shapes = new SyntheticShapes();

    /** The embedded models were trained on these very bytes: the digest may never change. */
    @Test
    void theFirst64ImagesAreFixed() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (long i = 0; i < 64; i++) {
            digest.update(shapes.image(i));
            digest.update((byte) shapes.label(i));
        }
        assertThat(HexFormat.of().formatHex(digest.digest()))
                .isEqualTo("32d51fc62cdc8232c3eabfa66dbdf11cc145b4348de45170edb4be8cc95a2d21");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 63, 19_999, 1L << 40, -1, Long.MAX_VALUE, Long.MIN_VALUE})
    void anImageDependsOnItsSeedAndIndexAlone(long index) {
        byte[] once = shapes.image(index);
        shapes.image(index + 1);
        assertThat(new SyntheticShapes().image(index)).isEqualTo(once);
        assertThat(new SyntheticShapes(1).image(index)).isNotEqualTo(once);
        assertThat(shapes.image(index + 1)).isNotEqualTo(once);
        byte[] shifted = new byte[SyntheticShapes.BYTES + 5];
        shapes.image(index, shifted, 5);
        assertThat(Arrays.copyOfRange(shifted, 5, shifted.length)).isEqualTo(once);
    }

    /** A count of a class is binomial(n, 1/5): five standard deviations. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void classesAreEquallyLikely(int label) {
        int count = 0;
        for (long i = 0; i < SAMPLES; i++) { count += shapes.label(i) == label ? 1 : 0; }
        assertThat((double) count).isCloseTo(SAMPLES / 5.0, within(5 * Math.sqrt(SAMPLES * 0.2 * 0.8)));
    }

    /**
     * No shape reaches a corner pixel, so that pixel shows its corner colour: 255 v (1 - 0.8 a) with v = U(0.2, 0.7) and
     * a = (1 - cos U(0, 2 pi))/2. Its mean is 255 * 0.45 * 0.6; its second moment 255^2 (0.45^2 + 0.5^2/12)(0.6^2 + 0.4^2/2),
     * and rounding adds a variance of 1/12.
     */
    @ParameterizedTest
    @CsvSource({"0,0,0", "1,0,0", "2,0,0", "0,15,0", "1,15,0", "2,15,0", "0,0,15", "1,0,15", "2,0,15", "0,15,15", "1,15,15", "2,15,15"})
    void cornersHaveTheirClosedFormMoments(int channel, int x, int y) {
        double sum = 0;
        double squares = 0;
        byte[] image = new byte[SyntheticShapes.BYTES];
        for (long i = 0; i < SAMPLES; i++) {
            shapes.image(i, image, 0);
            int value = Byte.toUnsignedInt(image[(channel * SyntheticShapes.SIZE + y) * SyntheticShapes.SIZE + x]);
            sum += value;
            squares += (double) value * value;
        }
        double mean = 255 * 0.45 * 0.6;
        double second = 255 * 255 * (0.45 * 0.45 + 0.25 / 12) * (0.36 + 0.08);
        double deviation = Math.sqrt(second - mean * mean);
        assertThat(sum / SAMPLES).isCloseTo(mean, within(5 * deviation / Math.sqrt(SAMPLES)));
        // The values are bounded by 178.5, which bounds the variance of their squares.
        assertThat(squares / SAMPLES - 1.0 / 12).isCloseTo(second, within(5 * 178.5 * Math.sqrt(second / SAMPLES)));
    }

    @Test
    void exportsWhatNumPyReads(@TempDir Path folder) throws Exception {
        ExportShapes.main(new String[]{folder.toString(), "10", "3"});
        byte[] images = Files.readAllBytes(folder.resolve("images.npy"));
        byte[] labels = Files.readAllBytes(folder.resolve("labels.npy"));
        int data = images.length - 3 * SyntheticShapes.BYTES;
        assertThat(data % 64).isZero();
        assertThat(new String(images, 10, data - 10, "US-ASCII")).contains("'descr': '|u1'", "'shape': (3, 3, 16, 16)").endsWith("\n");
        for (int i = 0; i < 3; i++) {
            int at = data + i * SyntheticShapes.BYTES;
            assertThat(Arrays.copyOfRange(images, at, at + SyntheticShapes.BYTES)).isEqualTo(shapes.image(10 + i));
            assertThat(labels[labels.length - 3 + i]).isEqualTo((byte) shapes.label(10 + i));
        }
    }
}
