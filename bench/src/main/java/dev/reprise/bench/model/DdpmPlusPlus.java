package dev.reprise.bench.model;

import dev.reprise.engine.Model;
import dev.reprise.engine.graph.Value;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * DDPM++ for CIFAR-10 as EDM (Karras et al. 2022) spells it: SongUNet with channels (2, 2, 2) times the width, 4 blocks a
 * level, attention at 16×16, box-filter resampling. x (N, 3, 32, 32), c_noise (N) to (N, 3, 32, 32). Width 128 is the
 * published network (55.7 M parameters), 64 and 32 its narrow kin.
 */
final class DdpmPlusPlus {
    private static final int BLOCKS = 4;
    private static final int LEVELS = 3;
    private static final int SIDE = 32;
    private static final float EPSILON = 1e-6f;

    private DdpmPlusPlus() {}

    static Model build(int width) {
        NetBuilder b = new NetBuilder(1);
        Value x = b.input("x", DType.FLOAT32, 3, SIDE, SIDE), noise = b.input("c_noise", DType.FLOAT32);
        int c = 2 * width, e = 4 * width;
        Value emb = b.silu(b.linear(b.silu(b.linear(b.sinusoidal(noise, width, true), width, e)), e, e));
        Deque<Value> skips = new ArrayDeque<>();
        Deque<Integer> channels = new ArrayDeque<>();
        Value h = b.conv(x, 3, width, 3, 1);
        int in = width;
        skips.push(h);
        channels.push(in);
        for (int level = 0; level < LEVELS; level++) {
            int size = SIDE >> level;
            if (level > 0) {
                h = block(b, h, emb, e, c, c, size, -1, false);
                skips.push(h);
                channels.push(c);
            }
            for (int i = 0; i < BLOCKS; i++) {
                h = block(b, h, emb, e, in, c, size, 0, size == 16);
                in = c;
                skips.push(h);
                channels.push(c);
            }
        }
        for (int level = LEVELS - 1; level >= 0; level--) {
            int size = SIDE >> level;
            if (level == LEVELS - 1) {
                h = block(b, h, emb, e, c, c, size, 0, true);
                h = block(b, h, emb, e, c, c, size, 0, false);
            } else h = block(b, h, emb, e, c, c, size, 1, false);
            for (int i = 0; i <= BLOCKS; i++) {
                int more = channels.pop();
                h = b.op("Concat", h, skips.pop(), "axis", 1);
                h = block(b, h, emb, e, c + more, c, size, 0, size == 16 && i == BLOCKS);
            }
        }
        Value y = b.conv(b.silu(norm(b, h, c)), c, 3, 3, 1);
        return b.build("ddpmpp-" + width, y, 3, SIDE, SIDE);
    }

    private static Value norm(NetBuilder b, Value x, int channels) { return b.groupNorm(x, channels, Math.min(32, channels / 4), EPSILON); }

    /** @param resample -1 halves, 1 doubles, 0 keeps; {@code size} is that of the result */
    private static Value block(NetBuilder b, Value x, Value emb, int e, int in, int out, int size, int resample, boolean attention) {
        Value h = b.conv(box(b, b.silu(norm(b, x, in)), in, resample), in, out, 3, 1);
        Value time = b.op("Unsqueeze", b.op("Unsqueeze", b.linear(emb, e, out), b.longs(2)), b.longs(3));
        h = b.conv(b.silu(norm(b, b.op("Add", h, time), out)), out, out, 3, 1);
        Value skip = in == out && resample == 0 ? x : b.conv(box(b, x, in, resample), in, out, 1, 1);
        h = b.op("Mul", b.op("Add", h, skip), (float) Math.sqrt(0.5));
        if (!attention) return h;
        Value qkv = b.reshape(b.conv(norm(b, h, out), out, 3 * out, 1, 1), -1, out, 3, (long) size * size);
        List<Value> parts = b.split(qkv, 2, 1, 1, 1);
        Value q = b.op("Squeeze", parts.get(0), b.longs(2)), k = b.op("Squeeze", parts.get(1), b.longs(2)),
                v = b.op("Squeeze", parts.get(2), b.longs(2));
        Value w = b.op("Softmax", b.op("Einsum", q, b.op("Div", k, (float) Math.sqrt(out)), "equation", "ncq,nck->nqk"), "axis", 2);
        Value a = b.reshape(b.op("Einsum", w, v, "equation", "nqk,nck->ncq"), -1, out, size, size);
        return b.op("Mul", b.op("Add", b.conv(a, out, out, 1, 1), h), (float) Math.sqrt(0.5));
    }

    /** Resampling with the filter (1, 1) as depthwise (transposed) convolution. */
    private static Value box(NetBuilder b, Value x, int channels, int direction) {
        if (direction == 0) return x;
        float[] f = new float[channels * 4];
        Arrays.fill(f, direction < 0 ? 0.25f : 1);
        return b.op(direction < 0 ? "Conv" : "ConvTranspose", x, b.floats(Shape.of(channels, 1, 2, 2), f), "kernel_shape", new long[]{2, 2},
                "strides", new long[]{2, 2}, "pads", new long[4], "dilations", new long[]{1, 1}, "group", channels);
    }
}
