package dev.reprise.tornado.kernel;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * How the host learns that every kernel of a run has run. TornadoVM's OpenCL backend prints what the driver refuses and goes on, so a
 * launch may be lost without an error. Each kernel therefore signs in the arena's first float: one thread puts the launch's number
 * there if it finds the number of the launch before, and else a number that nobody waits for. What is downloaded carries the last.
 */
public final class Receipts {
    /** Where the words of every kernel have the number of the launch before ({@link #FIRST}: there is none) and its own. */
    public static final int BEFORE = 38, NOW = 39;
    public static final int FIRST = -1;
    /** Numbers begin anew after this one: floats hold them exactly. */
    public static final int MOST = 1 << 23;
    /** Floats that the arena keeps for it: values begin behind them, aligned. */
    public static final int FLOATS = 32;
    private static final float LOST = -2f;

    private Receipts() {}

    public static void rpSign(FloatArray a, IntArray d) {
        float found = a.get(0), now = LOST;
        if (d.get(BEFORE) < 0 || found == d.get(BEFORE)) now = d.get(NOW);
        a.set(0, now);
    }
}
