package dev.reprise.loaders.npy;

import dev.reprise.loaders.Source;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The header of an npy array (NumPy's NEP 1, versions 1 to 3): a Python dictionary of exactly 'descr', 'fortran_order' and
 * 'shape'.
 *
 * @param bytes     of magic, length and dictionary: where the elements begin
 * @param bigEndian true where elements of several bytes have their high byte first
 * @param fortran   true where the first index varies fastest
 */
record NpyHeader(int bytes, DType dtype, boolean bigEndian, boolean fortran, Shape shape) {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    /** Of magic, version and the longer form of the length. */
    static final int MAX_PREFIX = 12;
    private static final int MAX_DICTIONARY = 1 << 16;
    private static final int MAX_RANK = 64;
    private static final int ALIGNMENT = 64;

    long dataBytes() { return shape.size() * dtype.bytes(); }

    /** Bytes of the whole header, from its first {@link #MAX_PREFIX} (or fewer, where the file is shorter) bytes. */
    static int length(byte[] prefix, Source source) {
        if (prefix.length < 10 || !Arrays.equals(prefix, 0, MAGIC.length, MAGIC, 0, MAGIC.length))
            throw source.error("is no npy array: it does not begin with \\x93NUMPY");
        int major = prefix[6];
        if (major < 1 || major > 3) throw source.unsupported("npy version " + major + "." + prefix[7]);
        int low = Byte.toUnsignedInt(prefix[8]) | Byte.toUnsignedInt(prefix[9]) << 8;
        if (major == 1) return 10 + low;
        if (prefix.length < 12) throw source.error("is truncated within its header");
        long n = Integer.toUnsignedLong(low | Byte.toUnsignedInt(prefix[10]) << 16 | Byte.toUnsignedInt(prefix[11]) << 24);
        if (n > MAX_DICTIONARY) throw source.error("claims a header of " + n + " bytes, at most " + MAX_DICTIONARY + " are allowed");
        return 12 + (int) n;
    }

    /** @param header all of its bytes */
    static NpyHeader parse(byte[] header, Source source) {
        int begin = header[6] == 1 ? 10 : 12;
        return new Parser(
                new String(header, begin, header.length - begin, header[6] == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1),
                source).parse(header.length);
    }

    /** The header, version 1, that NumPy would write. */
    static byte[] write(DType dtype, Shape shape) {
        StringBuilder dims = new StringBuilder();
        for (long d : shape.dims())
            dims.append(dims.isEmpty() ? "" : ", ").append(d);
        String text = "{'descr': '" + descr(dtype) + "', 'fortran_order': False, 'shape': (" + dims + (shape.rank() == 1 ? "," : "")
                + "), }";
        int total = (10 + text.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        byte[] header = new byte[total];
        Arrays.fill(header, (byte) ' ');
        System.arraycopy(MAGIC, 0, header, 0, MAGIC.length);
        header[6] = 1;
        header[7] = 0;
        header[8] = (byte) (total - 10);
        header[9] = (byte) (total - 10 >>> 8);
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(ascii, 0, header, 10, ascii.length);
        header[total - 1] = '\n';
        return header;
    }

    private static String descr(DType t) {
        return switch (t) {
            case FLOAT16 -> "<f2";
            case FLOAT32 -> "<f4";
            case FLOAT64 -> "<f8";
            case INT8 -> "|i1";
            case INT16 -> "<i2";
            case INT32 -> "<i4";
            case INT64 -> "<i8";
            case UINT8 -> "|u1";
            case UINT16 -> "<u2";
            case UINT32 -> "<u4";
            case UINT64 -> "<u8";
            case BOOL -> "|b1";
            case BFLOAT16 -> throw new IllegalArgumentException("npy has no bfloat16");
        };
    }

    /** Reads the dictionary; anything but what NumPy writes is an error. */
    private static final class Parser {
        private final String text;
        private final Source source;
        private int at;

        Parser(String text, Source source) {
            this.text = text;
            this.source = source;
        }

        NpyHeader parse(int bytes) {
            String descr = null;
            Boolean fortran = null;
            Shape shape = null;
            expect('{');
            while (!next('}')) {
                String key = string();
                expect(':');
                if (key.equals("descr") && descr == null) descr = descr();
                else if (key.equals("fortran_order") && fortran == null) fortran = bool();
                else if (key.equals("shape") && shape == null) shape = shape();
                else throw error("unexpected key '" + key + "'");
                if (!next(',')) {
                    expect('}');
                    break;
                }
            }
            blank();
            if (at != text.length()) throw error("text after the dictionary");
            if (descr == null || fortran == null || shape == null) throw error("'descr', 'fortran_order' or 'shape' is missing");
            DType dtype = dtype(descr);
            try {
                Math.multiplyExact(shape.size(), (long) dtype.bytes());
            } catch (ArithmeticException _) {
                throw error("shape " + shape + " is too large");
            }
            return new NpyHeader(bytes, dtype, descr.charAt(0) == '>', fortran, shape);
        }

        private DType dtype(String descr) {
            if (descr.length() > 1 && "<>|=".indexOf(descr.charAt(0)) >= 0) {
                DType t = switch (descr.substring(1)) {
                    case "f2" -> DType.FLOAT16;
                    case "f4" -> DType.FLOAT32;
                    case "f8" -> DType.FLOAT64;
                    case "i1" -> DType.INT8;
                    case "i2" -> DType.INT16;
                    case "i4" -> DType.INT32;
                    case "i8" -> DType.INT64;
                    case "u1" -> DType.UINT8;
                    case "u2" -> DType.UINT16;
                    case "u4" -> DType.UINT32;
                    case "u8" -> DType.UINT64;
                    case "b1" -> DType.BOOL;
                    default -> null;
                };
                if (t != null && (t.bytes() == 1 || descr.charAt(0) != '|')) return t;
            }
            throw source.unsupported("npy element type '" + descr + "'");
        }

        private String descr() {
            blank();
            if (at < text.length() && text.charAt(at) == '[') throw source.unsupported("an npy array of records");
            return string();
        }

        private boolean bool() {
            blank();
            for (String s : List.of("True", "False"))
                if (text.startsWith(s, at)) {
                    at += s.length();
                    return s.equals("True");
                }
            throw error("True or False expected");
        }

        private Shape shape() {
            List<Long> dims = new ArrayList<>();
            expect('(');
            while (!next(')')) {
                dims.add(number());
                if (dims.size() > MAX_RANK) throw error("more than " + MAX_RANK + " dimensions");
                if (!next(',')) {
                    expect(')');
                    if (dims.size() == 1) throw error("a tuple of one needs a comma");
                    break;
                }
            }
            try {
                return Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
            } catch (ArithmeticException _) {
                throw error("shape " + dims + " is too large");
            }
        }

        private long number() {
            blank();
            int begin = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9')
                at++;
            try {
                long v = Long.parseLong(text, begin, at, 10);
                if (at < text.length() && text.charAt(at) == 'L') at++; // Python 2 wrote long integers so
                return v;
            } catch (NumberFormatException _) {
                throw error("a non-negative dimension expected");
            }
        }

        private String string() {
            blank();
            char quote = at < text.length() ? text.charAt(at) : 0;
            int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
            if (end < 0) throw error("a quoted string expected");
            String s = text.substring(at + 1, end);
            at = end + 1;
            return s;
        }

        private boolean next(char c) {
            blank();
            if (at >= text.length() || text.charAt(at) != c) return false;
            at++;
            return true;
        }

        private void expect(char c) { if (!next(c)) throw error("'" + c + "' expected"); }

        private void blank() { while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\n'))
            at++; }

        private RuntimeException error(String what) { return source.error("malformed npy header: " + what + " at character " + at); }
    }
}
