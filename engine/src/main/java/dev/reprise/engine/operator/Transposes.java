package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.StridedCopy;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;

/** Transpose (since 1, 13, 21), DepthToSpace (1; 11 mode) and SpaceToDepth (1, 13): one strided copy each. */
final class Transposes {
    private Transposes() {}

    static void register(Registry r) {
        r.add("DepthToSpace", 1, Transposes::depthToSpace, "blocksize");
        r.add("DepthToSpace", 11, Transposes::depthToSpace, "blocksize", "mode");
        r.add("SpaceToDepth", 1, Transposes::spaceToDepth, "blocksize");
        r.add("Transpose", 1, Transposes::transpose, "perm");
    }

    private static Binding transpose(BindContext c) {
        int rank = c.rank(0);
        long[] attribute = c.attributes().integers("perm", null);
        int[] perm = new int[rank];
        for (int i = 0; i < rank; i++)
            perm[i] = rank - 1 - i;
        if (attribute != null) {
            c.require(attribute.length == rank, "attribute 'perm' has " + attribute.length + " entries, the input has shape " + c.shape(0));
            boolean[] seen = new boolean[rank];
            for (int i = 0; i < rank; i++) {
                perm[i] = Shape.axis(attribute[i], rank);
                c.require(!seen[perm[i]], "attribute 'perm' names axis " + perm[i] + " twice");
                seen[perm[i]] = true;
            }
        }
        return permuted(c.dtype(0), c.shape(0), perm, c.shape(0).permute(perm));
    }

    /** The input, seen as {@code in}, with its axes permuted, under the shape {@code out}. */
    private static Binding permuted(DType dtype, Shape in, int[] perm, Shape out) {
        long[] own = in.strides(), strides = new long[perm.length];
        for (int i = 0; i < perm.length; i++)
            strides[i] = own[perm[i]];
        StridedCopy copy = StridedCopy.toContiguous(dtype.bytes(), in.permute(perm).dims(), strides, 0);
        return copy.isPlain() ? Binding.alias(0, dtype, out) : Binding.of(dtype, out, copy);
    }

    private static Binding depthToSpace(BindContext c) {
        Shape s = c.shape(0);
        long b = block(c), n = s.dim(0), depth = s.dim(1), h = s.dim(2), w = s.dim(3);
        c.require(depth % (b * b) == 0, "depth " + depth + " is no multiple of blocksize " + b + " squared");
        long d = depth / (b * b);
        Shape out = Shape.of(n, d, h * b, w * b);
        String mode = c.attributes().string("mode", "DCR");
        return switch (mode) {
            case "DCR" -> permuted(c.dtype(0), Shape.of(n, b, b, d, h, w), new int[]{0, 3, 4, 1, 5, 2}, out);
            case "CRD" -> permuted(c.dtype(0), Shape.of(n, d, b, b, h, w), new int[]{0, 1, 4, 2, 5, 3}, out);
            default -> throw c.error("attribute 'mode' is '" + mode + "', expected DCR or CRD");
        };
    }

    private static Binding spaceToDepth(BindContext c) {
        Shape s = c.shape(0);
        long b = block(c), n = s.dim(0), d = s.dim(1), h = s.dim(2), w = s.dim(3);
        c.require(h % b == 0 && w % b == 0, "height and width of " + s + " are no multiples of blocksize " + b);
        return permuted(c.dtype(0), Shape.of(n, d, h / b, b, w / b, b), new int[]{0, 3, 5, 1, 2, 4}, Shape.of(n, d * b * b, h / b, w / b));
    }

    private static long block(BindContext c) {
        c.require(c.rank(0) == 4, "input 0 must have 4 dimensions, found " + c.shape(0));
        long b = c.attributes().integer("blocksize");
        c.require(b > 0 && b < 1 << 20, "attribute 'blocksize' is " + b + ", expected a positive one");
        return b;
    }
}
