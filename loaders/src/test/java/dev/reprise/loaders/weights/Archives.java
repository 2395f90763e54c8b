package dev.reprise.loaders.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** Makes PyTorch archives of pickles written by hand. */
final class Archives {
    private Archives() {}

    /** Stored entries with right checksums. */
    static byte[] zip(Map<String, byte[]> entries) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> e : entries.entrySet()) {
                CRC32 crc = new CRC32();
                crc.update(e.getValue());
                ZipEntry z = new ZipEntry(e.getKey());
                z.setMethod(ZipEntry.STORED);
                z.setSize(e.getValue().length);
                z.setCrc(crc.getValue());
                out.putNextEntry(z);
                out.write(e.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static Map<String, byte[]> entries(java.nio.file.Path file) throws IOException {
        Map<String, byte[]> all = new LinkedHashMap<>();
        try (ZipFile in = new ZipFile(file.toFile())) {
            for (ZipEntry e : java.util.Collections.list(in.entries()))
                all.put(e.getName(), in.getInputStream(e).readAllBytes());
        }
        return all;
    }

    /** An archive with this pickle and a storage "0" of 64 bytes. */
    static byte[] archive(String pickle) {
        return zip(Map.of("a/data.pkl", pickle(pickle), "a/data/0", new byte[64]));
    }

    /** The same that calls itself TorchScript. */
    static byte[] script(String pickle) {
        return zip(Map.of("a/data.pkl", pickle(pickle), "a/data/0", new byte[64], "a/constants.pkl", pickle(").")));
    }

    /** Bytes as characters. */
    static byte[] pickle(String text) { return text.getBytes(StandardCharsets.ISO_8859_1); }

    /** A name: opcode c. */
    static String name(String module, String name) { return "c" + module + "\n" + name + "\n"; }

    /** A text: opcode X. */
    static String text(String s) { return "X" + little(s.length(), 4) + s; }

    static String little(long v, int n) {
        StringBuilder b = new StringBuilder();
        for (int i = 0; i < n; i++)
            b.append((char) (v >>> 8 * i & 0xff));
        return b.toString();
    }

    static String number(long v) { return "\u008a\b" + little(v, 8); }

    /** A float32 tensor over storage "0" of so many elements. */
    static String tensor(long elements, long offset, String shape, String strides) {
        return name("torch._utils", "_rebuild_tensor_v2") + "((" + text("storage") + name("torch", "FloatStorage") + text("0") + text("cpu")
                + number(elements) + "tQ" + number(offset) + shape + strides + "\u0089" + name("collections", "OrderedDict") + ")RtR";
    }

    static String tuple(long... v) {
        StringBuilder s = new StringBuilder("(");
        for (long x : v)
            s.append(number(x));
        return s + "t";
    }

    /** The same archive as zip64: every size and place in the directory stands in extra fields. */
    static byte[] zip64(byte[] zip) {
        ByteBuffer in = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
        int end = zip.length - 22, begin = in.getInt(end + 16), count = in.getShort(end + 10);
        StringBuilder directory = new StringBuilder();
        for (int at = begin; at < end;) {
            int name = in.getShort(at + 28), extra = in.getShort(at + 30);
            long stored = in.getInt(at + 20), size = in.getInt(at + 24), header = in.getInt(at + 42);
            directory.append(part(zip, at, 20)).append("\u00ff".repeat(8)).append(little(name, 2)).append(little(extra + 28, 2))
                    .append(part(zip, at + 32, 10)).append("\u00ff".repeat(4)).append(part(zip, at + 46, name + extra)).append(little(1, 2))
                    .append(little(24, 2)).append(little(size, 8)).append(little(stored, 8)).append(little(header, 8));
            at += 46 + name + extra + in.getShort(at + 32);
        }
        String end64 = "PK\u0006\u0006" + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8) + little(count, 8) + little(count, 8)
                + little(directory.length(), 8) + little(begin, 8);
        String locator = "PK\u0006\u0007" + little(0, 4) + little(begin + directory.length(), 8) + little(1, 4);
        String last = "PK\u0005\u0006" + little(0, 4) + "\u00ff".repeat(12) + little(0, 2);
        return pickle(part(zip, 0, begin) + directory + end64 + locator + last);
    }

    /** An archive whose entry "a/data/0" lies within the bytes of entry "a/x". */
    static byte[] overlapping(String pickle) {
        byte[] inner = zip(Map.of("a/data/0", new byte[64]));
        int record = inner.length - 22 - 46 - 8;
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("a/data.pkl", pickle(pickle));
        entries.put("a/x", java.util.Arrays.copyOf(inner, record));
        byte[] outer = zip(entries);
        ByteBuffer in = ByteBuffer.wrap(outer).order(ByteOrder.LITTLE_ENDIAN);
        int end = outer.length - 22, begin = in.getInt(end + 16);
        int at = new String(outer, StandardCharsets.ISO_8859_1).indexOf("PK\u0003\u0004",
                4 + new String(outer, StandardCharsets.ISO_8859_1).indexOf("PK\u0003\u0004", 4));
        String moved = part(inner, record, 42) + little(at, 4) + "a/data/0";
        return pickle(part(outer, 0, end) + moved + "PK\u0005\u0006" + little(0, 4) + little(3, 2) + little(3, 2)
                + little(end - begin + moved.length(), 4) + little(begin, 4) + little(0, 2));
    }

    private static String part(byte[] bytes, int at, int n) { return new String(bytes, at, n, StandardCharsets.ISO_8859_1); }
}
