package dev.reprise.audit.report;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.zip.Adler32;
import java.util.zip.CRC32;

/**
 * Small PNG files whose pixels are stored, not compressed: the same bytes on every machine, whatever zlib its JDK has, and
 * for a thumbnail hardly larger.
 */
final class StoredPng {
    private static final byte[] SIGNATURE = {(byte) 137, 80, 78, 71, 13, 10, 26, 10};
    private static final int BLOCK = 65535;

    private StoredPng() {}

    /** An 8-bit RGB image as a data URI. */
    static String dataUri(int width, int height, byte[] rgb) {
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(encode(width, height, rgb));
    }

    static byte[] encode(int width, int height, byte[] rgb) {
        ByteBuffer rows = ByteBuffer.allocate(height * (1 + 3 * width));
        for (int y = 0; y < height; y++)
            rows.put((byte) 0).put(rgb, y * 3 * width, 3 * width);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(SIGNATURE);
        chunk(out, "IHDR", ByteBuffer.allocate(13).putInt(width).putInt(height).put(new byte[]{8, 2, 0, 0, 0}).array());
        chunk(out, "IDAT", zlib(rows.array()));
        chunk(out, "IEND", new byte[0]);
        return out.toByteArray();
    }

    /** RFC 1950 around RFC 1951's stored blocks. */
    private static byte[] zlib(byte[] data) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[]{0x78, 0x01});
        for (int at = 0; at < data.length; at += BLOCK) {
            int n = Math.min(BLOCK, data.length - at);
            out.write(at + n == data.length ? 1 : 0);
            out.writeBytes(new byte[]{(byte) n, (byte) (n >> 8), (byte) ~n, (byte) (~n >> 8)});
            out.write(data, at, n);
        }
        Adler32 sum = new Adler32();
        sum.update(data);
        out.writeBytes(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
        return out.toByteArray();
    }

    private static void chunk(ByteArrayOutputStream out, String type, byte[] data) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        out.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
        out.writeBytes(name);
        out.writeBytes(data);
        out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }
}
