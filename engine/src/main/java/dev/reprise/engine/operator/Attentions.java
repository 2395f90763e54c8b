package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Attention;
import dev.reprise.ops.kernel.AttentionCache;
import dev.reprise.ops.kernel.AttentionPlain;
import dev.reprise.ops.kernel.Kernel;
import dev.reprise.ops.kernel.Rotary;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention (since 23, 24) and RotaryEmbedding (23), on (B, H, L, D) or, with the numbers of heads as attributes, (B, L, H·D). The
 * order is scores, softcap, mask, softmax.
 */
final class Attentions {
    private Attentions() {}

    static void register(Registry r) {
        String[] attributes = {"is_causal", "kv_num_heads", "q_num_heads", "qk_matmul_output_mode", "scale", "softcap",
            "softmax_precision"};
        r.add("Attention", 23, Halves.of(Attentions::attention), attributes);
        r.add("RotaryEmbedding", 23, Attentions::rotary, "interleaved", "num_heads", "rotary_embedding_dim");
    }

    /** An input as (B, H, L, D), and its strides in that order. */
    private record Heads(Shape shape, Attention.Strides strides) {
        static Heads of(BindContext c, int i, String attribute) {
            Shape s = c.shape(i);
            if (s.rank() == 4) return new Heads(s, new Attention.Strides(s.dim(1) * s.dim(2) * s.dim(3), s.dim(2) * s.dim(3), s.dim(3), 1));
            c.require(s.rank() == 3, "input " + i + " must have rank 3 or 4, found " + s);
            long heads = c.attributes().integer(attribute);
            c.require(heads > 0 && s.dim(2) % heads == 0,
                    "attribute '" + attribute + "' is " + heads + ", which does not divide " + s.dim(2));
            return of(s, heads, s.dim(2) / heads);
        }

        static Heads of(Shape s, long heads, long width) {
            return new Heads(Shape.of(s.dim(0), heads, s.dim(1), width),
                    new Attention.Strides(s.dim(1) * heads * width, width, heads * width, 1));
        }
    }

    private static Binding attention(BindContext c) {
        DType t = c.dtype(0);
        c.require(t.isFloat(), "expected a float type, found " + t);
        for (int i : new int[]{1, 2, 4, 5})
            c.require(!c.has(i) || c.dtype(i) == t, "input " + i + " must be " + t);
        Heads q = Heads.of(c, 0, "q_num_heads"), k = Heads.of(c, 1, "kv_num_heads"), v = Heads.of(c, 2, "kv_num_heads");
        c.require(c.has(4) == c.has(5), "past_key and past_value go together");
        long past = c.has(4) ? c.shape(4).dim(2) : 0;
        Shape key = k.shape.with(2, k.shape.dim(2) + past), value = v.shape.with(2, v.shape.dim(2) + past);
        if (c.has(4))
            c.require(c.shape(4).equals(key.with(2, past)) && c.shape(5).equals(value.with(2, past)),
                    "past_key " + c.shape(4) + " and past_value " + c.shape(5) + " do not fit K " + k.shape + " and V " + v.shape);
        Attention.Sizes z = FusedAttention.sizes(c, q.shape, key, value);
        boolean present = c.has(4) || c.wants(1) || c.wants(2);
        Attention.Strides ks = present ? contiguous(key) : k.strides, vs = present ? contiguous(value) : v.strides;
        boolean flat = c.rank(0) == 3;
        Shape y = flat
                ? Shape.of(z.batch(), z.queries(), (long) z.heads() * z.values())
                : Shape.of(z.batch(), z.heads(), z.queries(), z.values());
        Attention.Strides ys = flat ? Heads.of(y, z.heads(), z.values()).strides : contiguous(y);
        Shape mask = null;
        if (c.has(3)) {
            Shape m = c.shape(3);
            c.require(m.rank() >= 1 && m.dim(-1) <= z.keys() || m.dim(-1) == 1, "mask " + m + " has more than " + z.keys() + " keys");
            mask = c.dtype(3) == DType.BOOL || m.dim(-1) < z.keys() ? m.with(-1, z.keys()) : null;
        }
        Attention.Strides ms = c.has(3) ? FusedAttention.mask(mask != null ? mask : c.shape(3), z) : null;
        Kernel inner = inner(c, z, q.strides, ks, vs, ys, ms, past);
        List<Binding.Output> outputs = new ArrayList<>(
                List.of(new Binding.Output(t, y), new Binding.Output(t, key), new Binding.Output(t, value),
                        new Binding.Output(t, Shape.of(z.batch(), z.heads(), z.queries(), z.keys()))));
        return Binding.of(outputs.subList(0, Math.min(4, Math.max(1, c.outputs()))),
                new AttentionCache(inner, t, present, past, key, k.strides, value, v.strides, mask));
    }

