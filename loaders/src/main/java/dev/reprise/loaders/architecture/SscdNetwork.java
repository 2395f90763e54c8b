package dev.reprise.loaders.architecture;

import dev.reprise.engine.Model;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Value;
import dev.reprise.loaders.Source;
import dev.reprise.loaders.weights.WeightFile;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * SSCD's networks (Pizzi et al., "A Self-Supervised Descriptor for Image Copy Detection", CVPR 2022), built around weights by
 * name: a ResNet (He et al., 2016) or ResNeXt (Xie et al., 2017) trunk, generalized-mean pooling with exponent 3, a linear
 * embedding and division by the length. {@code image} float32 (N, 3, H, W), normalized, to {@code descriptor} float32 (N, D).
 *
 * <p>Depth, widths and groups are read off the weights' shapes, so that ResNet-50 and ResNeXt-101 32x4d, and narrower ones of their
 * kind, need no setting. Two vocabularies of names are known: Classy Vision's ({@code .classy.pt}: {@code blocks.0.block0-0.…})
 * and torchvision's ({@code .torchvision.pt}: {@code layer1.0.conv1.…}), each with any prefix. The stride of a stage is in its 3x3
 * convolution, as in both.
 */
public final class SscdNetwork {
    /** Names of the input and the output. */
    public static final String INPUT = "image", OUTPUT = "descriptor";
    private static final float GEM = 3, GEM_FLOOR = 1e-6f, LENGTH_FLOOR = 1e-12f, NORM_EPSILON = 1e-5f;
    private static final String CLASSY = "initial_block._module.0.weight", TORCHVISION = "conv1.weight";

    private final StateDict weights;
    private final GraphBuilder graph;
    /** Before the trunk's names. */
    private final String trunk;
    private final boolean classy;

    private SscdNetwork(StateDict weights, GraphBuilder graph, String trunk, boolean classy) {
        this.weights = weights;
        this.graph = graph;
        this.trunk = trunk;
        this.classy = classy;
    }

    /** True where these are the names of one of SSCD's networks. */
    public static boolean fits(Map<String, Tensor> weights) {
        return weights.keySet().stream().anyMatch(n -> prefix(weights, n) != null);
    }

