package dev.reprise.loaders.data;

import dev.reprise.loaders.Source;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads pickles (Python's pickletools, protocols 0 to 2 as Python 2 wrote them) of numbers, strings, lists, tuples,
 * dictionaries and NumPy's uint8 arrays. Nothing is ever imported or called: of names only NumPy's three that stand for an
 * array are known, and they mean {@link Array} here; any other is an error, as is an opcode that these files do not use.
 *
 * <p>Values: Long, Boolean, Double, String (unicode), byte[] (Python 2's str), List, Object[] (tuple), {@link Dictionary},
 * {@link Array}, {@link #NONE}.
 */
final class PickleReader {
    static final Object NONE = new Object();
    private static final int MAX_NAME = 1000;

    /** A dictionary in its order, its keys as they are. */
    record Dictionary(List<Object> keys, List<Object> values) {
        Map<String, Object> byText(Source source) {
            Map<String, Object> m = new LinkedHashMap<>();
            for (int i = 0; i < keys.size(); i++)
                m.put(text(keys.get(i), source), values.get(i));
            return m;
        }
    }

    /** A uint8 array; {@code shape} is null until its state was read. */
    static final class Array {
        private int[] shape;
        private boolean fortran;
        private byte[] data;

        int[] shape() { return shape; }

        boolean fortran() { return fortran; }

        byte[] data() { return data; }
    }

    private enum Name {
        RECONSTRUCT, NDARRAY, DTYPE
    }

    /** numpy.dtype('u1'). */
    private record UInt8() {}

    private final InputStream in;
    private final Source source;
    private long left;
    private List<Object> stack = new ArrayList<>();
    private final Deque<List<Object>> marked = new ArrayDeque<>();
    private final Map<Integer, Object> memo = new HashMap<>();

    /** @param size bytes that the pickle may have */
    PickleReader(InputStream in, long size, Source source) {
        this.in = new BufferedInputStream(in);
        this.left = Math.min(size, TarGz.MAX_EXPANDED);
        this.source = source;
    }

    static String text(Object o, Source source) {
        return switch (o) {
            case String s -> s;
            case byte[] b -> new String(b, StandardCharsets.UTF_8);
            default -> throw source.error("a string expected, found " + describe(o));
        };
    }

    Object read() throws IOException {
        while (true) {
            int op = next();
            switch (op) {
                case 0x80 -> {
                    int protocol = next();
                    if (protocol > 2) throw source.unsupported("pickle protocol " + protocol + " in a CIFAR archive");
                }
                case '.' -> {
                    Object result = pop();
                    if (!stack.isEmpty() || !marked.isEmpty()) throw source.error("is damaged: something is left at the pickle's end");
                    return result;
                }
                case 'N' -> push(NONE);
                case 0x88 -> push(true);
                case 0x89 -> push(false);
                case 'J' -> push((long) (int) little(4));
                case 'K' -> push(little(1));
                case 'M' -> push(little(2));
                case 'I' -> push(line());
                case 'G' -> push(Double.longBitsToDouble(Long.reverseBytes(little(8))));
                case 'U' -> push(bytes(little(1)));
                case 'T' -> push(bytes(little(4)));
                case 'X' -> push(new String(bytes(little(4)), StandardCharsets.UTF_8));
                case ']' -> push(new ArrayList<>());
                case '}' -> push(new Dictionary(new ArrayList<>(), new ArrayList<>()));
                case ')' -> push(new Object[0]);
                case 0x85 -> push(last(1));
                case 0x86 -> push(last(2));
                case 0x87 -> push(last(3));
                case 't' -> {
                    Object[] items = toMark();
                    push(items);
                }
                case '(' -> {
                    marked.push(stack);
                    stack = new ArrayList<>();
                }
                case 'a' -> append(pop());
                case 'e' -> append(toMark());
                case 's' -> set(last(2));
                case 'u' -> set(toMark());
                case 'q' -> memo.put((int) little(1), top());
                case 'r' -> memo.put((int) little(4), top());
                case 'h' -> push(remembered((int) little(1)));
                case 'j' -> push(remembered((int) little(4)));
                case 'c' -> push(name(text(), text()));
                case 'R' -> push(call(pop(), pop()));
                case 'b' -> build(pop(), top());
                default ->
                    throw source.error("the pickle uses opcode 0x" + Integer.toHexString(op) + ", which no CIFAR file does: refused");
            }
        }
    }

    private Name name(String module, String name) {
        return switch (module + " " + name) {
            case "numpy.core.multiarray _reconstruct" -> Name.RECONSTRUCT;
            case "numpy ndarray" -> Name.NDARRAY;
            case "numpy dtype" -> Name.DTYPE;
            default -> throw source.error("the pickle asks for '" + module + "." + name + "', which no CIFAR file does: refused");
        };
    }

    private Object call(Object arguments, Object what) {
        Object[] a = arguments instanceof Object[] t ? t : new Object[0];
        if (what == Name.RECONSTRUCT && a.length == 3 && a[0] == Name.NDARRAY) return new Array();
        if (what == Name.DTYPE && a.length == 3) {
            if (!text(a[0], source).equals("u1"))
                throw source.unsupported("an array of type '" + text(a[0], source) + "' in a CIFAR archive");
            return new UInt8();
        }
        throw source.error("the pickle calls " + describe(what) + ": refused");
    }

    /** An array's state is (version, shape, dtype, column by column, bytes). */
    private void build(Object state, Object target) {
        if (target instanceof UInt8) return;
        if (!(target instanceof Array array) || array.shape != null || !(state instanceof Object[] s) || s.length != 5
                || !(s[1] instanceof Object[] dims) || !(s[2] instanceof UInt8) || !(s[4] instanceof byte[] data))
            throw source.error("the pickle builds " + describe(target) + " of " + describe(state) + ": refused");
        int[] shape = new int[dims.length];
        long size = 1;
        for (int i = 0; i < shape.length; i++) {
            if (!(dims[i] instanceof Long d) || d < 0 || d > Integer.MAX_VALUE)
                throw source.error("an array has dimension " + describe(dims[i]));
            shape[i] = d.intValue();
            size = Math.clamp(size * shape[i], 0, Integer.MAX_VALUE + 1L);
        }
        if (size != data.length) throw source.error("an array of shape " + Arrays.toString(shape) + " has " + data.length + " bytes");
        array.shape = shape;
        array.fortran = Boolean.TRUE.equals(s[3]) || s[3] instanceof Long f && f != 0;
        array.data = data;
    }

    private void append(Object... items) {
        if (!(top() instanceof List<?> l)) throw source.error("the pickle appends to " + describe(top()));
        @SuppressWarnings("unchecked")
        List<Object> list = (List<Object>) l;
        list.addAll(Arrays.asList(items));
    }

    private void set(Object[] pairs) {
        if (!(top() instanceof Dictionary d) || pairs.length % 2 != 0) throw source.error("the pickle sets entries of " + describe(top()));
        for (int i = 0; i < pairs.length; i += 2) {
            d.keys.add(pairs[i]);
            d.values.add(pairs[i + 1]);
        }
    }

    private Object remembered(int i) {
        Object o = memo.get(i);
        if (o == null) throw source.error("is damaged: the pickle refers to entry " + i + ", which is not there");
        return o;
    }

    private void push(Object o) { stack.add(o); }

    private Object top() {
        if (stack.isEmpty()) throw source.error("is damaged: the pickle's stack is empty");
        return stack.getLast();
    }

    private Object pop() {
        Object o = top();
        stack.removeLast();
        return o;
    }

    private Object[] last(int n) {
        Object[] items = new Object[n];
        for (int i = n - 1; i >= 0; i--)
            items[i] = pop();
        return items;
    }

    private Object[] toMark() {
        if (marked.isEmpty()) throw source.error("is damaged: the pickle lacks a mark");
        Object[] items = stack.toArray();
        stack = marked.pop();
        return items;
    }

    private int next() throws IOException {
        int b = left-- > 0 ? in.read() : -1;
        if (b < 0) throw source.error("is truncated: the pickle does not end");
        return b;
    }

    private long little(int n) throws IOException {
        long v = 0;
        for (int i = 0; i < n; i++)
            v |= (long) next() << 8 * i;
        return v;
    }

    private byte[] bytes(long n) throws IOException {
        if (n > left) throw source.error("is truncated or damaged: the pickle claims a string of " + n + " bytes, " + left + " are left");
        byte[] b = in.readNBytes((int) n);
        if (b.length < n) throw source.error("is truncated within its pickle");
        left -= n;
        return b;
    }

    private String text() throws IOException {
        StringBuilder s = new StringBuilder();
        for (int c; (c = next()) != '\n';) {
            if (s.length() >= MAX_NAME) throw source.error("is damaged: the pickle has a name without end");
            s.append((char) c);
        }
        return s.toString();
    }

    /** Protocol 0's integers; 00 and 01 are its booleans. */
    private Object line() throws IOException {
        String s = text();
        try {
            return s.equals("00") ? (Object) false : s.equals("01") ? (Object) true : (Object) Long.parseLong(s);
        } catch (NumberFormatException e) {
            throw source.error("is damaged: the pickle has the number '" + s + "'", e);
        }
    }

    private static String describe(Object o) {
        return o == NONE ? "None" : o instanceof Name n ? "numpy's " + n : o.getClass().getSimpleName();
    }
}
