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
     * @param id          how the command line names it: "cpu", "tornado:0:1" …
     * @param backend     what code it is given, such as "Java" or "OpenCL"
     * @param name        of the hardware
     * @param memory      in bytes; 0 where not known
     * @param accelerator true where it is hardware of its own: what {@code auto} may pick
     */
    record Info(String id, String backend, String name, long memory, boolean accelerator) {}

    /**
     * What a piece has cost so far, in nanoseconds of the caller's clock.
     *
     * @param compile  making code, once
     * @param load     copying weights to the device, once
     * @param transfer inputs and outputs of all runs
     * @param kernels  the work between, of all runs
     */
    record Cost(long compile, long load, long transfer, long kernels, long runs) {}

    /**
     * How operations of a piece run.
     *
     * @param tier     what kind of code it is, such as "portable", "local memory" or the name of a library
     * @param launches how many kernels that are
     * @param flops    as {@link Kernel#flops} counts
     */
    record Work(String operator, String tier, int launches, long flops) {}

    /**
     * A compiled piece of a graph. The engine closes it when nobody runs it any more. A run on a device that fails throws {@link
     * DeviceFailure}; the session then repeats the whole run on the CPU and stays there.
     */
    @FunctionalInterface
    interface Piece extends Kernel, AutoCloseable {
        /** What it has cost; zeros where the device does not measure. */
        default Cost cost() { return new Cost(0, 0, 0, 0, 0); }

        /** What runs, by operator and tier; empty where the device does not tell. */
        default List<Work> work() { return List.of(); }

        /** Frees what it holds on the device. */
        @Override
        default void close() {}
    }

    Info info();

    /**
     * Why the device cannot run the operation on values of these types, for people; "" where it can. {@code values} is indexed by the
     * operation's numbers.
     */
    String refusal(Subgraph.Operation operation, List<Subgraph.Port> values);

    /**
     * Makes a kernel of a piece, none of whose operations is refused. Its inputs and outputs are those of the subgraph.
     *
     * @throws DeviceException where the device fails; the engine then runs the piece on the CPU and says so once
     */
    Piece compile(Subgraph piece) throws DeviceException;

    @Override
    void close();
}
