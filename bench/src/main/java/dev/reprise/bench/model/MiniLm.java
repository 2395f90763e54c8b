package dev.reprise.bench.model;

import dev.reprise.engine.Model;
import dev.reprise.engine.graph.Value;
import dev.reprise.ops.tensor.DType;
import java.util.stream.LongStream;

/**
 * The encoder of all-MiniLM-L6-v2 (BERT with 6 layers, width 384, 12 heads) at sequence length 128, without pooler:
 * input_ids, attention_mask, token_type_ids (N, 128) to (N, 128, 384). 22.6 M parameters, of which the vocabulary has 11.7.
 */
final class MiniLm {
    private static final int LENGTH = 128;
    private static final int WIDTH = 384;
    private static final int HEADS = 12;
    private static final int LAYERS = 6;

    private MiniLm() {}

    static Model build() {
        NetBuilder b = new NetBuilder(6);
        Value ids = b.input("input_ids", DType.INT64, LENGTH), mask = b.input("attention_mask", DType.INT64, LENGTH),
                types = b.input("token_type_ids", DType.INT64, LENGTH);
        Value position = b.op("Gather", b.weight(0.05, 0, 512, WIDTH), b.longs(LongStream.range(0, LENGTH).toArray()));
        Value h = b.op("Add", b.op("Gather", b.weight(0.05, 0, 30522, WIDTH), ids), b.op("Gather", b.weight(0.05, 0, 2, WIDTH), types));
        h = norm(b, b.op("Add", h, b.op("Unsqueeze", position, b.longs(0))));
        Value visible = b.op("Cast", b.op("Unsqueeze", b.op("Unsqueeze", mask, b.longs(1)), b.longs(2)), "to", 1);
        Value bias = b.op("Mul", b.op("Sub", 1f, visible), -Float.MAX_VALUE);
        for (int i = 0; i < LAYERS; i++) {
            Value q = heads(b, b.tokens(h, WIDTH, WIDTH), 0, 2, 1, 3), k = heads(b, b.tokens(h, WIDTH, WIDTH), 0, 2, 3, 1),
                    v = heads(b, b.tokens(h, WIDTH, WIDTH), 0, 2, 1, 3);
            Value w = b.op("Add", b.op("Div", b.op("MatMul", q, k), (float) Math.sqrt(WIDTH / (double) HEADS)), bias);
            Value a = b.op("MatMul", b.op("Softmax", w, "axis", -1), v);
            a = b.reshape(b.transpose(a, 0, 2, 1, 3), -1, LENGTH, WIDTH);
            h = norm(b, b.op("Add", b.tokens(a, WIDTH, WIDTH), h));
            Value f = b.tokens(b.gelu(b.tokens(h, WIDTH, 4 * WIDTH)), 4 * WIDTH, WIDTH);
            h = norm(b, b.op("Add", f, h));
        }
        return b.build("minilm-128", h, LENGTH, WIDTH);
    }

    private static Value norm(NetBuilder b, Value x) { return b.layerNorm(x, WIDTH, 1e-12f); }

    private static Value heads(NetBuilder b, Value x, long... perm) {
        return b.transpose(b.reshape(x, -1, LENGTH, HEADS, WIDTH / HEADS), perm);
    }
}
