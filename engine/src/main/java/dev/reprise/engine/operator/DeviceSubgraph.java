package dev.reprise.engine.operator;

import dev.reprise.engine.graph.Node;
import dev.reprise.ops.device.Device;
import java.util.List;

/**
 * A piece of the graph that a device compiled (internal). Attribute "piece" is a {@link Piece}.
 */
public final class DeviceSubgraph {
    public static final String NAME = "DeviceSubgraph";

    /** The device's kernel and the types of its outputs. */
    public record Piece(Device.Piece kernel, List<Binding.Output> outputs) {}

    private DeviceSubgraph() {}

    /** What a device compiled for a node, or null where it is no piece. */
    public static Device.Piece of(Node n) {
        return n.domain().equals(Node.INTERNAL) && n.opType().equals(NAME) ? ((Piece) n.attributes().get("piece")).kernel : null;
    }

    static void register(Registry r) {
        r.addInternal(NAME, c -> {
            Piece p = (Piece) c.attributes().get("piece");
            return Binding.of(p.outputs, p.kernel);
        });
    }
}
