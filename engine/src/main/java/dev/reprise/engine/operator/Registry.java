package dev.reprise.engine.operator;

import dev.reprise.engine.graph.Node;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Every operator Reprise knows, by domain, name and since-version. */
public final class Registry {
    /** The newest version of the default operator set that models may import. */
    public static final int MAX_OPSET = 24;

    private record Entry(Operator operator, Set<String> attributes) {}

    /** One line a family; keep it sorted. */
    private static final List<Consumer<Registry>> FAMILIES = List.of(//
            Activations::register, //
            Arithmetic::register, //
            Attentions::register, //
            Bits::register, //
            Casts::register, //
            Clip::register, //
            Comparisons::register, //
            Constants::register, //
            ControlFlow::register, //
            ConvTransposes::register, //
            Convs::register, //
            ConvMaxPools::register, //
            CumSums::register, //
            DeformConvs::register, //
            DeviceSubgraph::register, //
            Dropout::register, //
            Einsums::register, //
            Expands::register, //
            Extremes::register, //
            Filters::register, //
            FusedAttention::register, //
            Gathers::register, //
            Gemms::register, //
            Generators::register, //
            GroupNorms::register, //
            Identity::register, //
            Joins::register, //
            LayerNorms::register, //
            Losses::register, //
            MatMuls::register, //
            Matrices::register, //
            NonMaxSuppression::register, //
            Optionals::register, //
            OtherNorms::register, //
            Pads::register, //
            Placing::register, //
            Pooling::register, //
            Quantizes::register, //
            Recurrents::register, //
            Reductions::register, //
            Reshapes::register, //
            Resize::register, //
            Sampling::register, //
            Scan::register, //
            Scatters::register, //
            Selections::register, //
            Sequences::register, //
            Shapes::register, //
            Signals::register, //
            Slice::register, //
            Softmaxes::register, //
            Transposes::register, //
            UnaryMath::register, //
            Variadics::register //
    );

    private static final Registry INSTANCE = new Registry();

    private final Map<String, TreeMap<Integer, Entry>> entries = new HashMap<>();

    private Registry() { FAMILIES.forEach(f -> f.accept(this)); }

    public static Registry get() { return INSTANCE; }

    /**
     * Adds an operator of the default domain.
     *
     * @param since      the operator set that first gave it this meaning
     * @param attributes every attribute that this meaning knows; others are refused when a model is loaded
     */
    public void add(String opType, int since, Operator.Static operator, String... attributes) {
        put("", opType, since, operator, attributes);
    }

    /** As {@link #add}, for operators that run only on values. */
    public void addDynamic(String opType, int since, Operator.Dynamic operator, String... attributes) {
        put("", opType, since, operator, attributes);
    }

    /** Adds an operator that only passes make ({@link Node#INTERNAL}). */
    public void addInternal(String opType, Operator.Static operator) {
        put(Node.INTERNAL, opType, 1, operator, new String[0]);
    }

    private void put(String domain, String opType, int since, Operator operator, String[] attributes) {
        Entry old = entries.computeIfAbsent(domain + ":" + opType, _ -> new TreeMap<>()).put(since,
                new Entry(operator, Set.of(attributes)));
        if (old != null) throw new IllegalStateException(opType + " version " + since + " is registered twice");
    }

    /** The operators of the default domain, sorted. */
    public Set<String> names() {
        Set<String> names = new TreeSet<>();
        for (String key : entries.keySet())
            if (key.startsWith(":")) names.add(key.substring(1));
        return names;
    }

    /** True if some version of the operator is known. */
    public boolean knows(String domain, String opType) {
        return entries.containsKey(domain + ":" + opType);
    }

    /** The operator of a node. @throws OperatorException where it is not supported, naming node, operator and version */
    public Operator lookup(Node node) {
        return entry(node).operator;
    }

    /** Refuses a node whose operator, version or attributes are not known. */
    public void check(Node node) {
        Entry e = entry(node);
        if (node.domain().equals(Node.INTERNAL)) return;
        for (String a : node.attributes().names())
            if (!e.attributes.contains(a))
                throw new OperatorException(node.describe() + ": attribute '" + a + "' is not supported", true, null);
    }

    private Entry entry(Node node) {
        TreeMap<Integer, Entry> versions = entries.get(node.domain() + ":" + node.opType());
        if (versions == null)
            throw new OperatorException(
                    node.describe() + ": operator " + (node.domain().isEmpty() ? "" : node.domain() + ".") + node.opType()
                            + " is not supported",
                    true, null);
        Map.Entry<Integer, Entry> e = versions.floorEntry(node.domain().equals(Node.INTERNAL) ? 1 : node.opset());
        if (e == null)
            throw new OperatorException(node.describe() + ": " + node.opType() + " in operator set " + node.opset()
                    + " is not supported; the oldest supported meaning is of set " + versions.firstKey(), true, null);
        return e.getValue();
    }
}
