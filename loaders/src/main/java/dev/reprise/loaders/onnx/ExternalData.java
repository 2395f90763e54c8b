package dev.reprise.loaders.onnx;

import dev.reprise.loaders.Source;
import dev.reprise.loaders.onnx.proto.Onnx.StringStringEntryProto;
import dev.reprise.loaders.onnx.proto.Onnx.TensorProto;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The files beside a model that hold its tensors (ONNX external data), each mapped once. A location must lie in the
 * model's folder: relative, without "..", and not reached through a symbolic link that leads out.
 */
final class ExternalData {
    private final Source source;
    private final Path folder;
    private final Arena arena;
    private final SortedMap<Path, MemorySegment> mapped = new TreeMap<>();

    /** @param folder the model's, or null where the model was not read from a file */
    ExternalData(Source source, Path folder, Arena arena) {
        this.source = source;
        this.folder = folder;
        this.arena = arena;
    }

    /** The files that tensors were taken from, by name. */
    Collection<MemorySegment> files() { return mapped.values(); }

    /** The bytes of a tensor, exactly {@code bytes} of them. */
    MemorySegment slice(TensorProto tensor, String what, long bytes) {
        String location = null;
        long offset = 0, length = bytes;
        for (StringStringEntryProto e : tensor.getExternalDataList()) {
            switch (e.getKey()) {
                case "location" -> location = e.getValue();
                case "offset" -> offset = number(what, e);
                case "length" -> length = number(what, e);
                default -> {
                } // checksum and whatever writers add
            }
        }
        if (location == null || location.isEmpty()) throw source.error(what + ": external data without a location");
        if (length != bytes) throw source.error(what + ": external data of " + length + " bytes, its shape and element type need " + bytes);
        MemorySegment file = map(what, location);
        if (offset > file.byteSize() || bytes > file.byteSize() - offset)
            throw source.error(what + ": external data at [" + offset + ", " + offset + " + " + bytes + ") of '" + location
                    + "', which has only " + file.byteSize()
                    + " bytes");
        return file.asSlice(offset, bytes);
    }

    private long number(String what, StringStringEntryProto e) {
        try {
            long v = Long.parseLong(e.getValue());
            if (v >= 0) return v;
        } catch (NumberFormatException _) {
            // said below
        }
        throw source.error(what + ": external data " + e.getKey() + " '" + e.getValue() + "' is not a non-negative integer");
    }

    private MemorySegment map(String what, String location) {
        if (folder == null) throw source.error(what + ": external data '" + location + "', but the model was not read from a folder");
        try {
            Path relative = Path.of(location);
            if (relative.isAbsolute() || relative.getRoot() != null) throw outside(what, location);
            for (Path part : relative)
                if (part.toString().equals("..")) throw outside(what, location);
            Path real = folder.resolve(relative).toRealPath();
            if (!real.startsWith(folder.toRealPath())) throw outside(what, location);
            if (!Files.isRegularFile(real)) throw source.error(what + ": external data '" + location + "' is not a regular file");
            MemorySegment m = mapped.get(real);
            if (m == null) mapped.put(real, m = source.map(real, arena));
            return m;
        } catch (IOException | InvalidPathException e) {
            throw source.error(what + ": external data '" + location + "' cannot be read (" + e + "); it must lie beside the model", e);
        }
    }

    private RuntimeException outside(String what, String location) {
        return source.error(what + ": external data '" + location + "' lies outside the model's folder, which is not allowed");
    }
}
