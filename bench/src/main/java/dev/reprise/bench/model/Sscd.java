package dev.reprise.bench.model;

import dev.reprise.engine.Model;
import dev.reprise.engine.graph.Value;
import dev.reprise.ops.tensor.DType;

/**
 * SSCD (Pizzi et al. 2022): ResNet-50 with generalized-mean pooling (p = 3), a linear layer to 512 and L2 normalization, on
 * images (N, 3, 288, 288). Batch normalization is folded into the convolutions, as PyTorch's exporter does; the 24.6 M
 * parameters are those before folding. The network around published weights ({@code dev.reprise.loaders.architecture.SscdNetwork})
 * keeps its norms and takes any size; this one is what an exported file holds, because that is what both sides of a measurement load.
 */
final class Sscd {
    private static final int[] BLOCKS = {3, 4, 6, 3};
    private static final int SIDE = 288;
    private static final int DIMENSIONS = 512;

    private Sscd() {}

    static Model build() {
        NetBuilder b = new NetBuilder(5);
        Value x = b.input("image", DType.FLOAT32, 3, SIDE, SIDE);
        Value h = b.op("Relu", conv(b, x, 3, 64, 7, 2));
        h = b.op("MaxPool", h, "kernel_shape", new long[]{3, 3}, "strides", new long[]{2, 2}, "pads", new long[]{1, 1, 1, 1}, "dilations",
                new long[]{1, 1}, "ceil_mode", 0);
        int c = 64;
        for (int stage = 0; stage < BLOCKS.length; stage++)
            for (int i = 0; i < BLOCKS[stage]; i++) {
                h = bottleneck(b, h, c, 64 << stage, stage > 0 && i == 0 ? 2 : 1);
                c = 4 * 64 << stage;
            }
        Value p = b.op("Pow", b.op("Clip", b.reshape(h, -1, c, (long) (SIDE / 32) * (SIDE / 32)), 1e-6f), 3f);
        p = b.op("Pow", b.op("ReduceMean", p, "axes", new long[]{2}, "keepdims", 0), 1 / 3f);
        Value d = b.linear(p, c, DIMENSIONS);
        Value length = b.op("Clip", b.op("ReduceL2", d, "axes", new long[]{1}, "keepdims", 1), 1e-12f);
        return b.build("sscd-resnet50", b.op("Div", d, b.op("Expand", length, b.op("Shape", d))), DIMENSIONS);
    }

    private static Value bottleneck(NetBuilder b, Value x, int in, int width, int stride) {
        Value h = b.op("Relu", conv(b, x, in, width, 1, 1));
        h = b.op("Relu", conv(b, h, width, width, 3, stride));
        h = conv(b, h, width, 4 * width, 1, 1);
        Value skip = in == 4 * width && stride == 1 ? x : conv(b, x, in, 4 * width, 1, stride);
        return b.op("Relu", b.op("Add", h, skip));
    }

    /** A convolution whose normalization was folded in: its bias is the norm's, and the norm's scale has gone into the weights. */
    private static Value conv(NetBuilder b, Value x, int in, int out, int kernel, int stride) {
        b.folded(out);
        return b.conv(x, in, out, kernel, stride);
    }
}
