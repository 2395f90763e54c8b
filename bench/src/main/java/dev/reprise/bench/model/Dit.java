package dev.reprise.bench.model;

import dev.reprise.engine.Model;
import dev.reprise.engine.graph.Value;
import dev.reprise.ops.tensor.DType;
import java.util.List;

/**
 * DiT (Peebles and Xie 2023) with patch 2 on latents (N, 4, 32, 32): 256 tokens; t (N), y (N) labels of 1000 classes and a
 * null class; to means and variances (N, 8, 32, 32). Width 384, depth 12 and 6 heads make DiT-S/2 with 33.0 M parameters.
 */
final class Dit {
    private static final int TOKENS = 256;

    private Dit() {}

    static Model build(int width, int depth, int heads) {
        NetBuilder b = new NetBuilder(2);
        Value x = b.input("x", DType.FLOAT32, 4, 32, 32), t = b.input("t", DType.FLOAT32), y = b.input("y", DType.INT64);
        Value h = b.op("Add", b.patches(x, 4, 32, 2, width), b.weight(0.5, 0, 1, TOKENS, width));
        Value c = b.linear(b.silu(b.linear(b.sinusoidal(t, 256, false), 256, width)), width, width);
        c = b.silu(b.op("Add", c, b.op("Gather", b.weight(0.02, 0, 1001, width), y)));
        for (int i = 0; i < depth; i++) {
            List<Value> m = b.split(b.linear(c, width, 6 * width), 1, width, width, width, width, width, width);
            Value qkv = b.tokens(modulated(b, h, width, m.get(0), m.get(1)), width, 3 * width);
            h = b.op("Add", h, b.op("Mul", row(b, m.get(2)), b.tokens(b.attention(qkv, TOKENS, width, heads), width, width)));
            Value f = gelu(b, b.tokens(modulated(b, h, width, m.get(3), m.get(4)), width, 4 * width));
            h = b.op("Add", h, b.op("Mul", row(b, m.get(5)), b.tokens(f, 4 * width, width)));
        }
        List<Value> m = b.split(b.linear(c, width, 2 * width), 1, width, width);
        Value out = b.tokens(modulated(b, h, width, m.get(0), m.get(1)), width, 2 * 2 * 8);
        return b.build("dit-" + width, b.image(out, 16, 2, 8), 8, 32, 32);
    }

    private static Value row(NetBuilder b, Value v) { return b.op("Unsqueeze", v, b.longs(1)); }

    /** LayerNorm without parameters, then x (1 + scale) + shift. */
    private static Value modulated(NetBuilder b, Value x, int width, Value shift, Value scale) {
        Value n = b.op("LayerNormalization", x, b.ones(width), b.zeros(width), "axis", -1, "epsilon", 1e-6f);
        return b.op("Add", b.op("Mul", n, b.op("Add", row(b, scale), 1f)), row(b, shift));
    }

    /** The tanh form, spelled out. */
    private static Value gelu(NetBuilder b, Value x) {
        Value inner = b.op("Mul", b.op("Add", x, b.op("Mul", b.op("Pow", x, 3f), 0.044715f)), (float) Math.sqrt(2 / Math.PI));
        return b.op("Mul", b.op("Mul", x, 0.5f), b.op("Add", b.op("Tanh", inner), 1f));
    }
}
