package dev.reprise.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against Pillow and torch; see recipes/pillow_resize.py. */
class PreprocessTest {
    private static List<String> lines(String kind) throws IOException {
        try (InputStream in = PreprocessTest.class.getResourceAsStream("pillow-resize.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().filter(l -> l.startsWith(kind)).toList();
        }
    }

    static List<String> planes() throws IOException { return lines("plane"); }

    static List<String> inputs() throws IOException { return lines("input"); }

    private static byte[] bytes(int n) {
        byte[] b = new byte[n];
        int s = 1;
        for (int i = 0; i < n; i++) {
            s = s * 1664525 + 1013904223;
            b[i] = (byte) (s >>> 24);
        }
        return b;
    }

    @ParameterizedTest
    @MethodSource("planes")
    void resizesAsPillowToTheByte(String line) throws Exception {
        String[] f = line.split(" ");
        int w = Integer.parseInt(f[1]), h = Integer.parseInt(f[2]), nw = Integer.parseInt(f[3]), nh = Integer.parseInt(f[4]);
        byte[] out = PillowResize.of(w, h, nw, nh).apply(bytes(w * h));
        assertThat(out).hasSize(nw * nh);
        assertThat(HexFormat.of().formatHex(out, 0, Math.min(8, out.length))).isEqualTo(f[6]);
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(out))).isEqualTo(f[5]);
    }

    static List<String> photos() throws IOException { return lines("photo"); }

    static List<String> shorts() throws IOException { return lines("short"); }

    private static int triangle(int n) { return Math.abs(Math.floorMod(n, 512) - 256); }

    /** Soft gradients, hard edges and a little noise. */
    @ParameterizedTest
    @MethodSource("photos")
    void resizesPicturesAsPillowToTheByte(String line) throws Exception {
        String[] f = line.split(" ");
        int w = Integer.parseInt(f[1]), h = Integer.parseInt(f[2]), nw = Integer.parseInt(f[3]), nh = Integer.parseInt(f[4]);
        byte[] noise = bytes(w * h), picture = new byte[w * h];
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++) {
                int v = (triangle(3 * x + 5 * y) + triangle(7 * x - 2 * y + 100)) / 3 + ((noise[y * w + x] & 0xff) >> 4);
                if (y >= h / 3 && y < h / 2 && x >= w / 4 && x < w / 2) v = 250;
                picture[y * w + x] = (byte) Math.min(v, 255);
            }
        byte[] out = PillowResize.of(w, h, nw, nh).apply(picture);
        assertThat(HexFormat.of().formatHex(out, 0, 8)).isEqualTo(f[6]);
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(out))).isEqualTo(f[5]);
    }

    /** SSCD's small_288, to the bit. */
    @ParameterizedTest
    @MethodSource("shorts")
    void theShorterEdgeIsBroughtTo288(String line) {
        String[] f = line.split(" ");
        int w = Integer.parseInt(f[1]), h = Integer.parseInt(f[2]);
        byte[] b = bytes(3 * w * h);
        try (Arena arena = Arena.ofShared(); Workers workers = new Workers(2)) {
            Tensor x = Tensor.allocate(arena, DType.FLOAT32, Shape.of(1, 3, h, w));
            for (int i = 0; i < b.length; i++)
                x.setFloat(i, (b[i] & 0xff) / 120f - 1.05f);
            assertThat(Preprocess.SSCD_288.apply(x, workers, arena).sha256()).isEqualTo(f[3]);
        }
    }

    @Test
    void greyImagesAreGivenThreeTimes() {
        try (Arena arena = Arena.ofShared(); Workers workers = new Workers(1)) {
            Tensor grey = Tensor.allocate(arena, DType.FLOAT32, Shape.of(2, 1, 4, 4)),
                    colour = Tensor.allocate(arena, DType.FLOAT32, Shape.of(2, 3, 4, 4));
            for (int i = 0; i < 96; i++)
                colour.setFloat(i, i / 48 * 0.5f + i % 16 / 16f - 0.7f);
            for (int i = 0; i < 32; i++)
                grey.setFloat(i, colour.getFloat(i / 16 * 48 + i % 16));
            Preprocess p = new Preprocess(7, 255, Preprocess.SSCD.mean(), Preprocess.SSCD.std());
            assertThat(p.apply(grey, workers, arena).sha256()).isEqualTo(p.apply(colour, workers, arena).sha256());
        }
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void preparesAsTorchvisionToTheBit(String line) {
        String[] f = line.split(" ");
        int edge = Integer.parseInt(f[1]), size = Integer.parseInt(f[2]);
        byte[] b = bytes(3 * edge * edge);
        try (Arena arena = Arena.ofShared(); Workers workers = new Workers(2)) {
            Tensor x = Tensor.allocate(arena, DType.FLOAT32, Shape.of(1, 3, edge, edge));
            for (int i = 0; i < b.length; i++)
                x.setFloat(i, (b[i] & 0xff) / 120f - 1.05f);
            Preprocess p = new Preprocess(size == edge ? 0 : size, 255, Preprocess.SSCD.mean(), Preprocess.SSCD.std());
            Tensor y = p.apply(x, workers, arena);
            assertThat(y.shape()).isEqualTo(Shape.of(1, 3, size, size));
            assertThat(y.sha256()).isEqualTo(f[3]);
        }
    }

    @Test
    void pixelsAreClippedAndTruncated() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Tensor.of(arena, Shape.of(1, 8), -1f, -0.996f, 0f, 0.5f, 0.99f, 1f, 7f, Float.NEGATIVE_INFINITY);
            assertThat(Pixels.toBytes(x, arena).toLongs()).containsExactly(0, 1, 128, 191, 254, 255, 255, 0);
            x.setFloat(3, Float.NaN);
            assertThatThrownBy(() -> Pixels.toBytes(x, arena)).hasMessageContaining("element 3");
        }
    }

    @Test
    void refusesImagesOfAnotherForm() {
        try (Arena arena = Arena.ofShared(); Workers workers = new Workers(1)) {
            Tensor gray = Tensor.allocate(arena, DType.FLOAT32, Shape.of(2, 2, 8, 8));
            assertThatThrownBy(() -> Preprocess.SSCD.apply(gray, workers, arena)).hasMessageContaining("(N, 3, H, W)")
                    .hasMessageContaining("[2, 2, 8, 8]");
            assertThatThrownBy(() -> new Preprocess(0, 255, new float[3], new float[3])).hasMessageContaining("std");
        }
    }
}
