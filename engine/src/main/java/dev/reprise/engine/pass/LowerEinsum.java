package dev.reprise.engine.pass;

import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.plan.PlanGraph;
import dev.reprise.ops.tensor.Shape;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes an Einsum of two operands whose labels are all batch, row, column or contracted labels as Transpose, MatMul,
 * Transpose: layouts then cost nothing, and attention written by einsum is seen. Others keep the operator's own kernel.
 */
final class LowerEinsum {
    private LowerEinsum() {}

    static void run(PlanGraph g) {
        Map<Node, List<Node>> lowered = new IdentityHashMap<>();
        for (Node n : g.nodes())
            if (n.is("Einsum") && !g.isDynamic(n) && n.inputs().size() == 2 && PlanGraph.isFloat32(n.output(0))) {
                List<Node> l = lower(g, n);
                if (l != null) lowered.put(n, l);
            }
        Rewrite.expand(g, lowered);
    }

    private static List<Node> lower(PlanGraph g, Node n) {
        String equation = n.attributes().string("equation").replace(" ", "");
        int arrow = equation.indexOf("->"), comma = equation.indexOf(',');
        if (arrow < 0 || comma < 0 || equation.contains(".")) return null;
        String a = equation.substring(0, comma), b = equation.substring(comma + 1, arrow), out = equation.substring(arrow + 2);
        if (repeats(a) || repeats(b) || repeats(out)) return null;
        StringBuilder batch = new StringBuilder(), rows = new StringBuilder(), columns = new StringBuilder(),
                contracted = new StringBuilder();
        for (char c : a.toCharArray()) {
            boolean inB = b.indexOf(c) >= 0, inOut = out.indexOf(c) >= 0;
            if (!inB && !inOut) return null;
            (inB && inOut ? batch : inB ? contracted : rows).append(c);
        }
        for (char c : b.toCharArray())
            if (a.indexOf(c) < 0) {
                if (out.indexOf(c) < 0) return null;
                columns.append(c);
            }
        // One label each: the MatMul needs no reshapes, so that its operands stay views for the layout pass.
        if (contracted.length() != 1 || rows.length() != 1 || columns.length() != 1) return null;
        Shape sa = PlanGraph.shape(n.input(0)), sb = PlanGraph.shape(n.input(1));
        for (char c : (batch.toString() + contracted).toCharArray())
            if (sa.dim(a.indexOf(c)) != sb.dim(b.indexOf(c))) return null;
        List<Node> nodes = new ArrayList<>();
        Value left = transposed(n.input(0), a, batch.toString() + rows + contracted, nodes);
        Value right = transposed(n.input(1), b, batch.toString() + contracted + columns, nodes);
        String product = batch.toString() + rows + columns;
        long[] dims = new long[product.length()];
        for (int i = 0; i < dims.length; i++)
            dims[i] = a.indexOf(product.charAt(i)) >= 0 ? sa.dim(a.indexOf(product.charAt(i))) : sb.dim(b.indexOf(product.charAt(i)));
        boolean ordered = product.equals(out);
        Value y = ordered ? n.output(0) : PlanGraph.value(n.output(0).name() + "/product", PlanGraph.dtype(n.output(0)), Shape.of(dims));
        nodes.add(PlanGraph.node("MatMul", List.of(left, right), y));
        if (!ordered) nodes.add(PlanGraph.node("Transpose", List.of(y), n.output(0), "perm", permutation(product, out)));
        return nodes;
    }

    private static boolean repeats(String labels) { return labels.chars().distinct().count() != labels.length(); }

    private static Value transposed(Value v, String from, String to, List<Node> nodes) {
        if (from.equals(to)) return v;
        long[] perm = permutation(from, to);
        int[] p = new int[perm.length];
        for (int i = 0; i < p.length; i++)
            p[i] = (int) perm[i];
        Value t = PlanGraph.value(v.name() + "/" + to, PlanGraph.dtype(v), PlanGraph.shape(v).permute(p));
        nodes.add(PlanGraph.node("Transpose", List.of(v), t, "perm", perm));
        return t;
    }

    private static long[] permutation(String from, String to) { return to.chars().mapToLong(from::indexOf).toArray(); }
}
