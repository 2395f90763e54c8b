package dev.reprise.engine.pass;

import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.plan.PlanGraph;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What each value of the graph became: a physical value whose dimensions are the logical ones in another order. Turning a
 * value into another order appends a Transpose (or a Reshape, where only dimensions of size 1 move) to the node list, once.
 */
final class Views {
    /** Dimension i of {@code physical} is logical dimension {@code perm[i]}. */
    record View(Value physical, int[] perm) {
        boolean identity() { return perm == null || isIdentity(perm); }
    }

    private final PlanGraph g;
    private final List<Node> nodes;
    private final Map<Value, View> views = new IdentityHashMap<>();
    private final Map<Value, Map<List<Integer>, Value>> made = new IdentityHashMap<>();

    Views(PlanGraph g, List<Node> nodes) {
        this.g = g;
        this.nodes = nodes;
    }

    void put(Value logical, Value physical, int[] perm) { views.put(logical, new View(physical, perm)); }

    View get(Value v) {
        View w = views.get(v);
        if (w != null) return w;
        Shape s = PlanGraph.shape(v);
        return new View(v, s == null ? null : identity(s.rank()));
    }

    int[] perm(Value v) { return get(v).perm; }

    /** v in its own order of dimensions; null stays null. */
    Value plain(Value v) {
        if (v == null) return null;
        Shape s = PlanGraph.shape(v);
        return s == null ? v : as(v, identity(s.rank()));
    }

    /** The physical value of v with dimensions in the order {@code perm}. */
    Value as(Value v, int[] perm) {
        View w = get(v);
        if (Arrays.equals(w.perm, perm)) return w.physical;
        return made.computeIfAbsent(v, _ -> new HashMap<>()).computeIfAbsent(list(perm), _ -> reorder(w, perm));
    }

    private Value reorder(View w, int[] perm) {
        int[] inverse = inverse(w.perm);
        int[] q = IntStream.of(perm).map(p -> inverse[p]).toArray();
        Shape to = PlanGraph.shape(w.physical).permute(q);
        String name = w.physical.name() + "/" + list(q).toString().replace(" ", "");
        boolean free = keepsOrder(PlanGraph.shape(w.physical), q);
        if (w.physical.isConstant()) {
            Tensor t = w.physical.constant();
            return Value.constant(name, free ? t.reshape(to) : transpose(t, q));
        }
        return free ? reshape(w.physical, to, name) : transposed(w.physical, q, to, name);
    }

    Value reshape(Value v, Shape to, String name) {
        if (PlanGraph.shape(v).equals(to)) return v;
        if (v.isConstant()) return Value.constant(name, v.constant().reshape(to));
        Value r = PlanGraph.value(name, PlanGraph.dtype(v), to);
        nodes.add(PlanGraph.node("Reshape", List.of(v, g.constant(name + "/shape", Shape.of(to.rank()), to.dims())), r, "allowzero", 1));
        return r;
    }

    private Value transposed(Value v, int[] q, Shape to, String name) {
        Value r = PlanGraph.value(name, PlanGraph.dtype(v), to);
        nodes.add(PlanGraph.node("Transpose", List.of(v), r, "perm", IntStream.of(q).asLongStream().toArray()));
        return r;
    }

    /** True where dimensions other than 1 stay in their order. */
    private static boolean keepsOrder(Shape s, int[] q) {
        int last = -1;
        for (int p : q) {
            if (s.dim(p) == 1) continue;
            if (p < last) return false;
            last = p;
        }
        return true;
    }

    private Tensor transpose(Tensor t, int[] q) {
        Tensor r = Tensor.allocate(g.arena(), t.dtype(), t.shape().permute(q));
        long[] from = t.shape().strides(), dims = r.shape().dims(), index = new long[dims.length];
        int bytes = t.dtype().bytes();
        for (long i = 0; i < r.size(); i++) {
            long at = 0;
            for (int d = 0; d < index.length; d++)
                at += index[d] * from[q[d]];
            MemorySegment.copy(t.data(), at * bytes, r.data(), i * bytes, bytes);
            for (int d = index.length - 1; d >= 0 && ++index[d] == dims[d]; d--)
                index[d] = 0;
        }
        return r;
    }

