package dev.reprise.engine.operator;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.List;

/** What a {@link Operator.Dynamic} sees when it runs. */
public interface EvalContext {
    Node node();

    default Attributes attributes() { return node().attributes(); }

    default int opset() { return node().opset(); }

    /** Number of inputs, absent ones counted. */
    int inputs();

    /** Input i, or null where it is absent. */
    Datum input(int i);

    default boolean has(int i) { return i < inputs() && input(i) != null; }

    /** Input i as a tensor. @throws OperatorException where it is absent or no tensor */
    default Tensor tensor(int i) {
        if (i < inputs() && input(i) instanceof Tensor t) return t;
        throw error("input " + i + " must be a tensor, found " + (i < inputs() ? input(i) : "nothing"));
    }

    /** Memory for results; it lives until the outputs of the run have been copied out. */
    Arena arena();

    default Tensor allocate(DType dtype, Shape shape) { return Tensor.allocate(arena(), dtype, shape); }

    Workers workers();

    /** Runs a subgraph attribute with these inputs; it sees the values of the graphs around it. */
    List<Datum> run(Graph body, List<? extends Datum> inputs);

    default OperatorException error(String message) { return new OperatorException(node().describe() + ": " + message, false, null); }

    default OperatorException unsupported(String message) {
        return new OperatorException(node().describe() + ": " + message + " is not supported", true, null);
    }
}
