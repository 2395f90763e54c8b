package dev.reprise.bench.model;

import dev.reprise.engine.Model;
import dev.reprise.engine.graph.Value;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * DDPM for CIFAR-10 (Ho et al. 2020; the network as in DDIM's code): channels (1, 2, 2, 2) times the width, 2 blocks a level,
 * attention at 16×16, resampling by convolution. x (N, 3, 32, 32), t (N) to (N, 3, 32, 32). Width 128 is the published
 * network with 35.7 M parameters.
 */
final class Ddpm {
    private static final int[] MULTIPLES = {1, 2, 2, 2};
    private static final int BLOCKS = 2;
    private static final int SIDE = 32;

    private final NetBuilder b = new NetBuilder(3);
    private final int embedding;
    private Value time;

    private Ddpm(int width) { embedding = 4 * width; }

    static Model build(int width) { return new Ddpm(width).network(width); }

    private Model network(int width) {
        Value x = b.input("x", DType.FLOAT32, 3, SIDE, SIDE), t = b.input("t", DType.FLOAT32);
        time = b.silu(b.linear(b.silu(b.linear(b.sinusoidal(t, width, true), width, embedding)), embedding, embedding));
        Deque<Value> skips = new ArrayDeque<>();
        Deque<Integer> channels = new ArrayDeque<>();
        Value h = b.conv(x, 3, width, 3, 1);
        int c = width, last = MULTIPLES.length - 1;
        skips.push(h);
        channels.push(c);
        for (int level = 0; level <= last; level++) {
            for (int i = 0; i < BLOCKS; i++) {
                h = block(h, c, width * MULTIPLES[level]);
                c = width * MULTIPLES[level];
                if (SIDE >> level == 16) h = attention(h, c, 16);
                skips.push(h);
                channels.push(c);
            }
            if (level == last) break;
            // Padded below and to the right only.
            h = b.conv(b.op("Pad", h, b.longs(0, 0, 0, 0, 0, 0, 1, 1), 0f, "mode", "constant"), c, c, 3, 2, 0);
            skips.push(h);
            channels.push(c);
        }
        h = block(attention(block(h, c, c), c, SIDE >> last), c, c);
        for (int level = last; level >= 0; level--) {
            for (int i = 0; i <= BLOCKS; i++) {
                h = block(b.op("Concat", h, skips.pop(), "axis", 1), c + channels.pop(), width * MULTIPLES[level]);
                c = width * MULTIPLES[level];
                if (SIDE >> level == 16) h = attention(h, c, 16);
            }
            if (level > 0) h = b.conv(twice(h), c, c, 3, 1);
        }
        return b.build("ddpm-" + width, b.conv(b.silu(norm(h, c)), c, 3, 3, 1), 3, SIDE, SIDE);
    }

    private Value norm(Value x, int channels) { return b.groupNorm(x, channels, 32, 1e-6f); }

    private Value block(Value x, int in, int out) {
        Value h = b.conv(b.silu(norm(x, in)), in, out, 3, 1);
        h = b.op("Add", h, b.op("Unsqueeze", b.op("Unsqueeze", b.linear(time, embedding, out), b.longs(2)), b.longs(3)));
        h = b.conv(b.silu(norm(h, out)), out, out, 3, 1);
        return b.op("Add", in == out ? x : b.conv(x, in, out, 1, 1), h);
    }

    private Value attention(Value x, int c, long side) {
        Value n = norm(x, c);
        long pixels = side * side;
        Value q = b.transpose(b.reshape(b.conv(n, c, c, 1, 1), -1, c, pixels), 0, 2, 1);
        Value k = b.reshape(b.conv(n, c, c, 1, 1), -1, c, pixels);
        Value w = b.op("Softmax", b.op("Mul", b.op("MatMul", q, k), (float) (1 / Math.sqrt(c))), "axis", 2);
        Value v = b.reshape(b.conv(n, c, c, 1, 1), -1, c, pixels);
        Value a = b.reshape(b.op("MatMul", v, b.transpose(w, 0, 2, 1)), -1, c, side, side);
        return b.op("Add", x, b.conv(a, c, c, 1, 1));
    }

    private Value twice(Value x) {
        return b.op("Resize", x, null, b.floats(Shape.of(4), 1, 1, 2, 2), "coordinate_transformation_mode", "asymmetric", "mode", "nearest",
                "nearest_mode", "floor");
    }
}
