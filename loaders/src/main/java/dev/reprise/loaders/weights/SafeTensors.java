package dev.reprise.loaders.weights;

import dev.reprise.loaders.Booleans;
import dev.reprise.loaders.Json;
import dev.reprise.loaders.Source;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * safetensors: the length of a JSON header, the header (element type, shape and place of each tensor), the tensors without gap or
 * overlap to the end of the file, as the format demands.
 */
final class SafeTensors {
    /** The format's own limit. */
    private static final long MAX_HEADER = 100_000_000;
    private static final String METADATA = "__metadata__";
    private static final int MAX_RANK = 64;

    private SafeTensors() {}

    /** True where a file may be one: a plausible length, then a brace. */
    static boolean seems(MemorySegment file) {
        return file.byteSize() > 8 && file.get(ValueLayout.JAVA_BYTE, 8) == '{';
    }

    private record Place(WeightFile.Entry entry, long begin, long end) {}

    static WeightFile open(MemorySegment file, Source source, Arena arena) {
        long n = file.get(Tensor.I64, 0);
        if (n < 2 || n > file.byteSize() - 8)
            throw source.error(
                    "is truncated or damaged: its header claims " + Long.toUnsignedString(n) + " bytes, the file has " + file.byteSize());
        if (n > MAX_HEADER) throw source.error("claims a header of " + n + " bytes, at most " + MAX_HEADER + " are allowed");
        String text = new String(file.asSlice(8, n).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        if (!(Json.parse(text, source) instanceof Map<?, ?> header)) throw source.error("has a header that is no JSON object");
        MemorySegment data = file.asSlice(8 + n);
        Map<String, String> facts = new LinkedHashMap<>();
        Map<String, Place> places = new LinkedHashMap<>();
        for (Map.Entry<?, ?> e : header.entrySet()) {
            String name = (String) e.getKey();
            if (name.equals(METADATA)) {
                if (e.getValue() instanceof Map<?, ?> m) m.forEach((k, v) -> facts.put((String) k, String.valueOf(v)));
            } else places.put(name, place(name, e.getValue(), source));
        }
        covered(places, data.byteSize(), source);
        Map<String, WeightFile.Entry> entries = new LinkedHashMap<>();
        places.forEach((name, p) -> entries.put(name, p.entry));
        return new WeightFile("safetensors", source, file, entries, facts, name -> {
            Place p = places.get(name);
            DType t = p.entry.dtype();
            MemorySegment bytes = p.begin == p.end ? MemorySegment.NULL : data.asSlice(p.begin, p.end - p.begin);
            return new Tensor(t, p.entry.shape(), t == DType.BOOL ? Booleans.clean(bytes, arena) : bytes);
        });
    }

    private static Place place(String name, Object value, Source source) {
        if (!(value instanceof Map<?, ?> m) || !(m.get("dtype") instanceof String type) || !(m.get("shape") instanceof List<?> dims)
                || !(m.get("data_offsets") instanceof List<?> offsets) || offsets.size() != 2 || !(offsets.get(0) instanceof Long begin)
                || !(offsets.get(1) instanceof Long end) || dims.size() > MAX_RANK)
            throw source.error("tensor '" + name + "': its entry must have dtype, shape and data_offsets [begin, end]");
        DType dtype = dtype(type, name, source);
        long[] d = new long[dims.size()];
        for (int i = 0; i < d.length; i++) {
            if (!(dims.get(i) instanceof Long v) || v < 0) throw source.error("tensor '" + name + "': dimension " + dims.get(i));
            d[i] = v;
        }
        try {
            Shape shape = Shape.of(d);
            long bytes = Math.multiplyExact(shape.size(), (long) dtype.bytes());
            if (begin < 0 || end < begin || end - begin != bytes)
                throw source.error(
                        "tensor '" + name + "': " + type + " of shape " + shape + " needs " + bytes + " bytes, its offsets are " + offsets);
            return new Place(new WeightFile.Entry(name, dtype, shape, ""), begin, end);
        } catch (ArithmeticException e) {
            throw source.error("tensor '" + name + "': shape " + dims + " is too large", e);
        }
    }

    private static DType dtype(String type, String name, Source source) {
        return switch (type) {
            case "F64" -> DType.FLOAT64;
            case "F32" -> DType.FLOAT32;
            case "F16" -> DType.FLOAT16;
            case "BF16" -> DType.BFLOAT16;
            case "I64" -> DType.INT64;
            case "I32" -> DType.INT32;
            case "I16" -> DType.INT16;
            case "I8" -> DType.INT8;
            case "U64" -> DType.UINT64;
            case "U32" -> DType.UINT32;
            case "U16" -> DType.UINT16;
            case "U8" -> DType.UINT8;
            case "BOOL" -> DType.BOOL;
            default -> throw source.unsupported("tensor '" + name + "': element type " + type);
        };
    }

    private static void covered(Map<String, Place> places, long size, Source source) {
        List<Place> sorted = new ArrayList<>(places.values());
        sorted.sort(Comparator.comparingLong(Place::begin).thenComparingLong(Place::end));
        long at = 0;
        for (Place p : sorted) {
            if (p.begin != at)
                throw source.error("tensor '" + p.entry.name() + "' begins at " + p.begin + ", but the one before it ends at " + at);
            at = p.end;
        }
        if (at != size)
            throw source.error("is " + (at > size ? "truncated" : "damaged") + ": its tensors have " + at + " bytes, the file " + size);
    }
}
