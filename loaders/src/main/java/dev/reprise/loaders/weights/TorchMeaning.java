package dev.reprise.loaders.weights;

import dev.reprise.loaders.Source;
import dev.reprise.loaders.weights.Py.Dict;
import dev.reprise.loaders.weights.Py.Global;
import dev.reprise.loaders.weights.Py.Instance;
import dev.reprise.loaders.weights.Py.Items;
import dev.reprise.loaders.weights.Py.None;
import dev.reprise.loaders.weights.Py.Storage;
import dev.reprise.loaders.weights.Py.Tuple;
import dev.reprise.loaders.weights.Py.View;
import dev.reprise.ops.tensor.DType;
import java.util.Map;
import java.util.Set;

/**
 * The names that PyTorch's files need: how tensors are rebuilt, element types, storages, ordered dictionaries. Whatever else a file asks
 * for ends in an error with that name. Classes of a TorchScript archive's own program ({@code __torch__.…}) become bags of attributes.
 */
final class TorchMeaning implements Pickle.Meaning {
    private static final Map<String, DType> STORAGES = Map.ofEntries(Map.entry("FloatStorage", DType.FLOAT32),
            Map.entry("DoubleStorage", DType.FLOAT64), Map.entry("HalfStorage", DType.FLOAT16),
            Map.entry("BFloat16Storage", DType.BFLOAT16),
            Map.entry("LongStorage", DType.INT64), Map.entry("IntStorage", DType.INT32), Map.entry("ShortStorage", DType.INT16),
            Map.entry("CharStorage", DType.INT8), Map.entry("ByteStorage", DType.UINT8), Map.entry("BoolStorage", DType.BOOL));
    private static final Map<String, DType> DTYPES = Map.ofEntries(Map.entry("float32", DType.FLOAT32), Map.entry("float64", DType.FLOAT64),
            Map.entry("float16", DType.FLOAT16), Map.entry("bfloat16", DType.BFLOAT16), Map.entry("int64", DType.INT64),
            Map.entry("int32", DType.INT32), Map.entry("int16", DType.INT16), Map.entry("int8", DType.INT8),
            Map.entry("uint8", DType.UINT8),
            Map.entry("uint16", DType.UINT16), Map.entry("uint32", DType.UINT32), Map.entry("uint64", DType.UINT64),
            Map.entry("bool", DType.BOOL));
    private static final Set<String> NOT_STORED = Set.of("ComplexFloatStorage", "ComplexDoubleStorage", "QInt8Storage", "QUInt8Storage",
            "QInt32Storage", "QUInt4x2Storage", "QUInt2x4Storage", "complex64", "complex128", "qint8", "quint8", "qint32", "float8_e4m3fn",
            "float8_e5m2");
    private static final Set<String> CALLS = Set.of("torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2",
            "torch._utils._rebuild_tensor_v3", "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state",
            "collections.OrderedDict", "torch.Size", "torch.device", "torch.jit._pickle.build_intlist",
            "torch.jit._pickle.build_tensorlist",
            "torch.jit._pickle.build_doublelist", "torch.jit._pickle.build_boollist", "torch.jit._pickle.restore_type_tag");
    private static final int MAX_RANK = 64;

    private final Source source;
    private final boolean script;

    /** @param script true for a TorchScript archive, whose own classes are known */
    TorchMeaning(Source source, boolean script) {
        this.source = source;
        this.script = script;
    }

    @Override
    public Global name(String module, String name) {
        Global g = new Global(module, name);
        if (script && module.startsWith("__torch__") || CALLS.contains(g.toString()) || storage(g)
                || module.equals("torch") && DTYPES.containsKey(name))
            return g;
        if (module.equals("torch") && NOT_STORED.contains(name)) throw source.unsupported("a tensor of " + name);
        throw refused("asks for '" + g + "'");
    }

    private RuntimeException refused(String what) {
        return source.error("a pickle in it " + what + ", which is neither a tensor nor a plain container: refused, nothing is imported or "
                + "called here. Files that carry programs or objects along, as those of EDM and StyleGAN, have to be saved again with their "
                + "weights alone: torch.save(net.state_dict(), \"weights.pt\")");
    }

    private static boolean storage(Global g) {
        return g.module().equals("torch") && STORAGES.containsKey(g.name())
                || (g.module().equals("torch.storage") || g.module().equals("torch")) && g.name().equals("UntypedStorage");
    }

