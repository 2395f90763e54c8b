package dev.reprise.bench.model;

import dev.reprise.engine.Model;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.graph.ValueType.Dim;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Builds networks with random weights, node by node, in the words of PyTorch's exporter (GroupNorm as Reshape,
 * InstanceNormalization, Reshape, Mul, Add; SiLU as Sigmoid, Mul; …), so that anybody can measure full-size models
 * without PyTorch. Weights are normal with variance 1/fan-in: activations keep their size, as in a trained net.
 */
final class NetBuilder {
    static final int OPSET = 17;

    private final Arena arena = Arena.ofShared();
    private final Random random;
    private final List<Value> inputs = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private long parameters;

    NetBuilder(long seed) { random = new Random(seed); }

    /** An input with a symbolic batch. */
    Value input(String name, DType dtype, long... dims) {
        List<Dim> d = new ArrayList<>(List.of(new Dim.Symbol("N")));
        Arrays.stream(dims).forEach(x -> d.add(new Dim.Known(x)));
        Value v = new Value(name, new ValueType.TensorType(dtype, d));
        inputs.add(v);
        return v;
    }

    Model build(String name, Value output, long... dims) {
        List<Dim> d = new ArrayList<>(List.of(new Dim.Symbol("N")));
        Arrays.stream(dims).forEach(x -> d.add(new Dim.Known(x)));
        output.type(new ValueType.TensorType(DType.FLOAT32, d));
        Graph g = new Graph(name, inputs, List.of(output), nodes);
        return new Model(g, new Model.Info(name, "", 8, OPSET, "reprise-bench", Map.of()), arena);
    }

    long parameters() { return parameters; }

    Value op(String opType, Object... inputsThenAttributes) {
        List<Value> in = new ArrayList<>();
        int i = 0;
        while (i < inputsThenAttributes.length && !(inputsThenAttributes[i] instanceof String)) {
            Object o = inputsThenAttributes[i++];
            in.add(o instanceof Float f ? floats(Shape.SCALAR, f) : (Value) o);
        }
        Object[] attributes = Arrays.copyOfRange(inputsThenAttributes, i, inputsThenAttributes.length);
        Value out = new Value(opType + "_" + nodes.size(), null);
        nodes.add(new Node("/" + out.name(), "", opType, OPSET, in, List.of(out), Attributes.of(attributes)));
        return out;
    }

    List<Value> split(Value x, int axis, long... sizes) {
        List<Value> out = new ArrayList<>();
        for (int i = 0; i < sizes.length; i++)
            out.add(new Value("Split_" + nodes.size() + "_" + i, null));
        nodes.add(new Node("/" + out.getFirst().name(), "", "Split", OPSET, List.of(x, longs(sizes)), out, Attributes.of("axis", axis)));
        return out;
    }

    Value floats(Shape shape, float... values) {
        return Value.constant("constant_" + nodes.size() + "_" + random.nextInt(1 << 30), Tensor.of(arena, shape, values));
    }

    Value longs(long... values) {
        return Value.constant("shape_" + nodes.size() + "_" + random.nextInt(1 << 30), Tensor.of(arena, Shape.of(values.length), values));
    }

    Value weight(double deviation, double mean, long... dims) {
        Tensor t = Tensor.allocate(arena, DType.FLOAT32, Shape.of(dims));
        for (long i = 0; i < t.size(); i++)
            t.setFloat(i, (float) (mean + deviation * random.nextGaussian()));
        parameters += t.size();
        return Value.constant("weight_" + parameters, t);
    }

    Value reshape(Value x, long... dims) { return op("Reshape", x, longs(dims)); }

    Value transpose(Value x, long... perm) { return op("Transpose", x, "perm", perm); }

    Value silu(Value x) { return op("Mul", x, op("Sigmoid", x)); }

    Value conv(Value x, int in, int out, int kernel, int stride) {
        long p = kernel / 2;
        return op("Conv", x, weight(1 / Math.sqrt((double) in * kernel * kernel), 0, out, in, kernel, kernel), weight(0.02, 0, out),
                "kernel_shape",
                new long[]{kernel, kernel}, "pads", new long[]{p, p, p, p}, "strides", new long[]{stride, stride}, "dilations",
                new long[]{1, 1}, "group", 1);
    }

    /** {@code x W + b} on the last axis, as nn.Linear on rank 3 and more. */
    Value tokens(Value x, int in, int out) {
        return op("Add", weight(0.02, 0, out), op("MatMul", x, weight(1 / Math.sqrt(in), 0, in, out)));
    }

    /** nn.Linear on rank 2. */
    Value linear(Value x, int in, int out) {
        return op("Gemm", x, weight(1 / Math.sqrt(in), 0, out, in), weight(0.02, 0, out), "alpha", 1f, "beta", 1f, "transB", 1);
    }

    Value groupNorm(Value x, int channels, int groups, float epsilon) {
        float[] ones = new float[groups];
        Arrays.fill(ones, 1);
        Value y = op("InstanceNormalization", reshape(x, 0, groups, -1), floats(Shape.of(groups), ones),
                floats(Shape.of(groups), new float[groups]), "epsilon", epsilon);
        y = op("Reshape", y, op("Shape", x));
        return op("Add", op("Mul", y, weight(0.1, 1, channels, 1, 1)), weight(0.1, 0, channels, 1, 1));
    }

    /** Sinusoids of t: (N) to (N, channels). */
    Value sinusoidal(Value t, int channels) {
        float[] f = new float[channels / 2];
        for (int i = 0; i < f.length; i++)
            f[i] = (float) Math.pow(10_000, -(double) i / f.length);
        Value angle = op("Mul", op("Unsqueeze", t, longs(1)), floats(Shape.of(1, f.length), f));
        return op("Concat", op("Cos", angle), op("Sin", angle), "axis", 1);
    }
}
