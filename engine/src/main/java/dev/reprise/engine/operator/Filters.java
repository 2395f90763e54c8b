package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Order;
import dev.reprise.ops.kernel.StridedCopy;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Operators whose output shape depends on the elements: Compress (since 9, 11), NonZero (9, 13) and Unique (11). */
final class Filters {
    private Filters() {}

    static void register(Registry r) {
        r.addDynamic("Compress", 9, Filters::compress, "axis");
        r.addDynamic("NonZero", 9, Filters::nonZero);
        r.addDynamic("Unique", 11, Filters::unique, "axis", "sorted");
    }

    private static Datum[] compress(EvalContext c) {
        Tensor data = c.tensor(0), condition = c.tensor(1);
        boolean flat = !c.attributes().has("axis");
        Shape s = flat ? Shape.of(data.size()) : data.shape();
        int axis = flat ? 0 : Shape.axis(c.attributes().integer("axis"), s.rank());
        if (condition.shape().rank() != 1 || condition.size() > s.dim(axis))
            throw c.error("the condition must be a vector of at most " + s.dim(axis) + " elements, found " + condition);
        List<Long> chosen = new ArrayList<>();
        for (long i = 0; i < condition.size(); i++)
            if (condition.getLong(i) != 0) chosen.add(i);
        return new Datum[]{take(c, data.reshape(s), axis, chosen)};
    }

    /** The slices at {@code positions} along an axis. */
    private static Tensor take(EvalContext c, Tensor data, int axis, List<Long> positions) {
        Shape s = data.shape();
        Tensor out = c.allocate(data.dtype(), s.with(axis, positions.size()));
        long run = s.product(axis + 1, s.rank()) * data.dtype().bytes(), from = s.dim(axis) * run, to = positions.size() * run;
        for (int i = 0; i < positions.size(); i++)
            StridedCopy.rows(s.product(0, axis), run, from, positions.get(i) * run, to, i * run).copy(data.data(), out.data(), c.workers());
        return out;
    }

    private static Datum[] nonZero(EvalContext c) {
        Tensor x = c.tensor(0);
        Shape s = x.shape();
        long n = 0;
        for (long i = 0; i < x.size(); i++)
            if (isSet(x, i)) n++;
        Tensor out = c.allocate(DType.INT64, Shape.of(s.rank(), n));
        long k = 0;
        for (long i = 0; i < x.size(); i++) {
            if (!isSet(x, i)) continue;
            long rest = i;
            for (int a = s.rank() - 1; a >= 0; a--) {
                out.setLong(a * n + k, rest % s.dim(a));
                rest /= s.dim(a);
            }
            k++;
        }
        return new Datum[]{out};
    }

    private static boolean isSet(Tensor x, long i) { return x.dtype().isFloat() ? x.getDouble(i) != 0 : x.getLong(i) != 0; }

    private static Datum[] unique(EvalContext c) {
        boolean flat = !c.attributes().has("axis");
        Tensor data = flat ? c.tensor(0).reshape(Shape.of(c.tensor(0).size())) : c.tensor(0);
        Shape s = data.shape();
        int axis = flat ? 0 : Shape.axis(c.attributes().integer("axis"), s.rank()), n = s.dimInt(axis);
        long outer = s.product(0, axis), inner = s.product(axis + 1, s.rank());
        Comparator<Integer> byContent = (a, b) -> {
            for (long o = 0; o < outer; o++)
                for (long i = 0; i < inner; i++) {
                    int order = Long.compare(Order.key(data, (o * n + a) * inner + i), Order.key(data, (o * n + b) * inner + i));
                    if (order != 0) return order;
                }
            return 0;
        };
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < n; i++)
            order.add(i);
        order.sort(byContent); // Stable: the first of a group is its first occurrence.
        List<int[]> groups = new ArrayList<>(); // First occurrence, count, and place in the sorted order.
        int[] group = new int[n];
        for (int i = 0; i < n; i++) {
            int at = order.get(i);
            if (i == 0 || byContent.compare(order.get(i - 1), at) != 0) groups.add(new int[]{at, 0, groups.size()});
            groups.getLast()[1]++;
            group[at] = groups.size() - 1;
        }
        if (!c.attributes().flag("sorted", true)) groups.sort(Comparator.comparingInt(g -> g[0]));
        int[] rank = new int[groups.size()];
        List<Long> firsts = new ArrayList<>();
        Tensor counts = c.allocate(DType.INT64, Shape.of(groups.size())), first = c.allocate(DType.INT64, counts.shape());
        for (int i = 0; i < groups.size(); i++) {
            int[] g = groups.get(i);
            rank[g[2]] = i;
            firsts.add((long) g[0]);
            first.setLong(i, g[0]);
            counts.setLong(i, g[1]);
        }
        Tensor inverse = c.allocate(DType.INT64, Shape.of(n));
        for (int i = 0; i < n; i++)
            inverse.setLong(i, rank[group[i]]);
        return new Datum[]{take(c, data, axis, firsts), first, inverse, counts};
    }
}
