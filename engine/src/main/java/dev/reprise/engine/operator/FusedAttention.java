package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Attention;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;

/**
 * The attention that passes recognize. Inputs Q (B, H, Lq, D), K (B, Hk, Lk, D), V (B, Hk, Lk, Dv), float32, and perhaps a mask that
 * is added to the scores and broadcasts to (B, H, Lq, Lk). Attributes: scale; q_perm, k_perm, v_perm, out_perm: the tensor's
 * physical dimension i is the logical dimension perm[i] (the identity if absent; the last stays last); causal (0 or 1: query
 * i sees keys up to i + Lk - Lq); softcap. With q_window, k_window or v_window (the sizes B, H, L, D, the elements from one to
 * the next of each, and the first's index) the input is that part of a tensor of any shape, and its perm does not count.
 */
final class FusedAttention {
    private FusedAttention() {}

    static void register(Registry r) { r.addInternal("FusedAttention", FusedAttention::bind); }

    private static Binding bind(BindContext c) {
        for (int i = 0; i < c.inputs(); i++)
            c.require(!c.has(i) || c.dtype(i) == DType.FLOAT32, "input " + i + " must be float32, found " + c.dtype(i));
        View q = View.of(c, 0, "q"), k = View.of(c, 1, "k"), v = View.of(c, 2, "v");
        Attention.Sizes sizes = sizes(c, q.logical, k.logical, v.logical);
        int[] perm = perm(c, "out_perm");
        Shape logical = Shape.of(sizes.batch(), sizes.heads(), sizes.queries(), sizes.values()), out = logical.permute(perm);
        Attention.Strides mask = c.has(3) ? mask(c.shape(3), sizes) : null;
        long causal = c.attributes().flag("causal", false) ? sizes.keys() - sizes.queries() + 1 : -1;
        return Binding.of(DType.FLOAT32, out, new Attention(sizes, q.strides, k.strides, v.strides, View.of(out, perm).strides, mask,
                c.attributes().real("scale", (float) (1 / Math.sqrt(sizes.width()))), c.attributes().real("softcap", 0), causal));
    }

    static Attention.Sizes sizes(BindContext c, Shape q, Shape k, Shape v) {
        c.require(q.dim(0) == k.dim(0) && q.dim(0) == v.dim(0) && k.dim(1) == v.dim(1) && k.dim(2) == v.dim(2) && q.dim(3) == k.dim(3),
                "Q " + q + ", K " + k + ", V " + v + " do not fit (B, H, Lq, D), (B, Hk, Lk, D), (B, Hk, Lk, Dv)");
        c.require(k.dim(1) > 0 && q.dim(1) % k.dim(1) == 0, q.dim(1) + " query heads are no multiple of " + k.dim(1) + " key heads");
        return new Attention.Sizes(q.dimInt(0), q.dimInt(1), k.dimInt(1), q.dimInt(2), k.dimInt(2), q.dimInt(3), v.dimInt(3));
    }

    /** The strides of a mask of up to four dimensions that broadcasts to (B, H, Lq, Lk). */
    static Attention.Strides mask(Shape mask, Attention.Sizes z) {
        Shape full = Shape.of(z.batch(), z.heads(), z.queries(), z.keys());
        if (mask.rank() > 4 || !Shape.broadcast(mask, full).equals(full))
            throw new IllegalArgumentException("mask " + mask + " does not broadcast to " + full);
        long[] own = mask.strides(), s = new long[4];
        for (int i = 0; i < mask.rank(); i++)
            s[4 - mask.rank() + i] = mask.dim(i) == 1 ? 0 : own[i];
        return new Attention.Strides(s[0], s[1], s[2], s[3]);
    }

    private static int[] perm(BindContext c, String name) {
        long[] p = c.attributes().integers(name, new long[]{0, 1, 2, 3});
        c.require(p.length == 4 && p[3] == 3, "attribute '" + name + "' must be a permutation of 0 1 2 3 that ends with 3");
        return new int[]{(int) p[0], (int) p[1], (int) p[2], 3};
    }

    /** A tensor's logical shape (B, H, L, D) and its strides in that order. */
    private record View(Shape logical, Attention.Strides strides) {
        static View of(BindContext c, int i, String name) {
            long[] window = c.attributes().integers(name + "_window", null);
            if (window != null) return window(c, i, window);
            c.require(c.rank(i) == 4, "input " + i + " must have rank 4, found " + c.shape(i));
            return of(c.shape(i), perm(c, name + "_perm"));
        }

        private static View window(BindContext c, int i, long[] w) {
            c.require(w.length == 9 && w[7] == 1, "a window is four sizes, four strides, of which the last is 1, and an offset");
            long last = w[8];
            for (int d = 0; d < 4; d++)
                last += (w[d] - 1) * w[4 + d];
            c.require(w[8] >= 0 && last < c.shape(i).size(), "the window of input " + i + " ends beyond " + c.shape(i));
            return new View(Shape.of(w[0], w[1], w[2], w[3]), new Attention.Strides(w[4], w[5], w[6], 1, w[8]));
        }

        static View of(Shape physical, int[] perm) {
            long[] own = physical.strides(), dims = new long[4], s = new long[4];
            for (int i = 0; i < 4; i++) {
                dims[perm[i]] = physical.dim(i);
                s[perm[i]] = own[i];
            }
            return new View(Shape.of(dims), new Attention.Strides(s[0], s[1], s[2], s[3]));
        }
    }
}
