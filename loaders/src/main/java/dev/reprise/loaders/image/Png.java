package dev.reprise.loaders.image;

import dev.reprise.loaders.AtomicFile;
import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.Source;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** PNG files (W3C PNG, third edition): written as 8-bit RGB; see {@link PngReader} for what is read. */
public final class Png {
    static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final int FILTERS = 5;

    private Png() {}

    /** @throws LoadException where the file cannot be written */
    public static void write(Path file, Image image) {
        AtomicFile.write(file, encode(image));
    }

    /** @throws LoadException where the file cannot be read, is damaged, or of a kind that is not supported */
    public static Image read(Path file) {
        Source source = new Source(file.toString());
        try {
            return new PngReader(source, Files.readAllBytes(file)).read();
        } catch (IOException | OutOfMemoryError e) {
            throw source.error("cannot be read (" + e + ")", e);
        }
    }

    /** As {@link #read(Path)}, from memory. */
    public static Image read(byte[] png, String name) {
        return new PngReader(new Source(name), png).read();
    }

    public static byte[] encode(Image image) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(SIGNATURE);
        chunk(out, "IHDR", ByteBuffer.allocate(13).putInt(image.width()).putInt(image.height()).put((byte) 8).put((byte) 2).array());
        chunk(out, "IDAT", deflate(filtered(image)));
        chunk(out, "IEND", new byte[0]);
        return out.toByteArray();
    }

    private static void chunk(ByteArrayOutputStream out, String type, byte[] data) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        out.writeBytes(ByteBuffer.allocate(12 + data.length).putInt(data.length).put(name).put(data).putInt((int) crc.getValue()).array());
    }

    private static byte[] deflate(byte[] data) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
        try {
            deflater.setInput(data);
            deflater.finish();
            ByteArrayOutputStream out = new ByteArrayOutputStream(data.length / 2);
            byte[] buffer = new byte[1 << 16];
            while (!deflater.finished())
                out.write(buffer, 0, deflater.deflate(buffer));
            return out.toByteArray();
        } finally {
            deflater.end();
        }
    }

    /** Each row with the filter whose differences are smallest in sum: the heuristic that the standard recommends. */
    private static byte[] filtered(Image image) {
        int row = 3 * image.width();
        byte[] all = new byte[Math.multiplyExact(row + 1, image.height())], candidate = new byte[row];
        for (int y = 0; y < image.height(); y++) {
            long best = Long.MAX_VALUE;
            for (int filter = 0; filter < FILTERS; filter++) {
                long sum = 0;
                for (int i = 0; i < row; i++) {
                    int at = y * row + i;
                    int a = i < 3 ? 0 : image.rgb()[at - 3] & 255, b = y == 0 ? 0 : image.rgb()[at - row] & 255,
                            c = i < 3 || y == 0 ? 0 : image.rgb()[at - row - 3] & 255;
                    candidate[i] = (byte) (image.rgb()[at] - predict(filter, a, b, c));
                    sum += Math.abs(candidate[i]);
                }
                if (sum >= best) continue;
                best = sum;
                all[y * (row + 1)] = (byte) filter;
                System.arraycopy(candidate, 0, all, y * (row + 1) + 1, row);
            }
        }
        return all;
    }

    /** The standard's predictor from the pixels to the left (a), above (b) and above left (c). */
    static int predict(int filter, int a, int b, int c) {
        return switch (filter) {
            case 0 -> 0;
            case 1 -> a;
            case 2 -> b;
            case 3 -> (a + b) / 2;
            default -> {
                int p = a + b - c, pa = Math.abs(p - a), pb = Math.abs(p - b), pc = Math.abs(p - c);
                yield pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
            }
        };
    }
}
