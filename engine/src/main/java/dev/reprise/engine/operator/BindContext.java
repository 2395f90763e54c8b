package dev.reprise.engine.operator;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Node;
import dev.reprise.ops.kernel.Packing;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.function.BiFunction;

/** What an operator sees when it is bound: the node, the concrete types of its inputs, and the values that are known. */
public final class BindContext {
    /** The concrete type of an input, and its value where that is known (else null). */
    public record Input(DType dtype, Shape shape, Tensor constant) {
        public static Input of(Tensor t) { return new Input(t.dtype(), t.shape(), t); }
    }

    private final Node node;
    private final Input[] inputs;
    private final WeightCache cache;

    public BindContext(Node node, Input[] inputs, WeightCache cache) {
        this.node = node;
        this.inputs = inputs;
        this.cache = cache;
    }

    public Node node() { return node; }

    /** The same node with other inputs. */
    public BindContext withInputs(Input[] other) { return new BindContext(node, other, cache); }

    public Attributes attributes() { return node.attributes(); }

    /** True where sums must be taken directly: no Winograd, see {@code PlanOptions.exact}. */
    public boolean exact() {
        return cache.exact();
    }

    /** Version of the operator set in force. */
    public int opset() { return node.opset(); }

    public int inputs() { return inputs.length; }

    public int outputs() { return node.outputs().size(); }

    public boolean has(int i) { return i < inputs.length && inputs[i] != null; }

    /** True where somebody uses output i. */
    public boolean wants(int i) { return node.output(i) != null; }

    public DType dtype(int i) { return need(i).dtype; }

    public Shape shape(int i) { return need(i).shape; }

    public int rank(int i) { return need(i).shape.rank(); }

    /** True where {@link #constant} will answer. */
    public boolean isConstant(int i) { return has(i) && inputs[i].constant != null; }

    /** The value of input i. @throws ValueNeeded where it is not known yet (let it pass: the node is bound again at run time) */
    public Tensor constant(int i) {
        Tensor t = need(i).constant;
        if (t == null) throw new ValueNeeded(i);
        return t;
    }

    /** The integers of input i, see {@link #constant}; {@code otherwise} where the input is absent. */
    public long[] longs(int i, long[] otherwise) {
        return has(i) ? constant(i).toLongs() : otherwise;
    }

    /**
     * A rearranged form of a constant input (packed weights, folded scales …), made once for a model and shared by all its
     * plans.
     *
     * @param form a name for the rearrangement and all its parameters, such as {@code "gemm-b/nr=64"}
     * @param make allocates in the arena it is given and answers the new tensor
     */
    public Tensor packed(int i, String form, BiFunction<Arena, Tensor, Tensor> make) { return cache.get(constant(i), form, make); }

    /** As {@link #packed(int, String, BiFunction)}; the content may be there only when the plan is. */
    public Tensor packed(int i, String form, Packing packing) {
        return cache.get(constant(i), form, packing);
    }

    private Input need(int i) {
        if (!has(i)) throw error("input " + i + " is required");
        return inputs[i];
    }

    /** The model or its input is wrong: says which node. */
    public OperatorException error(String message) {
        return new OperatorException(node.describe() + ": " + message, false, null);
    }

    /** Legal ONNX that Reprise does not implement: says which node. */
    public OperatorException unsupported(String message) {
        return new OperatorException(node.describe() + ": " + message + " is not supported", true, null);
    }

    /** Throws {@link #error} unless {@code ok}. */
    public void require(boolean ok, String message) { if (!ok) throw error(message); }
}
