package dev.reprise.bench.model;

import dev.reprise.engine.Model;
import dev.reprise.engine.graph.Value;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** Full-size networks of the paper's families, with random weights. Close the models. */
public final class Networks {
    /** What {@link #named} knows. */
    public static final List<String> NAMES = List.of("ddpmpp", "ddpm-narrow", "dit-s2");

    private Networks() {}

    /** @throws IllegalArgumentException naming those there are */
    public static Model named(String name) {
        return switch (name) {
            case "ddpmpp" -> ddpmpp(128, 4);
            case "ddpm-narrow" -> ddpmpp(32, 2);
            case "dit-s2" -> dit(384, 12, 6);
            default -> throw new IllegalArgumentException("there is no network '" + name + "'; there are " + NAMES);
        };
    }

    /**
     * DDPM++ for CIFAR-10 as EDM spells it (SongUNet: channels (2, 2, 2) times {@code width}, attention at 16×16, box
     * filter resampling): x (N, 3, 32, 32), c_noise (N) to (N, 3, 32, 32). Width 128 with 4 blocks has 56 M parameters.
     */
    public static Model ddpmpp(int width, int blocks) {
        NetBuilder b = new NetBuilder(1);
        Value x = b.input("x", DType.FLOAT32, 3, 32, 32), noise = b.input("c_noise", DType.FLOAT32);
        int c = 2 * width, e = 4 * width;
        Value emb = b.silu(b.linear(b.silu(b.linear(b.sinusoidal(noise, width), width, e)), e, e));
        Deque<Value> skips = new ArrayDeque<>();
        Deque<Integer> channels = new ArrayDeque<>();
        Value h = b.conv(x, 3, width, 3, 1);
        int in = width;
        skips.push(h);
        channels.push(in);
        for (int level = 0; level < 3; level++) {
            int size = 32 >> level;
            if (level > 0) {
                h = block(b, h, emb, e, c, c, size, -1, false);
                skips.push(h);
                channels.push(c);
            }
            for (int i = 0; i < blocks; i++) {
                h = block(b, h, emb, e, in, c, size, 0, size == 16);
                in = c;
                skips.push(h);
                channels.push(c);
            }
        }
        for (int level = 2; level >= 0; level--) {
            int size = 32 >> level;
            if (level == 2) {
                h = block(b, h, emb, e, c, c, size, 0, true);
                h = block(b, h, emb, e, c, c, size, 0, false);
            } else h = block(b, h, emb, e, c, c, size, 1, false);
            for (int i = 0; i <= blocks; i++) {
                int more = channels.pop();
                h = b.op("Concat", h, skips.pop(), "axis", 1);
                h = block(b, h, emb, e, c + more, c, size, 0, size == 16 && i == blocks);
            }
        }
        Value y = b.conv(b.silu(b.groupNorm(h, c, Math.min(32, c / 4), 1e-6f)), c, 3, 3, 1);
        return b.build("ddpmpp-" + width, y, 3, 32, 32);
    }

    /** @param resample -1 halves, 1 doubles, 0 keeps; {@code size} is that of the result */
    private static Value block(NetBuilder b, Value x, Value emb, int e, int in, int out, int size, int resample, boolean attention) {
        Value h = b.silu(b.groupNorm(x, in, Math.min(32, in / 4), 1e-6f));
        if (resample > 0) h = box(b, h, in, 1);
        h = b.conv(h, in, out, 3, 1);
        if (resample < 0) h = box(b, h, out, -1);
        Value time = b.op("Unsqueeze", b.op("Unsqueeze", b.linear(emb, e, out), b.longs(2)), b.longs(3));
        h = b.silu(b.groupNorm(b.op("Add", h, time), out, Math.min(32, out / 4), 1e-6f));
        h = b.conv(h, out, out, 3, 1);
        Value skip = resample == 0 ? x : box(b, x, in, resample);
        if (in != out) skip = b.conv(skip, in, out, 1, 1);
        h = b.op("Mul", b.op("Add", h, skip), (float) Math.sqrt(0.5));
        if (!attention) return h;
        long l = (long) size * size;
        Value qkv = b.reshape(b.conv(b.groupNorm(h, out, Math.min(32, out / 4), 1e-6f), out, 3 * out, 1, 1), -1, out, 3, l);
        List<Value> parts = b.split(qkv, 2, 1, 1, 1);
        Value q = b.op("Squeeze", parts.get(0), b.longs(2)), k = b.op("Squeeze", parts.get(1), b.longs(2)),
                v = b.op("Squeeze", parts.get(2), b.longs(2));
        Value w = b.op("Softmax", b.op("Einsum", q, b.op("Div", k, (float) Math.sqrt(out)), "equation", "ncq,nck->nqk"), "axis", 2);
        Value a = b.reshape(b.op("Einsum", w, v, "equation", "nqk,nck->ncq"), -1, out, size, size);
        return b.op("Mul", b.op("Add", b.conv(a, out, out, 1, 1), h), (float) Math.sqrt(0.5));
    }

