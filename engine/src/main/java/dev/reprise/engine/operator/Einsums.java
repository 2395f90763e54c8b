package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Einsum;
import dev.reprise.ops.kernel.Epilogue;
import dev.reprise.ops.kernel.Gemm;
import dev.reprise.ops.kernel.Kernel;
import dev.reprise.ops.kernel.MatMulPlain;
import dev.reprise.ops.kernel.StridedCopy;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Einsum (since 12): any equation, over float32, float64 and 32- and 64-bit integers. Operands are taken from left to
 * right; each is first brought to its distinct labels (diagonals) and summed over labels nobody else has, then multiplied
 * with the product so far as a batch of matrix products.
 */
final class Einsums {
    private Einsums() {}

    static void register(Registry r) { r.add("Einsum", 12, Halves.of(c -> new Lowering(c).bind()), "equation"); }

    /** One value of the chain: labels in memory order, each with the size it has here. */
    private record Operand(int value, String labels, long[] dims) {
        long dim(char label) { return dims[labels.indexOf(label)]; }

        long size(String of) {
            long n = 1;
            for (int i = 0; i < of.length(); i++)
                n = Math.multiplyExact(n, dim(of.charAt(i)));
            return n;
        }
    }

    private static final class Lowering {
        private final BindContext c;
        private final DType type;
        private final EinsumEquation e;
        private final List<Einsum.Step> steps = new ArrayList<>();

        Lowering(BindContext c) {
            this.c = c;
            type = c.dtype(0);
            e = EinsumEquation.of(c);
            if (type != DType.FLOAT32 && !MatMulPlain.supports(type)) throw c.unsupported("Einsum of " + type);
        }

        Binding bind() {
            Operand left = null;
            for (int i = 0; i < c.inputs(); i++) {
                c.require(c.dtype(i) == type, "the inputs must have one type, found " + type + " and " + c.dtype(i));
                Operand right = distinct(i);
                // Labels that somebody still needs: the output, later operands, and the other side of this product.
                StringBuilder needed = new StringBuilder(e.output());
                for (int j = i + 1; j < c.inputs(); j++)
                    needed.append(e.inputs().get(j));
                right = sum(right, needed + (left == null ? "" : left.labels));
                left = left == null ? right : multiply(sum(left, needed + right.labels), right, needed.toString());
            }
            left = permute(left, e.output());
            long[] dims = new long[e.output().length()];
            for (int i = 0; i < dims.length; i++)
                dims[i] = e.size(e.output().charAt(i));
            // Nothing was to be done, or a label of the output has its full size in no operand: copy.
            Shape out = Shape.of(dims);
            if (steps.isEmpty() || !out.equals(Shape.of(left.dims))) copy(left, e.output(), out);
            return Binding.of(type, out, new Einsum(type, c.inputs(), steps));
        }

        private Operand add(Kernel k, String labels, long[] dims, Shape shape, int... from) {
            steps.add(new Einsum.Step(k, from, shape));
            return new Operand(c.inputs() + steps.size() - 1, labels, dims);
        }

        /** Operand i with each label once: repeated ones become a diagonal, and labels of size 1 that broadcast are dropped. */
        private Operand distinct(int i) {
            String labels = e.inputs().get(i);
            Shape s = c.shape(i);
            long[] strides = s.strides();
            StringBuilder once = new StringBuilder();
            List<Long> dims = new ArrayList<>(), steps1 = new ArrayList<>();
            boolean repeated = false;
            for (int a = 0; a < labels.length(); a++) {
                char l = labels.charAt(a);
                if (s.dim(a) == 1 && e.size(l) != 1) continue;
                int at = once.indexOf(String.valueOf(l));
                if (at >= 0) {
                    steps1.set(at, steps1.get(at) + strides[a]);
                    repeated = true;
                    continue;
                }
                once.append(l);
                dims.add(s.dim(a));
                steps1.add(strides[a]);
            }
            long[] d = dims.stream().mapToLong(Long::longValue).toArray();
            if (!repeated) return new Operand(i, once.toString(), d);
            return add(StridedCopy.toContiguous(type.bytes(), d, steps1.stream().mapToLong(Long::longValue).toArray(), 0), once.toString(),
                    d, Shape.of(d), i);
        }

