package dev.reprise.ops.device;

import dev.reprise.ops.kernel.Kernel;
import java.util.List;

/**
 * Where parts of a graph may run. A device is asked for each operation whether it can, gets the largest pieces made of
 * those, and compiles each to one {@link Kernel}; the CPU runs the rest. A device decides alone where weights and
 * intermediate results of its pieces live. Thread-safe.
 *
 * <p>Bits of devices other than the CPU are outside the determinism contract.
 */
public interface Device extends AutoCloseable {
    /**
     * @param id     how the command line names it: "cpu", "tornado:0:1" …
     * @param name   of the hardware
     * @param memory in bytes; 0 where not known
     */
    record Info(String id, String name, long memory) {}

    Info info();

    /** True if the device can run the operation on values of these types. {@code values} is indexed by the operation's numbers. */
    boolean supports(Subgraph.Operation operation, List<Subgraph.Port> values);

    /**
     * Makes a kernel of a piece, all of whose operations are supported. Its inputs and outputs are those of the subgraph.
     *
     * @throws DeviceException where the device fails; the engine then runs the piece on the CPU and says so once
     */
    Kernel compile(Subgraph piece) throws DeviceException;

    @Override
    void close();
}