    /**
     * Builds the network around a file of weights as SSCD's authors publish them ({@code .torchscript.pt}, {@code .classy.pt},
     * {@code .torchvision.pt}), or any other that {@link WeightFile} reads. Only its tensors are used; nothing of a TorchScript
     * program runs.
     *
     * @throws dev.reprise.loaders.LoadException where it cannot be read, or holds other weights
     */
    public static Model load(Path file) {
        Arena arena = Arena.ofShared();
        try {
            WeightFile weights = WeightFile.open(file, arena);
            return build(weights.tensors(), file.toString(), weights.sha256(), arena);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    /**
     * Builds the network.
     *
     * @param weights by name; they must live as long as the model
     * @param name    of the file they come from, for messages
     * @param sha256  of that file
     * @param arena   closed with the model
     * @throws dev.reprise.loaders.LoadException where weights are missing, of another shape, or more than these networks have
     */
    public static Model build(Map<String, Tensor> weights, String name, String sha256, Arena arena) {
        Source source = new Source(name);
        String first = weights.keySet().stream().filter(n -> prefix(weights, n) != null).findFirst()
                .orElseThrow(
                        () -> source.error("does not hold the weights of an SSCD network: there is neither '" + CLASSY + "' nor 'layer1.0."
                                + TORCHVISION + "' among its " + weights.size() + " tensors"));
        SscdNetwork n = new SscdNetwork(new StateDict(weights, source, arena), new GraphBuilder(arena), prefix(weights, first),
                first.endsWith(CLASSY));
        Model.Info info = new Model.Info(name, sha256, 8, GraphBuilder.OPSET, "SSCD", Map.of());
        return new Model(n.graph(), info, arena);
    }

    /** What stands before the trunk's names, where {@code name} is that of the first convolution; else null. */
    private static String prefix(Map<String, Tensor> weights, String name) {
        if (name.endsWith(CLASSY)) return name.substring(0, name.length() - CLASSY.length());
        if (!name.endsWith(TORCHVISION)) return null;
        String p = name.substring(0, name.length() - TORCHVISION.length());
        return weights.containsKey(p + "layer1.0." + TORCHVISION) ? p : null;
    }

    private Graph graph() {
        Value x = graph.input(INPUT, "N", 3, "H", "W");
        String stem = classy ? "initial_block._module.0" : "conv1";
        x = conv(x, stem, 3, 2, 1);
        x = relu(norm(x, classy ? "initial_block._module.1" : "bn1", outputs(stem)), stem);
        x = graph.op("MaxPool", "pool", List.of(x), "kernel_shape", new long[]{3, 3}, "strides", new long[]{2, 2}, "pads",
                new long[]{1, 1, 1, 1});
        long channels = outputs(stem);
        int stages = 0;
        for (; weights.has(trunk + convolution(block(stages, 0), 0) + ".weight"); stages++)
            for (int j = 0; weights.has(trunk + convolution(block(stages, j), 0) + ".weight"); j++) {
                x = residual(x, block(stages, j), channels, stages > 0 && j == 0 ? 2 : 1);
                channels = outputs(convolution(block(stages, j), convolutions(block(stages, j)) - 1));
            }
        if (stages == 0) throw weights.source().error("has no tensor '" + trunk + convolution(block(0, 0), 0) + ".weight'");
        x = embed(x, channels);
        weights.nothingLeft(List.of("num_batches_tracked"));
        return graph.graph("sscd", x, "N", "D");
    }

    private String block(int stage, int j) {
        return classy ? "blocks." + stage + ".block" + stage + "-" + j : "layer" + (stage + 1) + "." + j;
    }

    /** Name of convolution i of a block; Classy Vision counts the norms and activations between. */
    private String convolution(String block, int i) {
        return block + (classy ? ".convolutional_block." + 3 * i : ".conv" + (i + 1));
    }

    /** Of the norm that follows it; Classy Vision has the last one outside. */
    private String normOf(String block, int i, int n) {
        return !classy ? block + ".bn" + (i + 1) : i == n - 1 ? block + ".bn" : block + ".convolutional_block." + (3 * i + 1);
    }

    /** Three in a bottleneck, two in a basic block. */
    private int convolutions(String block) {
        int n = 0;
        while (weights.has(trunk + convolution(block, n) + ".weight"))
            n++;
        return n;
    }

    private Value residual(Value x, String block, long channels, int stride) {
        int n = convolutions(block);
        if (n != 2 && n != 3) throw weights.source().unsupported("the block '" + trunk + block + "' of " + n + " convolutions");
        Value y = x;
        for (int i = 0; i < n; i++) {
            String c = convolution(block, i);
            y = conv(y, c, i == 0 ? channels : outputs(convolution(block, i - 1)), i == n - 2 ? stride : 1, n == 3 && i == 1 ? -1 : 1);
            y = norm(y, normOf(block, i, n), outputs(c));
            if (i < n - 1) y = relu(y, c);
        }
        long out = outputs(convolution(block, n - 1));
        Value direct = x;
        if (weights.has(trunk + block + ".downsample.0.weight"))
            direct = norm(conv(x, block + ".downsample.0", channels, stride, 1), block + ".downsample.1", out);
        else
            if (channels != out || stride != 1) throw weights.source().error("has no tensor '" + trunk + block + ".downsample.0.weight'");
        return relu(graph.op("Add", block + ".add", List.of(y, direct)), block);
    }

    private long outputs(String convolution) {
        Shape s = weights.shape(trunk + convolution + ".weight");
        if (s == null || s.rank() != 4) throw weights.source().error("has no convolution '" + trunk + convolution + "'");
        return s.dim(0);
    }

    /** @param groups −1 takes as many as the weights' shape says */
    private Value conv(Value x, String name, long in, int stride, int groups) {
        String full = trunk + name + ".weight";
        Tensor w = weights.take(full, -1, groups < 0 ? -1 : in, -1, -1);
        long per = w.shape().dim(1), k = w.shape().dim(2);
        if (per == 0 || in % per != 0 || w.shape().dim(3) != k || k % 2 == 0)
            throw weights.source().error("tensor '" + full + "' of shape " + w.shape() + " is no convolution of " + in + " channels");
        return graph.op("Conv", name, List.of(x, graph.constant(full, w)), "kernel_shape", new long[]{k, k}, "strides",
                new long[]{stride, stride},
                "pads", new long[]{k / 2, k / 2, k / 2, k / 2}, "dilations", new long[]{1, 1}, "group", in / per);
    }

    private Value norm(Value x, String name, long channels) {
        Value[] in = new Value[5];
        in[0] = x;
        String[] parts = {"weight", "bias", "running_mean", "running_var"};
        for (int i = 0; i < parts.length; i++) {
            String full = trunk + name + "." + parts[i];
            in[i + 1] = graph.constant(full, weights.take(full, channels));
        }
        return graph.op("BatchNormalization", name, Arrays.asList(in), "epsilon", NORM_EPSILON);
    }

    private Value relu(Value x, String after) { return graph.op("Relu", after + ".relu", List.of(x)); }

    /** Classy Vision's trunk stands beside the head, {@code embeddings.1}; torchvision's contains it, {@code fc}. */
    private Value embed(Value x, long channels) {
        String backbone = "backbone.";
        String head = !classy
                ? trunk + "fc"
                : (trunk.endsWith(backbone) ? trunk.substring(0, trunk.length() - backbone.length()) : trunk) + "embeddings.1";
        Tensor w = weights.take(head + ".weight", -1, channels), b = weights.take(head + ".bias", w.shape().dim(0));
        Value y = graph.op("Clip", "gem.clip", List.of(x, graph.scalar("gem.floor", GEM_FLOOR)));
        y = graph.op("Pow", "gem.power", List.of(y, graph.scalar("gem.exponent", GEM)));
        y = graph.op("ReduceMean", "gem.mean", List.of(y), "axes", new long[]{2, 3}, "keepdims", 0);
        y = graph.op("Pow", "gem", List.of(y, graph.scalar("gem.root", 1 / GEM)));
        y = graph.op("Gemm", "embedding", List.of(y, graph.constant(head + ".weight", w), graph.constant(head + ".bias", b)), "transB", 1);
        Value length = graph.op("ReduceL2", "length", List.of(y), "axes", new long[]{1}, "keepdims", 1);
        length = graph.op("Clip", "length.clip", List.of(length, graph.scalar("length.floor", LENGTH_FLOOR)));
        return graph.op("Div", OUTPUT, List.of(y, length));
    }
}
