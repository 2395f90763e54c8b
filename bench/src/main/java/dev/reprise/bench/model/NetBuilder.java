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
        Value v = new Value(name, batched(dtype, dims));
        inputs.add(v);
        return v;
    }

    /** The model, whose metadata says how many parameters it has. */
    Model build(String name, Value output, long... dims) {
        output.type(batched(DType.FLOAT32, dims));
        Graph g = new Graph(name, inputs, List.of(output), nodes);
        return new Model(g, new Model.Info(name, "", 8, OPSET, "reprise-bench", Map.of(Networks.PARAMETERS, Long.toString(parameters))),
                arena);
    }

    private static ValueType batched(DType dtype, long... dims) {
        List<Dim> d = new ArrayList<>(List.of(new Dim.Symbol("N")));
        Arrays.stream(dims).forEach(x -> d.add(new Dim.Known(x)));
        return new ValueType.TensorType(dtype, d);
    }

    /** Counts parameters that were folded into others. */
    void folded(long n) { parameters += n; }

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

    /** A convolution with bias, padded by half its kernel. */
    Value conv(Value x, int in, int out, int kernel, int stride) {
        return conv(x, in, out, kernel, stride, kernel / 2);
    }

    Value conv(Value x, int in, int out, int kernel, int stride, long pad) {
        return op("Conv", x, weight(1 / Math.sqrt((double) in * kernel * kernel), 0, out, in, kernel, kernel), weight(0.02, 0, out),
                "kernel_shape", new long[]{kernel, kernel}, "pads", new long[]{pad, pad, pad, pad}, "strides", new long[]{stride, stride},
                "dilations", new long[]{1, 1}, "group", 1);
    }

    /** An image's patches as tokens: (N, in, side, side) to (N, (side / patch) squared, width). */
    Value patches(Value x, int in, int side, int patch, int width) {
        long n = (long) (side / patch) * (side / patch);
        return transpose(reshape(conv(x, in, width, patch, patch, 0), -1, width, n), 0, 2, 1);
    }

    /** Tokens as an image: (N, side squared, patch squared x channels) to (N, channels, side x patch, side x patch). */
    Value image(Value tokens, long side, long patch, long channels) {
        Value y = transpose(reshape(tokens, -1, side, side, patch, patch, channels), 0, 5, 1, 3, 2, 4);
        return reshape(y, -1, channels, side * patch, side * patch);
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
        Value y = op("InstanceNormalization", reshape(x, 0, groups, -1), ones(groups), zeros(groups), "epsilon", epsilon);
        y = op("Reshape", y, op("Shape", x));
        return op("Add", op("Mul", y, weight(0.1, 1, channels, 1, 1)), weight(0.1, 0, channels, 1, 1));
    }

    Value layerNorm(Value x, int width, float epsilon) {
        return op("LayerNormalization", x, weight(0.1, 1, width), weight(0.1, 0, width), "axis", -1, "epsilon", epsilon);
    }

    /** The exact form, by erf. */
    Value gelu(Value x) {
        return op("Mul", op("Mul", x, op("Add", op("Erf", op("Div", x, (float) Math.sqrt(2))), 1f)), 0.5f);
    }

    Value ones(int n) {
        float[] v = new float[n];
        Arrays.fill(v, 1);
        return floats(Shape.of(n), v);
    }

    Value zeros(int n) { return floats(Shape.of(n), new float[n]); }

    /**
     * Multi-head attention of tokens with themselves, from one projection to queries, keys and values: (N, tokens, width)
     * before and after, without the output's projection.
     */
    Value attention(Value qkv, long tokens, long width, long heads) {
        List<Value> parts = split(transpose(reshape(qkv, -1, tokens, 3, heads, width / heads), 2, 0, 3, 1, 4), 0, 1, 1, 1);
        Value q = op("Squeeze", parts.get(0), longs(0)), k = op("Squeeze", parts.get(1), longs(0)),
                v = op("Squeeze", parts.get(2), longs(0));
        Value w = op("MatMul", op("Mul", q, (float) (1 / Math.sqrt(width / (double) heads))), transpose(k, 0, 1, 3, 2));
        return reshape(transpose(op("MatMul", op("Softmax", w, "axis", -1), v), 0, 2, 1, 3), -1, tokens, width);
    }

    /**
     * Sinusoids of t: (N) to (N, channels).
     *
     * @param ddpm sines first, and frequencies down to exactly 1/10000; else cosines first, and frequencies that would end there
     */
    Value sinusoidal(Value t, int channels, boolean ddpm) {
        float[] f = new float[channels / 2];
        for (int i = 0; i < f.length; i++)
            f[i] = (float) Math.pow(10_000, -(double) i / (ddpm ? f.length - 1 : f.length));
        Value angle = op("Mul", op("Unsqueeze", t, longs(1)), floats(Shape.of(1, f.length), f));
        Value sin = op("Sin", angle), cos = op("Cos", angle);
        return op("Concat", ddpm ? sin : cos, ddpm ? cos : sin, "axis", 1);
    }
}
