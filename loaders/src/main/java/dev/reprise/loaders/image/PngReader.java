package dev.reprise.loaders.image;

import dev.reprise.loaders.Source;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Reads PNG of 8 bits a channel, not interlaced: grey, RGB, palette, and with alpha where all is opaque. */
final class PngReader {
    private static final long MAX_PIXELS = 1L << 26;

    private final Source source;
    private final byte[] png;

    PngReader(Source source, byte[] png) {
        this.source = source;
        this.png = png;
    }

    Image read() {
        if (png.length < 8 || !Arrays.equals(png, 0, 8, Png.SIGNATURE, 0, 8)) throw source.error("is no PNG file");
        ByteBuffer in = ByteBuffer.wrap(png).position(8);
        int width = 0, height = 0, type = -1;
        byte[] palette = null, transparency = null;
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        while (true) {
            if (in.remaining() < 12) throw source.error("is truncated");
            int begin = in.position(), length = in.getInt();
            if (length < 0 || length > in.remaining() - 8)
                throw source.error("a chunk claims " + Integer.toUnsignedString(length) + " bytes: truncated or damaged");
            byte[] name = new byte[4], body = new byte[length];
            in.get(name).get(body);
            CRC32 crc = new CRC32();
            crc.update(png, begin + 4, length + 4);
            if (in.getInt() != (int) crc.getValue()) throw source.error("is damaged: the checksum of a chunk is wrong");
            String chunk = new String(name, StandardCharsets.ISO_8859_1);
            if ((type < 0) != chunk.equals("IHDR")) throw source.error("must have one IHDR chunk, first");
            switch (chunk) {
                case "IHDR" -> {
                    if (length != 13) throw source.error("its IHDR chunk is damaged");
                    ByteBuffer h = ByteBuffer.wrap(body);
                    width = h.getInt();
                    height = h.getInt();
                    if (width < 1 || height < 1) throw source.error("an image of " + width + "x" + height + " pixels");
                    if ((long) width * height > MAX_PIXELS) throw source.unsupported("an image of " + width + "x" + height + " pixels");
                    if (h.get() != 8 || body[12] != 0) throw source.unsupported("PNG of another depth than 8 bits, or interlaced,");
                    type = h.get();
                    if (body[10] != 0 || body[11] != 0) throw source.error("unknown compression or filter method");
                }
                case "PLTE" -> palette = body;
                case "tRNS" -> transparency = body;
                case "IDAT" -> data.writeBytes(body);
                case "IEND" -> {
                    if (transparency != null) throw source.unsupported("a transparent colour");
                    return image(width, height, type, palette, data.toByteArray());
                }
                default -> {
                    if ((name[0] & 0x20) == 0) throw source.unsupported("the critical chunk '" + chunk + "'");
                }
            }
        }
    }

    private Image image(int width, int height, int type, byte[] palette, byte[] compressed) {
        int channels = switch (type) {
            case 0, 3 -> 1;
            case 2 -> 3;
            case 4 -> 2;
            case 6 -> 4;
            default -> throw source.error("unknown colour type " + type);
        };
        if (type == 3 && (palette == null || palette.length % 3 != 0)) throw source.error("has no valid palette");
        int row = width * channels;
        byte[] raw = inflate(compressed, Math.toIntExact((row + 1L) * height));
        byte[] rgb = new byte[3 * width * height], line = new byte[row], above = new byte[row];
        for (int y = 0; y < height; y++) {
            int at = y * (row + 1), filter = raw[at++];
            if (filter < 0 || filter > 4) throw source.error("unknown row filter " + filter);
            for (int i = 0; i < row; i++) {
                int a = i < channels ? 0 : line[i - channels] & 255, c = i < channels ? 0 : above[i - channels] & 255;
                line[i] = (byte) (raw[at + i] + Png.predict(filter, a, above[i] & 255, c));
            }
            for (int x = 0; x < width; x++)
                pixel(type, line, x * channels, palette, rgb, 3 * (y * width + x));
            byte[] t = above;
            above = line;
            line = t;
        }
        return new Image(width, height, rgb);
    }

    private void pixel(int type, byte[] line, int from, byte[] palette, byte[] rgb, int to) {
        if ((type == 4 || type == 6) && line[from + (type == 4 ? 1 : 3)] != -1) throw source.unsupported("transparency");
        for (int c = 0; c < 3; c++) {
            if (type == 3) {
                int index = 3 * (line[from] & 255);
                if (index >= palette.length) throw source.error("a pixel is outside the palette");
                rgb[to + c] = palette[index + c];
            } else rgb[to + c] = line[type == 2 || type == 6 ? from + c : from];
        }
    }

    private byte[] inflate(byte[] compressed, int size) {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(compressed);
            byte[] raw = new byte[size];
            int at = 0;
            while (at < size) {
                int n = inflater.inflate(raw, at, size - at);
                if (n == 0) throw source.error("its pixels are truncated: " + at + " of " + size + " bytes");
                at += n;
            }
            if (inflater.inflate(new byte[1]) != 0) throw source.error("has more pixels than its header says");
            return raw;
        } catch (DataFormatException e) {
            throw source.error("its pixels are damaged (" + e.getMessage() + ")", e);
        } finally {
            inflater.end();
        }
    }
}
