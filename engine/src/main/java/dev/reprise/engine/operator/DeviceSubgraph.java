package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Kernel;
import java.util.List;

/**
 * A piece of the graph that a device compiled (internal). Attribute "piece" is a {@link Piece}.
 */
public final class DeviceSubgraph {
    public static final String NAME = "DeviceSubgraph";

    /** The device's kernel and the types of its outputs. */
    public record Piece(Kernel kernel, List<Binding.Output> outputs) {}

    private DeviceSubgraph() {}

    static void register(Registry r) {
        r.addInternal(NAME, c -> {
            Piece p = (Piece) c.attributes().get("piece");
            return Binding.of(p.outputs, p.kernel);
        });
    }
}
