package dev.reprise.loaders.weights;

import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.Sha256;
import dev.reprise.loaders.Source;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * A file of named tensors: PyTorch's {@code .pt}, {@code .pth}, {@code .ckpt} (zip archives, TorchScript among them, and the older
 * format) and {@code .safetensors}, told apart by their content. The file is mapped; a tensor is read when it is asked for, and lies
 * in the mapped file where its elements are in order there. Names of nested containers are joined with points.
 */
public final class WeightFile {
    /** @param note how it is stored, where that is unusual; else empty */
    public record Entry(String name, DType dtype, Shape shape, String note) {}

    private static final Set<String> ENDINGS = Set.of(".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".pkl");

    private final String format;
    private final Source source;
    private final MemorySegment file;
    private final Map<String, Entry> entries;
    private final Map<String, String> facts;
    private final Function<String, Tensor> reader;

    /** @param reader gives the tensor of a name of {@code entries} */
    WeightFile(String format, Source source, MemorySegment file, Map<String, Entry> entries, Map<String, String> facts,
            Function<String, Tensor> reader) {
        this.format = format;
        this.source = source;
        this.file = file;
        this.entries = entries;
        this.facts = facts;
        this.reader = reader;
    }

    /** True where a file's name ends as those of weights do. */
    public static boolean isNamedSo(Path file) {
        String name = String.valueOf(file.getFileName());
        int point = name.lastIndexOf('.');
        return point >= 0 && ENDINGS.contains(name.substring(point));
    }

    /**
     * Opens a file.
     *
     * @param arena the tensors live as long
     * @throws LoadException where it cannot be read, is damaged or hostile, or holds what is neither a tensor nor a plain container
     */
    public static WeightFile open(Path file, Arena arena) {
        Source source = new Source(file.toString());
        return open(source.map(file, arena), source, arena);
    }

    /** As {@link #open(Path, Arena)}, from memory that lives as long as {@code arena}. */
    public static WeightFile open(MemorySegment bytes, String name, Arena arena) {
        return open(bytes, new Source(name), arena);
    }

    private static WeightFile open(MemorySegment bytes, Source source, Arena arena) {
        try {
            if (bytes.byteSize() == 0) throw source.error("is empty");
            if (ZipDirectory.isZip(bytes)) return TorchArchive.open(bytes, source, arena);
            if (Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, 0)) == 0x80) return TorchLegacy.open(bytes, source, arena);
            if (SafeTensors.seems(bytes)) return SafeTensors.open(bytes, source, arena);
        } catch (OutOfMemoryError | StackOverflowError e) {
            throw source.error("needs more memory than there is to be read (" + e + ")", e);
        }
        throw source.error("is neither a PyTorch file (zip archive or pickle) nor safetensors");
    }

    /** In words, such as "PyTorch archive". */
    public String format() { return format; }

    /** Tensors by name, in the file's order. */
    public Map<String, Entry> entries() { return Collections.unmodifiableMap(entries); }

    /** Texts and numbers beside the tensors, by name: a training step, a format's metadata. */
    public Map<String, String> facts() {
        return Collections.unmodifiableMap(facts);
    }

    /** The file's name, for messages. */
    public String name() { return source.name(); }

    /**
     * A tensor.
     *
     * @throws LoadException where there is none of that name, or its bytes are damaged
     */
    public Tensor tensor(String name) {
        if (!entries.containsKey(name)) throw source.error("has no tensor '" + name + "'");
        try {
            return reader.apply(name);
        } catch (OutOfMemoryError e) {
            throw source.error("tensor '" + name + "' needs more memory than there is", e);
        }
    }

    /** Every tensor. */
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        for (String name : entries.keySet())
            all.put(name, tensor(name));
        return all;
    }

    /** Of the file's bytes, in hex. */
    public String sha256() { return new Sha256().update(file).hex(); }
}
