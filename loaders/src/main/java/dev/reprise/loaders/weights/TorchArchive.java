package dev.reprise.loaders.weights;

import dev.reprise.loaders.Source;
import dev.reprise.loaders.weights.Py.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * PyTorch's zip archives, since 1.6: {@code data.pkl} holds the containers, {@code data/KEY} the bytes of each storage, all in one
 * folder. A TorchScript archive ({@code torch.jit.save}) also has its program as text in {@code code/}, which is not read, and
 * {@code constants.pkl}.
 */
final class TorchArchive {
    private static final String PICKLE = "data.pkl";

    private TorchArchive() {}

    static WeightFile open(MemorySegment file, Source source, Arena arena) {
        ZipContent zip = new ZipContent(file, source, arena);
        Set<String> names = zip.entries().keySet();
        String folder = folder(names, source);
        byteOrder(zip, folder + "byteorder", source);
        boolean script = names.contains(folder + "constants.pkl");
        MemorySegment pickle = zip.bytes(folder + PICKLE);
        Pickle reader = new Pickle(pickle, 0, source, new TorchMeaning(source, script));
        Tree.Leaves leaves = Tree.of(reader.read(), source);
        Map<String, MemorySegment> storages = new HashMap<>();
        return views(script ? "TorchScript archive" : "PyTorch archive", source, file, leaves, arena,
                key -> storages.computeIfAbsent(key, k -> {
                    String name = folder + "data/" + k;
                    if (!names.contains(name)) throw source.error("is damaged: it lacks entry '" + name + "', the bytes of a storage");
                    return zip.bytes(name);
                }));
    }

    /** Where a storage's bytes are. */
    interface Storages {
        MemorySegment bytes(String key);
    }

    static WeightFile views(String format, Source source, MemorySegment file, Tree.Leaves leaves, Arena arena, Storages storages) {
        Map<String, WeightFile.Entry> entries = new LinkedHashMap<>();
        for (Map.Entry<String, View> e : leaves.tensors().entrySet()) {
            View v = e.getValue();
            entries.put(e.getKey(), new WeightFile.Entry(e.getKey(), v.dtype(), Views.shape(v, e.getKey(), source),
                    Views.contiguous(v) ? "" : "strides " + java.util.Arrays.toString(v.strides())));
        }
        return new WeightFile(format, source, file, entries, leaves.facts(), name -> {
            View v = leaves.tensors().get(name);
            if (v.storage().elements() == 0 && entries.get(name).shape().size() == 0)
                return Views.tensor(v, MemorySegment.NULL, name, source, arena);
            MemorySegment bytes = storages.bytes(v.storage().key());
            long declared = v.storage().elements() * (v.storage().dtype() == null ? 1 : v.storage().dtype().bytes());
            if (bytes.byteSize() != declared)
                throw source.error("tensor '" + name + "': its storage should have " + declared + " bytes, found " + bytes.byteSize());
            return Views.tensor(v, bytes, name, source, arena);
        });
    }

    private static String folder(Set<String> names, Source source) {
        String found = null;
        for (String n : names)
            if ((n.equals(PICKLE) || n.endsWith("/" + PICKLE)) && n.indexOf('/') == n.lastIndexOf('/')) {
                if (found != null) throw source.error("is no PyTorch archive: it has '" + found + "' and '" + n + "'");
                found = n;
            }
        if (found == null) throw source.error("is a zip archive, but no PyTorch file: it has no data.pkl");
        return found.substring(0, found.length() - PICKLE.length());
    }

    private static void byteOrder(ZipContent zip, String name, Source source) {
        if (!zip.entries().containsKey(name)) return;
        String order = new String(zip.bytes(name).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII).strip();
        if (!order.equals("little")) throw source.unsupported("byte order '" + order + "'");
    }
}
