package dev.reprise.ops.device;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * A piece of a graph with concrete shapes, as a device is given it: operations in topological order over numbered values.
 *
 * @param values     types, and contents where they are constants (weights); an operation names values by their index here
 * @param operations in the order in which they may run
 * @param inputs     the values that the caller gives at each run, in order
 * @param outputs    the values that the caller wants, in order
 */
public record Subgraph(List<Port> values, List<Operation> operations, int[] inputs, int[] outputs) {
    /** @param constant the value where it is known, else null */
    public record Port(DType dtype, Shape shape, Tensor constant) {}

    /**
     * One ONNX operator, or one of the engine's fused ones (domain {@code dev.reprise}).
     *
     * @param attributes values are Long, Float, String, Tensor, long[], float[], String[]
     * @param inputs     value numbers, -1 where an optional input is absent
     * @param outputs    value numbers, -1 where an output is not wanted
     */
    public record Operation(String domain, String opType, int opset, Map<String, Object> attributes, int[] inputs, int[] outputs) {}
}
