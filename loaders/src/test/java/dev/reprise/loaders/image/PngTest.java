package dev.reprise.loaders.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.loaders.LoadException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PngTest {
    @TempDir
    Path folder;

    private static Image random(int w, int h, long seed) {
        byte[] rgb = new byte[3 * w * h];
        Random r = new Random(seed);
        // Smooth in places, so that every row filter is chosen somewhere.
        for (int i = 0; i < rgb.length; i++)
            rgb[i] = (byte) (i < 3 * w || r.nextInt(4) == 0 ? r.nextInt() : rgb[i - (r.nextBoolean() ? 3 : 3 * w)] + 1);
        return new Image(w, h, rgb);
    }

    private static byte[] chunk(String type, byte... data) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        return ByteBuffer.allocate(12 + data.length).putInt(data.length).put(name).put(data).putInt((int) crc.getValue()).array();
    }

    private static byte[] header(int w, int h, int depth, int type, int interlace) {
        return chunk("IHDR", ByteBuffer.allocate(13).putInt(w).putInt(h).put((byte) depth).put((byte) type).put((byte) 0).put((byte) 0)
                .put((byte) interlace).array());
    }

    private static byte[] pixels(int... bytes) {
        byte[] raw = new byte[bytes.length], out = new byte[1000];
        for (int i = 0; i < raw.length; i++)
            raw[i] = (byte) bytes[i];
        Deflater d = new Deflater();
        d.setInput(raw);
        d.finish();
        int n = d.deflate(out);
        d.end();
        return chunk("IDAT", Arrays.copyOf(out, n));
    }

    private static byte[] png(byte[]... chunks) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(Png.SIGNATURE);
        for (byte[] c : chunks)
            out.writeBytes(c);
        out.writeBytes(chunk("IEND"));
        return out.toByteArray();
    }

    private static void refused(byte[] png, String part) {
        assertThatThrownBy(() -> Png.read(png, "a.png")).isInstanceOf(LoadException.class).hasMessageStartingWith("a.png")
                .hasMessageContaining(part);
    }

    @Test
    void whatIsWrittenIsReadBack() {
        for (int w : new int[]{1, 2, 3, 17, 64})
            for (int h : new int[]{1, 2, 5, 33}) {
                Image image = random(w, h, 31L * w + h);
                assertThat(Png.read(Png.encode(image), "a.png")).as("%dx%d", w, h).isEqualTo(image);
            }
        Path file = folder.resolve("a.png");
        Png.write(file, random(4, 4, 1));
        assertThat(Png.read(file)).isEqualTo(random(4, 4, 1));
    }

    @Test
    void otherColourTypes() {
        byte[] grey = png(header(2, 1, 8, 0, 0), pixels(0, 10, 200));
        assertThat(Png.read(grey, "a.png").rgb()).containsExactly(10, 10, 10, 200, 200, 200);
        byte[] palette = png(header(2, 1, 8, 3, 0), chunk("PLTE", (byte) 1, (byte) 2, (byte) 3, (byte) 4, (byte) 5, (byte) 6),
                pixels(0, 1, 0));
        assertThat(Png.read(palette, "a.png").rgb()).containsExactly(4, 5, 6, 1, 2, 3);
        byte[] rgba = png(header(1, 1, 8, 6, 0), pixels(0, 1, 2, 3, 255));
        assertThat(Png.read(rgba, "a.png").rgb()).containsExactly(1, 2, 3);
        refused(png(header(1, 1, 8, 6, 0), pixels(0, 1, 2, 3, 254)), "transparency");
        refused(png(header(2, 1, 8, 3, 0), chunk("PLTE", (byte) 1, (byte) 2, (byte) 3), pixels(0, 1, 0)), "outside the palette");
        refused(png(header(1, 1, 16, 0, 0), pixels(0, 1, 2)), "depth");
        refused(png(header(1, 1, 8, 0, 1), pixels(0, 1)), "interlaced");
    }

    @Test
    void damageIsNamed() {
        byte[] good = Png.encode(random(5, 5, 1));
        for (int n = 0; n < good.length; n++)
            refused(Arrays.copyOf(good, n), n < 8 ? "is no PNG" : "truncated");
        for (int i = 8; i < good.length; i++) {
            byte[] m = good.clone();
            m[i] ^= 0x10;
            refused(m, "");
        }
        refused(png(header(0, 4, 8, 0, 0)), "0x4");
        refused(png(header(1 << 30, 1 << 30, 8, 0, 0)), "is not supported");
        refused(png(header(2, 2, 8, 0, 0), pixels(0, 1, 2)), "truncated");
        refused(png(header(1, 1, 8, 0, 0), pixels(0, 1, 2)), "more pixels");
        refused(png(header(1, 1, 8, 0, 0), pixels(5, 1)), "row filter 5");
        refused(png(header(1, 1, 8, 0, 0), chunk("ABCD")), "critical chunk");
        refused(png(chunk("IDAT")), "IHDR");
    }
}
