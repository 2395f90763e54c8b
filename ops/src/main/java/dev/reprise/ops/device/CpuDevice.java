package dev.reprise.ops.device;

import dev.reprise.ops.kernel.Kernel;
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
        return new Info("cpu",
                Runtime.getRuntime().availableProcessors() + " cores, vectors of " + FloatVector.SPECIES_PREFERRED.vectorBitSize()
                        + " bits",
                Runtime.getRuntime().maxMemory());
    }

    @Override
    public boolean supports(Subgraph.Operation operation, List<Subgraph.Port> values) { return false; }

    @Override
    public Kernel compile(Subgraph piece) throws DeviceException {
        throw new DeviceException("cpu: the engine's own kernels run here, there are no pieces to compile", null);
    }

    @Override
    public void close() {}
}
