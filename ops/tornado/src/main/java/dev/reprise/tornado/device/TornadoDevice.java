package dev.reprise.tornado.device;

import dev.reprise.ops.device.Device;
import dev.reprise.ops.device.DeviceException;
import dev.reprise.ops.device.Subgraph;
import dev.reprise.tornado.lower.Kind.Tier;
import dev.reprise.tornado.lower.Lowering;
import dev.reprise.tornado.lower.Program;
import java.util.ArrayList;
import java.util.List;

/**
 * A device as the engine sees it. It keeps machines (compiled kernels and the memory they work in) and loads each piece into one that
 * has room. A machine made for a piece larger than the usual is freed with its last piece; the usual one stays for the next model.
 */
abstract class TornadoDevice implements Device {
    /** Floats of an arena and of weights unless a piece needs more: 32 MB each. */
    static final int USUAL = 1 << 23;

    private final List<Machine> machines = new ArrayList<>();

    /** Makes a machine. Any failure is thrown: there is none then. */
    abstract Machine machine(int arena, int weights);

    /** The most floats that one array may have. */
    abstract long largest();

    /** Floats of an array that serves most pieces. */
    int usual() { return USUAL; }

    /** The highest tier that the hardware has work-groups for. */
    abstract Tier tier();

    @Override
    public String refusal(Subgraph.Operation operation, List<Subgraph.Port> values) { return Lowering.refusal(operation, values); }

    @Override
    public synchronized Piece compile(Subgraph piece) throws DeviceException {
        try {
            Program program = Program.of(piece, tier());
            for (Machine m : machines)
                if (m.fits(program)) return new CompiledPiece(program, m, this);
            tidy();
            Machine made = larger(program);
            machines.add(made);
            return new CompiledPiece(program, made, this);
        } catch (Exception | Error e) {
            tidy();
            throw new DeviceException(says(e), e);
        }
    }

    /** What went wrong here, for people. */
    String says(Throwable cause) {
        return info().id() + " (" + info().name() + "): " + (cause.getMessage() == null ? cause.toString() : cause.getMessage());
    }

    private Machine larger(Program p) throws DeviceException {
        long weights = 0;
        for (var r : p.regions())
            weights += r.size() + 31 & -32;
        long most = Math.max(p.arena(), weights);
        if (most > largest())
            throw new DeviceException("an array of " + most * 4 + " bytes is needed and the device allows " + largest() * 4, null);
        return machine(rounded(p.arena()), rounded(weights));
    }

    /** At least the usual, and else twice what is needed while the device allows it, so that the next larger batch fits too. */
    private int rounded(long floats) {
        return (int) Math.max(floats, Math.min(Math.max(usual(), 2 * floats), largest()));
    }

    /** Frees machines that nobody uses, but for one of the usual size that works. */
    synchronized void tidy() {
        boolean kept = false;
        for (Machine m : List.copyOf(machines)) {
            if (!m.idle()) continue;
            if (!kept && m.failure() == null && m.bytes() <= 8L * usual()) kept = true;
            else {
                machines.remove(m);
                free(m);
            }
        }
    }

    private static void free(Machine m) {
        try {
            m.close();
        } catch (RuntimeException | Error e) {
            // A driver that failed may not free either; what it failed with has been told.
            if (m.failure() == null) throw e;
        }
    }

    /** Bytes that machines hold on the device. */
    synchronized long held() { return machines.stream().mapToLong(Machine::bytes).sum(); }

    @Override
    public synchronized void close() {
        machines.forEach(TornadoDevice::free);
        machines.clear();
    }
}
