package dev.reprise.loaders.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageGridTest {
    private static int at(Image i, int x, int y, int c) { return i.rgb()[3 * (y * i.width() + x) + c] & 255; }

    @Test
    void pixelsAreClippedAndTruncated() {
        float[] x = {-2, -1, -0.999f, 0, 0.5f, 0.995f, 1, 7, Float.NaN};
        int[] expected = {0, 0, 0, 128, 191, 254, 255, 255, 0};
        for (int i = 0; i < x.length; i++)
            assertThat(Image.pixel(x[i]) & 255).as("%s", x[i]).isEqualTo(expected[i]);
    }

    @Test
    void channelsComeFirstInTensorsAndLastInImages() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor t = Tensor.of(arena, Shape.of(2, 3, 1, 2), -1f, -1, 0, 0, 1, 1, /* sample 1 */ 1, -1, 1, -1, 1, 0);
            assertThat(Image.of(t, 0).rgb()).containsExactly(0, 128, 255, 0, 128, 255);
            assertThat(Image.of(t, 1).rgb()).containsExactly(255, 255, 255, 0, 0, 128);
            Tensor grey = Tensor.of(arena, Shape.of(1, 1, 1, 1), 0f);
            assertThat(Image.of(grey, 0).rgb()).containsExactly(128, 128, 128);
            assertThatThrownBy(() -> Image.of(t.reshape(Shape.of(3, 2, 1, 2)), 0)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("[3, 2, 1, 2]");
        }
    }

    @Test
    void placesImagesWithPadding() {
        Image red = Image.filled(2, 1, 255, 0, 0), blue = Image.filled(2, 1, 0, 0, 255);
        Image g = ImageGrid.of(List.of(List.of(red, blue), Arrays.asList(null, red)), 3, 1);
        assertThat(g.width()).isEqualTo(1 + 2 * (2 * 3 + 1));
        assertThat(g.height()).isEqualTo(1 + 2 * (1 * 3 + 1));
        assertThat(new int[]{at(g, 0, 0, 1), at(g, 1, 1, 1), at(g, 6, 3, 1), at(g, 7, 1, 1), at(g, 8, 1, 2), at(g, 1, 5, 1), at(g, 8, 5, 0),
            at(g, 8, 5, 1)})
                .containsExactly(255, 0, 0, 255, 255, 255, 255, 0);
        assertThatThrownBy(() -> ImageGrid.of(List.of(List.of(red, Image.filled(1, 1, 0, 0, 0))), 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one size");
    }

    @Test
    void samplesInRowsAndModelsInColumns() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor a = Tensor.of(arena, Shape.of(3, 1, 1, 1), -1f, 0, 1), b = Tensor.of(arena, Shape.of(2, 1, 1, 1), 1f, -1f);
            Image wrapped = ImageGrid.of(a, 2, 1, 0);
            assertThat(new int[]{at(wrapped, 0, 0, 0), at(wrapped, 1, 0, 0), at(wrapped, 0, 1, 0), at(wrapped, 1, 1, 0)}).containsExactly(0,
                    128, 255, 255);
            Image side = ImageGrid.sideBySide(List.of(a, b), 2, 1, 0);
            assertThat(new int[]{at(side, 0, 0, 0), at(side, 1, 0, 0), at(side, 0, 1, 0), at(side, 1, 1, 0)}).containsExactly(0, 255, 128,
                    0);
        }
    }
}
