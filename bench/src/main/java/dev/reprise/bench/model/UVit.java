package dev.reprise.bench.model;

import dev.reprise.engine.Model;
import dev.reprise.engine.graph.Value;
import dev.reprise.ops.tensor.DType;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * U-ViT (Bao et al. 2023) with patch 2 on images (N, 3, 32, 32): 256 tokens and one of the time t (N), long skips between
 * mirrored blocks; to noise (N, 3, 32, 32). Width 512, 12 blocks and a middle one, and 8 heads make U-ViT-S/2 with 44.3 M
 * parameters.
 */
final class UVit {
    private static final int TOKENS = 257;

    private UVit() {}

    static Model build(int width, int depth, int heads) {
        NetBuilder b = new NetBuilder(4);
        Value x = b.input("x", DType.FLOAT32, 3, 32, 32), t = b.input("t", DType.FLOAT32);
        Value time = b.op("Unsqueeze", b.sinusoidal(t, width, false), b.longs(1));
        Value h = b.op("Concat", time, b.patches(x, 3, 32, 2, width), "axis", 1);
        h = b.op("Add", h, b.weight(0.02, 0, 1, TOKENS, width));
        Deque<Value> skips = new ArrayDeque<>();
        for (int i = 0; i < depth / 2; i++)
            skips.push(h = block(b, h, width, heads));
        h = block(b, h, width, heads);
        while (!skips.isEmpty())
            h = block(b, b.tokens(b.op("Concat", h, skips.pop(), "axis", 2), 2 * width, width), width, heads);
        h = b.tokens(b.layerNorm(h, width, 1e-5f), width, 2 * 2 * 3);
        h = b.op("Slice", h, b.longs(1), b.longs(TOKENS), b.longs(1));
        return b.build("uvit-" + width, b.conv(b.image(h, 16, 2, 3), 3, 3, 3, 1), 3, 32, 32);
    }

    private static Value block(NetBuilder b, Value x, int width, int heads) {
        Value qkv = b.op("MatMul", b.layerNorm(x, width, 1e-5f), b.weight(1 / Math.sqrt(width), 0, width, 3 * width));
        Value h = b.op("Add", x, b.tokens(b.attention(qkv, TOKENS, width, heads), width, width));
        Value f = b.gelu(b.tokens(b.layerNorm(h, width, 1e-5f), width, 4 * width));
        return b.op("Add", h, b.tokens(f, 4 * width, width));
    }
}