        /** Sums over the labels that nobody needs: a product with a column of ones. */
        private Operand sum(Operand x, String needed) {
            StringBuilder keep = new StringBuilder(), drop = new StringBuilder();
            for (char l : x.labels.toCharArray())
                (needed.indexOf(l) >= 0 ? keep : drop).append(l);
            if (drop.isEmpty()) return x;
            Operand p = permute(x, keep.toString() + drop);
            int m = Math.toIntExact(x.size(keep.toString())), k = Math.toIntExact(x.size(drop.toString()));
            Operand ones = add(new Einsum.Ones(), "", new long[0], Shape.of(k, 1), 0);
            return add(product(m, 1, k, 1, false), keep.toString(), dims(x, keep.toString()), Shape.of(dims(x, keep.toString())), p.value,
                    ones.value);
        }

        private Operand multiply(Operand x, Operand y, String needed) {
            StringBuilder batch = new StringBuilder(), rows = new StringBuilder(), inner = new StringBuilder(),
                    columns = new StringBuilder();
            for (char l : x.labels.toCharArray())
                (y.labels.indexOf(l) < 0 ? rows : needed.indexOf(l) >= 0 ? batch : inner).append(l);
            for (char l : y.labels.toCharArray())
                if (x.labels.indexOf(l) < 0) columns.append(l);
            // float32 kernels read B transposed as well; take it as it lies where that saves the copy.
            boolean transB = type == DType.FLOAT32 && y.labels.equals(batch.toString() + columns + inner);
            Operand a = permute(x, batch.toString() + rows + inner), b = transB ? y : permute(y, batch.toString() + inner + columns);
            int m = Math.toIntExact(x.size(rows.toString())), k = Math.toIntExact(x.size(inner.toString())),
                    n = Math.toIntExact(y.size(columns.toString())),
                    count = Math.toIntExact(x.size(batch.toString()));
            String labels = batch.toString() + rows + columns;
            long[] dims = new long[labels.length()];
            for (int i = 0; i < dims.length; i++)
                dims[i] = x.labels.indexOf(labels.charAt(i)) >= 0 ? x.dim(labels.charAt(i)) : y.dim(labels.charAt(i));
            return add(product(m, n, k, count, transB), labels, dims, Shape.of(dims), a.value, b.value);
        }

        private Kernel product(int m, int n, int k, int count, boolean transB) {
            long[] a = new long[count];
            int[] b = new int[count];
            for (int i = 0; i < count; i++) {
                a[i] = (long) i * m * k;
                b[i] = i;
            }
            return type == DType.FLOAT32
                    ? new Gemm(m, n, k, false, transB, a, b, count, null, Epilogue.NONE, -1, -1)
                    : new MatMulPlain(type, m, n, k, a, b);
        }

        private Operand permute(Operand x, String to) {
            return x.labels.equals(to) || x.labels.length() != to.length() ? x : copy(x, to, Shape.of(dims(x, to)));
        }

        /** x with its labels in another order; labels it does not have repeat it. */
        private Operand copy(Operand x, String to, Shape shape) {
            long[] own = Shape.of(x.dims).strides(), strides = new long[to.length()];
            for (int i = 0; i < strides.length; i++) {
                int at = x.labels.indexOf(to.charAt(i));
                strides[i] = at < 0 ? 0 : own[at];
            }
            return add(StridedCopy.toContiguous(type.bytes(), shape.dims(), strides, 0), to, shape.dims(), shape, x.value);
        }

        private static long[] dims(Operand x, String of) { return of.chars().mapToLong(l -> x.dim((char) l)).toArray(); }
    }
}