    /** Resampling with the filter (1, 1) as depthwise (transposed) convolution. */
    private static Value box(NetBuilder b, Value x, int channels, int direction) {
        float[] f = new float[channels * 4];
        Arrays.fill(f, direction < 0 ? 0.25f : 1);
        return b.op(direction < 0 ? "Conv" : "ConvTranspose", x, b.floats(Shape.of(channels, 1, 2, 2), f), "kernel_shape", new long[]{2, 2},
                "strides", new long[]{2, 2},
                "pads", new long[4], "dilations", new long[]{1, 1}, "group", channels);
    }

    /** DiT with patch 2 on latents (N, 4, 32, 32): 256 tokens; t (N), y (N) labels of 1000 classes and a null class. */
    public static Model dit(int width, int depth, int heads) {
        NetBuilder b = new NetBuilder(2);
        Value x = b.input("x", DType.FLOAT32, 4, 32, 32), t = b.input("t", DType.FLOAT32), y = b.input("y", DType.INT64);
        Value h = b.op("Conv", x, b.weight(0.25, 0, width, 4, 2, 2), b.weight(0.02, 0, width), "kernel_shape", new long[]{2, 2}, "strides",
                new long[]{2, 2}, "pads",
                new long[4], "dilations", new long[]{1, 1}, "group", 1);
        h = b.op("Add", b.transpose(b.reshape(h, -1, width, 256), 0, 2, 1), b.weight(0.5, 0, 1, 256, width));
        Value c = b.linear(b.silu(b.linear(b.sinusoidal(t, 256), 256, width)), width, width);
        c = b.silu(b.op("Add", c, b.op("Gather", b.weight(0.02, 0, 1001, width), y)));
        for (int i = 0; i < depth; i++) {
            List<Value> m = b.split(b.linear(c, width, 6 * width), 1, width, width, width, width, width, width);
            Value qkv = b.reshape(b.tokens(modulated(b, h, width, m.get(0), m.get(1)), width, 3 * width), -1, 256, 3, heads, width / heads);
            List<Value> parts = b.split(b.transpose(qkv, 2, 0, 3, 1, 4), 0, 1, 1, 1);
            Value q = b.op("Squeeze", parts.get(0), b.longs(0)), k = b.op("Squeeze", parts.get(1), b.longs(0)),
                    v = b.op("Squeeze", parts.get(2), b.longs(0));
            Value w = b.op("Softmax",
                    b.op("MatMul", b.op("Mul", q, (float) (1 / Math.sqrt(width / (double) heads))), b.transpose(k, 0, 1, 3, 2)), "axis",
                    -1);
            Value a = b.reshape(b.transpose(b.op("MatMul", w, v), 0, 2, 1, 3), -1, 256, width);
            h = b.op("Add", h, b.op("Mul", row(b, m.get(2)), b.tokens(a, width, width)));
            Value f = gelu(b, b.tokens(modulated(b, h, width, m.get(3), m.get(4)), width, 4 * width));
            h = b.op("Add", h, b.op("Mul", row(b, m.get(5)), b.tokens(f, 4 * width, width)));
        }
        List<Value> m = b.split(b.linear(c, width, 2 * width), 1, width, width);
        Value out = b.reshape(b.tokens(modulated(b, h, width, m.get(0), m.get(1)), width, 2 * 2 * 8), -1, 16, 16, 2, 2, 8);
        return b.build("dit-" + width, b.reshape(b.transpose(out, 0, 5, 1, 3, 2, 4), -1, 8, 32, 32), 8, 32, 32);
    }

    private static Value row(NetBuilder b, Value v) { return b.op("Unsqueeze", v, b.longs(1)); }

    /** LayerNorm without parameters, then x (1 + scale) + shift. */
    private static Value modulated(NetBuilder b, Value x, int width, Value shift, Value scale) {
        float[] ones = new float[width];
        Arrays.fill(ones, 1);
        Value n = b.op("LayerNormalization", x, b.floats(Shape.of(width), ones), b.floats(Shape.of(width), new float[width]), "axis", -1,
                "epsilon", 1e-6f);
        return b.op("Add", b.op("Mul", n, b.op("Add", row(b, scale), 1f)), row(b, shift));
    }

    /** The tanh form, spelled out. */
    private static Value gelu(NetBuilder b, Value x) {
        Value inner = b.op("Mul", b.op("Add", x, b.op("Mul", b.op("Pow", x, 3f), 0.044715f)), (float) Math.sqrt(2 / Math.PI));
        return b.op("Mul", b.op("Mul", x, 0.5f), b.op("Add", b.op("Tanh", inner), 1f));
    }
}
