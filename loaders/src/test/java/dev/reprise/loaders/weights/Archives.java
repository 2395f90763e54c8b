package dev.reprise.loaders.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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
}
