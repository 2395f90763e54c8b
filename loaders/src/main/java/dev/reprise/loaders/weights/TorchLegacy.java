package dev.reprise.loaders.weights;

import dev.reprise.loaders.Source;
import dev.reprise.loaders.weights.Py.Dict;
import dev.reprise.loaders.weights.Py.Items;
import dev.reprise.loaders.weights.Py.Storage;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;

/**
 * PyTorch's format without zip, before 1.6 or with {@code _use_new_zipfile_serialization=False}: pickles of a magic number, a version,
 * facts about the machine, the containers and the storages' keys, then for each storage the number of its elements and these.
 */
final class TorchLegacy {
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long VERSION = 1001;

    private TorchLegacy() {}

    private static final class Reader implements Pickle.Meaning {
        private final MemorySegment file;
        private final Source source;
        private final TorchMeaning meaning;
        private final Map<String, DType> types = new HashMap<>();
        private final Map<String, Long> sizes = new HashMap<>();
        private long at;

        Reader(MemorySegment file, Source source) {
            this.file = file;
            this.source = source;
            meaning = new TorchMeaning(source, false);
        }

        Object next() {
            Pickle p = new Pickle(file, at, source, this);
            Object o = p.read();
            at = p.end();
            return o;
        }

        @Override
        public Py.Global name(String module, String name) { return meaning.name(module, name); }

        @Override
        public Object call(Object what, Py.Tuple arguments) { return meaning.call(what, arguments); }

        @Override
        public void build(Object target, Object state) { meaning.build(target, state); }

        @Override
        public Object persistent(Object id) {
            Storage s = (Storage) meaning.persistent(id);
            if (s.dtype() == null) throw source.unsupported("a storage without an element type in PyTorch's old format");
            DType before = types.putIfAbsent(s.key(), s.dtype());
            if (before != null && before != s.dtype() || sizes.merge(s.key(), s.elements(), (a, b) -> a.equals(b) ? a : -1L) < 0)
                throw source.error("is damaged: storage '" + s.key() + "' has two types or sizes");
            return s;
        }

        /** The bytes of the next storage. */
        MemorySegment storage(String key) {
            DType type = types.get(key);
            if (type == null) throw source.error("is damaged: storage '" + key + "' belongs to no tensor");
            if (at > file.byteSize() - 8) throw source.error("is truncated before storage '" + key + "'");
            long n = file.get(Tensor.I64, at);
            at += 8;
            if (n != sizes.get(key))
                throw source.error("is damaged: storage '" + key + "' has " + n + " elements, its tensors say " + sizes.get(key));
            if (n > (file.byteSize() - at) / type.bytes())
                throw source.error("is truncated: storage '" + key + "' of " + n + " elements goes beyond the file's end");
            MemorySegment bytes = file.asSlice(at, n * type.bytes());
            at += n * type.bytes();
            return bytes;
        }
    }

    static WeightFile open(MemorySegment file, Source source, Arena arena) {
        Reader in = new Reader(file, source);
        if (!MAGIC.equals(in.next()))
            throw source.error("is a pickle, but not of torch.save: it does not begin with PyTorch's magic number");
        Object version = in.next();
        if (!(version instanceof Long v) || v != VERSION)
            throw source.unsupported("version " + Py.describe(version) + " of PyTorch's old format");
        if (in.next() instanceof Dict machine && Boolean.FALSE.equals(machine.get("little_endian")))
            throw source.unsupported("a file of a big-endian machine");
        Tree.Leaves leaves = Tree.of(in.next(), source);
        if (!(in.next() instanceof Items keys)) throw source.error("is damaged: it lacks the list of its storages");
        Map<String, MemorySegment> storages = new HashMap<>();
        for (Object key : keys.items()) {
            if (!(key instanceof String k) || storages.containsKey(k)) throw source.error("is damaged: storage key " + Py.describe(key));
            storages.put(k, in.storage(k));
        }
        return TorchArchive.views("PyTorch file without zip", source, file, leaves, arena, key -> {
            MemorySegment bytes = storages.get(key);
            if (bytes == null) throw source.error("is damaged: it lacks the bytes of storage '" + key + "'");
            return bytes;
        });
    }
}
