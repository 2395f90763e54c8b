package dev.reprise.loaders.weights;

import dev.reprise.ops.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * What a pickle can hold here. Besides these: Long, BigInteger, Double, Boolean, String and byte[]. All are data; none of them runs.
 */
sealed interface Py {
    /** None. */
    enum None implements Py {
        NONE
    }

    /** A list or a set, in order. */
    record Items(List<Object> items) implements Py {
        Items() { this(new ArrayList<>()); }
    }

    record Tuple(List<Object> items) implements Py {
        Tuple(Object... items) { this(List.of(items)); }

        Object get(int i) { return items.get(i); }

        int size() { return items.size(); }
    }

    /** A dict or OrderedDict: keys and values side by side, in order. */
    record Dict(List<Object> keys, List<Object> values) implements Py {
        Dict() { this(new ArrayList<>(), new ArrayList<>()); }

        void put(Object key, Object value) {
            keys.add(key);
            values.add(value);
        }

        /** The value of a text key, or null. */
        Object get(String key) {
            int i = keys.lastIndexOf(key);
            return i < 0 ? null : values.get(i);
        }
    }

    /** A name of the list of known ones; it stands for a meaning, not for code. */
    record Global(String module, String name) implements Py {
        @Override
        public String toString() { return module + "." + name; }
    }

    /** An instance of a TorchScript class: its attributes. */
    record Instance(String type, Dict attributes) implements Py {}

    /** @param dtype null where untyped @param key names its bytes @param elements of dtype, bytes where untyped */
    record Storage(DType dtype, String key, long elements) implements Py {}

    /** A view of a storage, in elements. */
    record View(Storage storage, DType dtype, long offset, long[] shape, long[] strides) implements Py {}

    /** For messages. */
    static String describe(Object o) {
        return switch (o) {
            case None _ -> "None";
            case Global g -> "'" + g + "'";
            case Items _ -> "a list";
            case Tuple t -> "a tuple of " + t.size();
            case Dict _ -> "a dict";
            case Instance i -> "a '" + i.type + "'";
            case Storage _ -> "a storage";
            case View _ -> "a tensor";
            case byte[] b -> b.length + " bytes";
            case String s -> "the text '" + (s.length() > 40 ? s.substring(0, 40) + "…" : s) + "'";
            default -> "the value " + o;
        };
    }
}
