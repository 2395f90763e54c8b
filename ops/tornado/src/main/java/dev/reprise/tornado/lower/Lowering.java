package dev.reprise.tornado.lower;

import dev.reprise.ops.device.Subgraph.Operation;
import dev.reprise.ops.device.Subgraph.Port;
import dev.reprise.ops.tensor.DType;
import dev.reprise.tornado.lower.Kind.Tier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Operations as launches of the device's kernels. */
public final class Lowering {
    private final List<Port> values;
    private final boolean tiled;
    private final List<Launch> launches = new ArrayList<>();
    private final List<Region> regions = new ArrayList<>();
    private final Map<Integer, Integer> aliases = new HashMap<>();

    /** @param tier the highest to use */
    public Lowering(List<Port> values, Tier tier) {
        this.values = new ArrayList<>(values);
        this.tiled = tier == Tier.LOCAL;
    }

    /** Why the device does not run the operation; "" where it does. */
    public static String refusal(Operation o, List<Port> values) {
        try {
            new Lowering(values, Tier.LOCAL).lower(o);
            return "";
        } catch (Refusal e) {
            return e.getMessage();
        } catch (ArithmeticException e) {
            return o.opType() + ": too large for 32 bits";
        }
    }

    /** Appends the launches of an operation. */
    void lower(Operation operation) {
        Op o = new Op(this, operation);
        for (int i = 0; i < o.outputs(); i++)
            o.require(!o.wants(i) || port(o.out(i)).dtype() == DType.FLOAT32, "element type of output " + i);
        o.require(o.outputs() > 0 && o.wants(0), "no output is wanted");
        boolean done = switch (operation.domain()) {
            case "", "ai.onnx" -> Elementwise.lower(o) || Movement.lower(o) || Linear.lower(o) || Normal.lower(o) || Pooling.lower(o)
                    || Resizing.lower(o) || Transposed.lower(o);
            case "dev.reprise" -> Linear.fused(o) || Normal.fused(o) || Pooling.fused(o) || Resizing.fused(o) || Transposed.fused(o);
            default -> false;
        };
        o.require(done, "no kernel of the device does this");
    }

    Port port(int value) { return values.get(value); }

    boolean tiled() { return tiled; }

    void add(Launch l) { launches.add(l); }

    int region(Region r) {
        regions.add(r);
        return regions.size() - 1;
    }

    int temporary(Port p) {
        values.add(p);
        return values.size() - 1;
    }

    void alias(int value, int of) { aliases.put(value, root(of)); }

    /** The value in whose memory this one lies. */
    int root(int value) { return aliases.getOrDefault(value, value); }

    List<Port> values() { return values; }

    List<Launch> launches() { return launches; }

    List<Region> regions() { return regions; }
}