    private static Kernel inner(BindContext c, Attention.Sizes z, Attention.Strides q, Attention.Strides k, Attention.Strides v,
            Attention.Strides y,
            Attention.Strides mask, long past) {
        float scale = c.attributes().real("scale", (float) (1 / Math.sqrt(z.width()))), cap = c.attributes().real("softcap", 0);
        boolean causal = c.attributes().flag("is_causal", false);
        boolean wide = c.attributes().integer("softmax_precision", DType.FLOAT32.code()) == DType.FLOAT64.code();
        if (c.dtype(0) == DType.FLOAT32 && !c.has(6) && !c.wants(3) && !wide)
            return new Attention(z, q, k, v, y, mask, scale, cap, causal ? past + 1 : -1);
        return new AttentionPlain(z, q, k, v, y, mask, scale, cap, causal, past, stage(c, cap != 0, mask != null || causal || c.has(6)));
    }

    /**
     * By the text of sets 23 and 24, mode 1 is the product with the mask and mode 2 what follows the softcap. Later the order of the two was
     * turned around (softcap, then mask, as here); where a softcap makes the readings differ, the mode is refused.
     */
    private static AttentionPlain.Stage stage(BindContext c, boolean capped, boolean masked) {
        long mode = c.attributes().integer("qk_matmul_output_mode", 0);
        if (c.wants(3) && capped && (mode == 1 || mode == 2 && masked))
            throw c.unsupported("qk_matmul_output_mode " + mode + " with a softcap");
        return switch ((int) mode) {
            case 0 -> AttentionPlain.Stage.PRODUCT;
            case 1, 2 -> AttentionPlain.Stage.MASKED;
            case 3 -> AttentionPlain.Stage.SOFTMAX;
            default -> throw c.error("attribute 'qk_matmul_output_mode' is " + mode + ", expected 0 to 3");
        };
    }

    private static Attention.Strides contiguous(Shape s) {
        return new Attention.Strides(s.dim(1) * s.dim(2) * s.dim(3), s.dim(2) * s.dim(3), s.dim(3), 1);
    }

    private static Binding rotary(BindContext c) {
        c.require(c.dtype(0).isFloat(), "expected a float type, found " + c.dtype(0));
        Heads x = Heads.of(c, 0, "num_heads");
        int width = x.shape.dimInt(3), rotated = (int) c.attributes().integer("rotary_embedding_dim", 0);
        if (rotated == 0) rotated = width;
        c.require(rotated > 0 && rotated <= width && rotated % 2 == 0, "cannot rotate " + rotated + " of " + width + " elements");
        for (int i = 1; i < 3; i++)
            c.require(c.shape(i).rank() == (c.has(3) ? 2 : 3) && c.shape(i).dim(-1) == rotated / 2,
                    "input " + i + " must be (…, " + rotated / 2 + ") of rank " + (c.has(3) ? 2 : 3) + ", found " + c.shape(i));
        if (c.has(3))
            c.require(c.shape(3).size() == x.shape.dim(0) * x.shape.dim(2), "position_ids " + c.shape(3) + " do not fit " + c.shape(0));
        return Binding.of(c.dtype(0), c.shape(0),
                new Rotary(x.shape.dimInt(0), x.shape.dimInt(1), x.shape.dimInt(2), width, x.strides, rotated,
                        c.attributes().flag("interleaved", false)).kernel());
    }
}