    @Override
    public Object call(Object what, Tuple a) {
        if (!(what instanceof Global g)) throw refused("calls " + Py.describe(what));
        int n = a.size();
        Object result = switch (g.toString()) {
            case "torch._utils._rebuild_tensor" -> n == 4 ? view(a, null) : null;
            case "torch._utils._rebuild_tensor_v2" -> n == 6 || n == 7 ? view(a, null) : null;
            case "torch._utils._rebuild_tensor_v3" -> n >= 7 && a.get(6) instanceof Global t && t.module().equals("torch")
                    ? view(a, DTYPES.get(t.name()))
                    : null;
            case "torch._utils._rebuild_parameter" -> n == 3 && a.get(0) instanceof View ? a.get(0) : null;
            case "torch._utils._rebuild_parameter_with_state" -> n == 4 && a.get(0) instanceof View ? a.get(0) : null;
            case "collections.OrderedDict" -> n == 0 ? new Dict() : n == 1 && a.get(0) instanceof Items l ? pairs(l) : null;
            case "torch.Size" -> n == 1 && a.get(0) instanceof Tuple ? a.get(0) : null;
            case "torch.device" -> n > 0 ? a.get(0) : null;
            case "torch.jit._pickle.build_intlist", "torch.jit._pickle.build_tensorlist", "torch.jit._pickle.build_doublelist",
                    "torch.jit._pickle.build_boollist" ->
                n == 1 && a.get(0) instanceof Items ? a.get(0) : null;
            case "torch.jit._pickle.restore_type_tag" -> n == 2 ? a.get(0) : null;
            default -> script && g.module().startsWith("__torch__") && n == 0 ? new Instance(g.toString(), new Dict()) : null;
        };
        if (result == null) throw refused("calls '" + g + "' with " + n + " arguments that do not belong to it");
        return result;
    }

    private Dict pairs(Items list) {
        Dict d = new Dict();
        for (Object o : list.items())
            if (o instanceof Tuple t && t.size() == 2) d.put(t.get(0), t.get(1));
            else if (o instanceof Items l && l.items().size() == 2) d.put(l.items().get(0), l.items().get(1));
            else throw source.error("is damaged: an OrderedDict of " + Py.describe(o));
        return d;
    }

    @Override
    public void build(Object target, Object state) {
        switch (target) {
            // What a module's state dict knows of itself (versions of its layers), not weights.
            case Dict _ when state instanceof Dict -> {
            }
            case Instance i when state instanceof Dict d -> {
                i.attributes().keys().addAll(d.keys());
                i.attributes().values().addAll(d.values());
            }
            default -> throw refused("sets the state of " + Py.describe(target));
        }
    }

    /** ('storage', type, key, device, elements), and in the old format a sixth that says whether it is a view of another. */
    @Override
    public Object persistent(Object id) {
        if (!(id instanceof Tuple t) || t.size() < 5 || t.size() > 6 || !"storage".equals(t.get(0)) || !(t.get(1) instanceof Global type)
                || !storage(type) || !(t.get(2) instanceof String key) || !(t.get(4) instanceof Long n) || n < 0)
            throw refused("refers to " + Py.describe(id));
        if (t.size() == 6 && t.get(5) != None.NONE) throw source.unsupported("a storage that is a view of another");
        return new Storage(STORAGES.get(type.name()), key, n);
    }

    /** (storage, offset, shape, strides, …). @param dtype where the storage does not say it */
    private View view(Tuple a, DType dtype) {
        if (!(a.get(0) instanceof Storage s) || !(a.get(1) instanceof Long offset) || !(a.get(2) instanceof Tuple shape)
                || !(a.get(3) instanceof Tuple strides) || shape.size() != strides.size() || offset < 0)
            throw source.error("is damaged: a tensor is rebuilt from " + Py.describe(a.get(0)) + ", " + Py.describe(a.get(1)) + ", "
                    + Py.describe(a.get(2)) + " and " + Py.describe(a.get(3)));
        DType type = dtype != null ? dtype : s.dtype();
        if (type == null) throw source.unsupported("a tensor whose storage has no element type");
        if (shape.size() > MAX_RANK)
            throw source.error("has a tensor of " + shape.size() + " dimensions, at most " + MAX_RANK + " are allowed");
        return new View(s, type, offset, numbers(shape), numbers(strides));
    }

    private long[] numbers(Tuple t) {
        long[] v = new long[t.size()];
        for (int i = 0; i < v.length; i++) {
            if (!(t.get(i) instanceof Long n) || n < 0)
                throw source.error("is damaged: a tensor has dimension or stride " + Py.describe(t.get(i)));
            v[i] = n;
        }
        return v;
    }
}
