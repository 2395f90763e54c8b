package dev.reprise.loaders.data;

import dev.reprise.loaders.Source;
import dev.reprise.loaders.npy.NpzStream;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * An .npz archive with images: the array {@code samples}, {@code images} or {@code arr_0}, or the only one of rank 4;
 * (N, C, H, W) or (N, H, W, C), C 1 or 3; uint8, or float32 in [−1, 1], which is quantized to 8 bits as samples are
 * ({@code clip(127.5 x + 128, 0, 255)}, truncated). Labels, if any, are an integer array {@code labels} of N.
 */
final class NpzSet implements DataSet {
    private final Path file;
    private final String array;
    private final boolean channelsLast, floats;
    private final int[] labels;
    private final Info info;
    private String hash;

    private NpzSet(Path file, String array, boolean channelsLast, boolean floats, int[] labels, Info info) {
        this.file = file;
        this.array = array;
        this.channelsLast = channelsLast;
        this.floats = floats;
        this.labels = labels;
        this.info = info;
    }

    static NpzSet open(Path file) {
        Source source = new Source(file.toString());
        Map<String, NpzStream.Header> headers = NpzStream.headers(file);
        String name = images(headers, source);
        NpzStream.Header h = headers.get(name);
        Shape s = h.shape();
        if (s.rank() != 4 || s.size() == 0)
            throw source.error("array '" + name + "' must have shape (N, C, H, W) or (N, H, W, C), found " + s);
        if (h.dtype() != DType.UINT8 && h.dtype() != DType.FLOAT32)
            throw source.unsupported("array '" + name + "': images of type " + h.dtype() + " (uint8 and float32 are read);");
        boolean first = s.dim(1) == 1 || s.dim(1) == 3, last = s.dim(3) == 1 || s.dim(3) == 3;
        if (!first && !last) throw source.unsupported("array '" + name + "': images of shape " + s + ", neither 1 nor 3 channels,");
        // Samples of this program are channels first; where both would do, so is this.
        boolean channelsLast = !first;
        Info info = new Info(file.getFileName().toString(), s.dimInt(0), s.dimInt(channelsLast ? 3 : 1), s.dimInt(channelsLast ? 1 : 2),
                s.dimInt(channelsLast ? 2 : 3), List.of());
        return new NpzSet(file, name, channelsLast, h.dtype() == DType.FLOAT32, labels(file, headers.get("labels"), info.count(), source),
                info);
    }

    private static String images(Map<String, NpzStream.Header> headers, Source source) {
        for (String name : List.of("samples", "images", "arr_0"))
            if (headers.containsKey(name)) return name;
        List<String> candidates = new ArrayList<>(headers.keySet());
        candidates.removeIf(n -> headers.get(n).shape().rank() != 4);
        if (candidates.size() == 1) return candidates.getFirst();
        throw source.error(
                "must hold images in an array 'samples', 'images' or 'arr_0', or in its only array of rank 4; found " + headers.keySet());
    }

    private static int[] labels(Path file, NpzStream.Header h, int count, Source source) {
        if (h == null) return null;
        if (!h.dtype().isInteger() || !h.shape().equals(Shape.of(count)))
            throw source.error("array 'labels' must hold " + count + " integers, found " + h.dtype() + h.shape());
        int[] labels = new int[count];
        try (Arena arena = Arena.ofConfined()) {
            Tensor one = Tensor.allocate(arena, h.dtype(), Shape.of(1));
            NpzStream.rows(file, "labels", (i, row) -> {
                if (row.length != one.byteSize()) throw source.error("is no longer what was opened: it changed in the meantime");
                MemorySegment.copy(row, 0, one.data(), Tensor.I8, 0, row.length);
                long v = one.getLong(0);
                if (v < 0 || v > Integer.MAX_VALUE) throw source.error("label " + i + " is " + v);
                labels[i] = (int) v;
            });
        }
        return labels;
    }

    @Override
    public Info info() { return info; }

    @Override
    public synchronized String identity() {
        if (hash == null) hash = Hashes.of(file);
        return "npz " + hash;
    }

    @Override
    public void read(IntPredicate wanted, Visitor visitor) {
        int size = info.imageBytes(), channels = info.channels(), plane = size / channels;
        byte[] pixels = new byte[size];
        Source source = new Source(file.toString());
        NpzStream.rows(file, array, (index, row) -> {
            if (index >= info.count() || row.length != size * (floats ? 4 : 1))
                throw source.error("is no longer what was opened: it changed in the meantime");
            if (!wanted.test(index)) return;
            MemorySegment values = MemorySegment.ofArray(row);
            for (int e = 0; e < size; e++) {
                int from = channelsLast ? e % plane * channels + e / plane : e;
                pixels[e] = floats ? quantized(values.get(Tensor.F32, 4L * from), index, source) : row[from];
            }
            visitor.image(index, pixels, labels == null ? NO_LABEL : labels[index]);
        });
    }

    private static byte quantized(float x, int index, Source source) {
        if (Float.isNaN(x)) throw source.error("image " + index + " has a pixel that is NaN");
        return (byte) (int) Math.clamp(x * 127.5f + 128f, 0f, 255f);
    }
}
