package dev.reprise.samplers.solver;

import java.util.Locale;

/** The sub-sequences of N training steps that implementations of DDIM visit when asked for S steps. */
public enum DdimGrid {
    /**
     * Evenly spread from step 0 to step N − 1, rounded half to even: {@code "S"} of guided-diffusion. Exactly S steps.
     * One step is N − 1.
     */
    EVEN,
    /** Stride ⌊N/S⌋ from 0, as the authors of DDIM wrote it: 17 steps for S = 16 of 1000. */
    UNIFORM,
    /** {@code ⌊linspace(0, √(0.8 N), S)²⌋}, the authors' second choice. */
    QUADRATIC,
    /** {@code "ddimS"} of guided-diffusion: the stride from 0 that gives exactly S steps. */
    STRIDE,
    /** {@code i ⌊N/S⌋} for i < S: "leading" of diffusers with no offset. Exactly S steps. */
    LEADING,
    /** {@code round(N − i N/S) − 1} for i < S: "trailing" of diffusers. Exactly S steps, the first at N − 1. */
    TRAILING;

    /**
     * The steps to visit, from noise to data.
     *
     * @throws IllegalArgumentException where S is outside [1, N], or no stride gives exactly S steps
     */
    public int[] steps(int n, int s) {
        if (s < 1 || s > n) throw new IllegalArgumentException("ddim needs 1 to " + n + " steps on this schedule, found " + s);
        int[] up = switch (this) {
            case EVEN -> even(n, s);
            case UNIFORM -> stride(n, n / s, (n + n / s - 1) / (n / s));
            case LEADING -> stride(n, n / s, s);
            case STRIDE -> exact(n, s);
            case QUADRATIC -> quadratic(n, s);
            case TRAILING -> trailing(n, s);
        };
        for (int i = 0, j = up.length - 1; i < j; i++, j--) {
            int t = up[i];
            up[i] = up[j];
            up[j] = t;
        }
        return up;
    }

    private static int[] stride(int n, int stride, int count) {
        int[] t = new int[count];
        for (int i = 0; i < count; i++)
            t[i] = i * stride;
        return t;
    }

    private static int[] even(int n, int s) {
        if (s == 1) return new int[]{n - 1};
        int[] t = new int[s];
        // The reference adds the fraction up; the sum's rounding is part of its grid.
        double at = 0, fraction = (n - 1) / (double) (s - 1);
        for (int i = 0; i < s; i++, at += fraction)
            t[i] = (int) Math.rint(at);
        return t;
    }

    private static int[] exact(int n, int s) {
        for (int stride = 1; stride < n; stride++)
            if ((n + stride - 1) / stride == s) return stride(n, stride, s);
        throw new IllegalArgumentException("no stride visits exactly " + s + " of " + n + " steps; use the grid 'even' or 'trailing'");
    }

    private static int[] quadratic(int n, int s) {
        int[] t = new int[s];
        double end = Math.sqrt(n * 0.8);
        for (int i = 0; i < s; i++) {
            double r = s == 1 ? 0 : i == s - 1 ? end : i * (end / (s - 1));
            t[i] = (int) (r * r);
        }
        return t;
    }

    private static int[] trailing(int n, int s) {
        int[] t = new int[s];
        for (int i = 0; i < s; i++)
            t[s - 1 - i] = (int) Math.rint(n - i * (n / (double) s)) - 1;
        return t;
    }

    /** By name, in lower case. */
    public static DdimGrid named(String name) {
        for (DdimGrid g : values())
            if (g.name().toLowerCase(Locale.ROOT).equals(name)) return g;
        throw new IllegalArgumentException(
                "ddim grid '" + name + "' is not known; use even, uniform, quadratic, stride, leading or trailing");
    }
}
