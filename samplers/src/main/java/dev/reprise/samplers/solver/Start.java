package dev.reprise.samplers.solver;

import java.util.Locale;

/** How a multistep method of order p makes its first p − 1 steps. */
public enum Start {
    /** With rising order, as the originals do: no extra evaluation, and the error of the first step stays. */
    RAMP,
    /** With one-step methods of at least its order, which cost extra evaluations: the method keeps its order. */
    SINGLE;

    /** By name: ramp or single. */
    public static Start named(String name) {
        for (Start s : values())
            if (s.toString().equals(name)) return s;
        throw new IllegalArgumentException("start '" + name + "' is not known; use ramp or single");
    }

    @Override
    public String toString() { return name().toLowerCase(Locale.ROOT); }

    /** Makes room at 0: history[j] becomes what history[j − 1] was, and the oldest is reused for the newest. */
    static void shift(double[][][] history) {
        double[][] oldest = history[history.length - 1];
        System.arraycopy(history, 0, history, 1, history.length - 1);
        history[0] = oldest;
    }
}
