package dev.reprise.ops.device;

import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * The CPU: the default, always there, and the one whose bits the determinism contract fixes. The engine's own kernels run
 * on it, so it takes no pieces of its own.
 */
public final class CpuDevice implements Device {
    public static final CpuDevice INSTANCE = new CpuDevice();

    private CpuDevice() {}

    @Override
    public Info info() {
        return new Info("cpu", "Java",
                Runtime.getRuntime().availableProcessors() + " cores, vectors of " + FloatVector.SPECIES_PREFERRED.vectorBitSize()
                        + " bits",
                Runtime.getRuntime().maxMemory(), false);
    }

    @Override
    public String refusal(Subgraph.Operation operation, List<Subgraph.Port> values) { return "the engine's own kernels run it"; }

    @Override
    public Piece compile(Subgraph piece) throws DeviceException {
        throw new DeviceException("cpu: the engine's own kernels run here, there are no pieces to compile", null);
    }

    @Override
    public void close() {}
}