    /**
     * Reshapes v to {@code to} without materializing it, where the axes that the reshape merges or splits stand together
     * in v's physical order; null where they do not.
     */
    View reshaped(Value v, Shape to, String name) {
        View w = get(v);
        Shape logical = PlanGraph.shape(v);
        if (logical.size() == 0) return null;
        List<int[][]> groups = groups(logical, to);
        // The groups in physical order; each must be contiguous and ascending there.
        int[] groupOf = new int[logical.rank()];
        Arrays.fill(groupOf, -1);
        for (int i = 0; i < groups.size(); i++)
            for (int axis : groups.get(i)[0])
                groupOf[axis] = i;
        List<Integer> order = new ArrayList<>();
        int current = -1, next = 0;
        for (int axis : w.perm) {
            if (logical.dim(axis) == 1) continue;
            int group = groupOf[axis];
            if (group != current) {
                if (order.contains(group)) return null;
                if (current >= 0 && next != count(groups.get(current)[0], logical)) return null;
                order.add(group);
                current = group;
                next = 0;
            }
            if (nth(groups.get(group)[0], logical, next++) != axis) return null;
        }
        if (current >= 0 && next != count(groups.get(current)[0], logical)) return null;
        List<Integer> perm = new ArrayList<>();
        for (int group : order)
            for (int axis : groups.get(group)[1])
                if (to.dim(axis) != 1) perm.add(axis);
        placeOnes(perm, to);
        int[] p = perm.stream().mapToInt(Integer::intValue).toArray();
        return new View(reshape(w.physical, to.permute(p), name), p);
    }

    /** Axes of size 1 go where they stand least in the way: at their own place if the rest is in order, else after their left neighbour. */
    private static void placeOnes(List<Integer> perm, Shape to) {
        for (int axis = 0; axis < to.rank(); axis++) {
            if (to.dim(axis) != 1) continue;
            int at = perm.indexOf(axis - 1);
            perm.add(axis == 0 ? 0 : at + 1, axis);
        }
    }

    private static int count(int[] axes, Shape s) { return (int) IntStream.of(axes).filter(a -> s.dim(a) != 1).count(); }

    private static int nth(int[] axes, Shape s, int n) {
        return IntStream.of(axes).filter(a -> s.dim(a) != 1).skip(n).findFirst().orElse(-1);
    }

    /** Pairs of runs of axes (from, to) with equal products, as fine as possible; axes of size 1 are left out. */
    private static List<int[][]> groups(Shape from, Shape to) {
        List<int[][]> groups = new ArrayList<>();
        int i = 0, j = 0;
        while (i < from.rank() || j < to.rank()) {
            List<Integer> a = new ArrayList<>(), b = new ArrayList<>();
            long x = 1, y = 1;
            do {
                if (x <= y && i < from.rank() || j >= to.rank()) {
                    if (from.dim(i) != 1) a.add(i);
                    x *= from.dim(i++);
                } else {
                    if (to.dim(j) != 1) b.add(j);
                    y *= to.dim(j++);
                }
            } while (x != y || a.isEmpty() && i < from.rank() && j < to.rank());
            if (!a.isEmpty()) groups.add(new int[][]{ints(a), ints(b)});
        }
        return groups;
    }

    private static int[] ints(List<Integer> l) { return l.stream().mapToInt(Integer::intValue).toArray(); }

    static List<Integer> list(int[] a) { return IntStream.of(a).boxed().toList(); }

    static int[] identity(int rank) { return IntStream.range(0, rank).toArray(); }

    static boolean isIdentity(int[] perm) {
        for (int i = 0; i < perm.length; i++)
            if (perm[i] != i) return false;
        return true;
    }

    static int[] inverse(int[] perm) {
        int[] r = new int[perm.length];
        for (int i = 0; i < r.length; i++)
            r[perm[i]] = i;
        return r;
    }

    /** (N, C, spatial…) as (N, spatial…, C). */
    static int[] channelsLast(int rank) {
        int[] p = new int[rank];
        for (int i = 1; i < rank - 1; i++)
            p[i] = i + 1;
        p[rank - 1] = 1;
        return p;
    }
}
