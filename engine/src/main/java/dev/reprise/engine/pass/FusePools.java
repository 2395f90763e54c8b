package dev.reprise.engine.pass;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.operator.BindContext;
import dev.reprise.engine.operator.ConvMaxPools;
import dev.reprise.engine.operator.WeightCache;
import dev.reprise.engine.plan.PlanGraph;
import java.lang.foreign.Arena;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts a ResNet's first convolution, its ReLU and the maximum behind them into one node: the convolution's outputs, four times as many as the maxima, then need no memory, which they would
 * be written to and read from again. Bits do not change.
 */
final class FusePools {
    private FusePools() {}

    static void run(PlanGraph g) {
        Map<Node, Node> by = new IdentityHashMap<>();
        for (Node pool : g.nodes()) {
            if (!is(pool, "MaxPoolChannelsLast")) continue;
            Node conv = g.producer(pool.input(0));
            if (conv == null || !is(conv, "ConvChannelsLast") || g.uses(pool.input(0)) != 1) continue;
            Node fused = fuse(conv, pool);
            if (fused != null) by.put(pool, fused);
        }
        Rewrite.replace(g, by);
    }

    private static boolean is(Node n, String type) { return n.domain().equals(Node.INTERNAL) && n.opType().equals(type); }

    /** Null where they must stay two. */
    private static Node fuse(Node conv, Node pool) {
        Attributes a = conv.attributes();
        Value x = conv.input(0), w = conv.input(1), bias = conv.inputs().size() > 2 ? conv.input(2) : null;
        boolean residual = conv.inputs().size() > 3 && conv.input(3) != null;
        if (!PlanGraph.isFloat32(x) || !w.isConstant() || PlanGraph.shape(x).rank() != 4 || residual
                || !a.string("activation", "none").equals("relu") || a.real("scale", 1) != 1 || a.integer("parts", 1) != 1)
            return null;
        for (String name : pool.attributes().names())
            a = a.with(ConvMaxPools.POOL + name, pool.attributes().get(name));
        Node fused = PlanGraph.internal(ConvMaxPools.NAME, bias == null ? List.of(x, w) : List.of(x, w, bias), pool.output(0), a);
        BindContext.Input[] in = {new BindContext.Input(PlanGraph.dtype(x), PlanGraph.shape(x), null),
            new BindContext.Input(PlanGraph.dtype(w), PlanGraph.shape(w), w.constant())};
        return ConvMaxPools.fits(new BindContext(fused, in, WeightCache.none(Arena.ofAuto()))) ? fused : null;
    }
}
