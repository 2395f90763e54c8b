package dev.reprise.samplers.diffusers;

/** The training steps to visit, from noise to data: {@code timestep_spacing} (Lin et al. 2023, table 2) with {@code steps_offset}. */
final class Timesteps {
    private Timesteps() {}

    /** NumPy's: n points from one end to the other, both included. */
    static double[] linspace(double from, double to, int n) {
        double[] r = new double[n];
        double step = n == 1 ? 0 : (to - from) / (n - 1);
        for (int i = 0; i < n; i++)
            r[i] = i * step + from;
        if (n > 1) r[n - 1] = to;
        return r;
    }

    /**
     * The spacing of DDIM, PNDM and of the schedulers in sigma.
     *
     * @param train number of training steps N
     * @param whole whether "linspace" rounds to whole steps
     */
    static double[] of(SchedulerConfig c, String otherwise, int train, int steps, boolean whole) {
        double offset = c.integer("steps_offset", 0, 0, train - 1);
        return switch (c.choice("timestep_spacing", otherwise, "linspace", "leading", "trailing")) {
            case "linspace" -> {
                double[] t = reversed(linspace(0, train - 1, steps));
                if (whole)
                    for (int i = 0; i < t.length; i++)
                        t[i] = Math.rint(t[i]);
                yield t;
            }
            case "leading" -> leading(train / steps, steps, 0, offset);
            default -> trailing(train, train / (double) steps, steps);
        };
    }

    /** The spacing of the DPM-Solvers and UniPC: {@code steps + 1} points on [0, end), of which the last is left out. */
    static double[] multistep(SchedulerConfig c, int train, int end, int steps) {
        return switch (c.choice("timestep_spacing", "linspace", "linspace", "leading", "trailing")) {
            case "linspace" -> multistepLinspace(end, steps);
            case "leading" -> leading(end / (steps + 1), steps, 1, c.integer("steps_offset", 0, 0, train - 1));
            default -> trailing(end, train / (double) steps, steps);
        };
    }

    static double[] multistepLinspace(int end, int steps) {
        double[] all = linspace(0, end - 1, steps + 1), t = new double[steps];
        for (int i = 0; i < steps; i++)
            t[i] = Math.rint(all[steps - i]);
        return t;
    }

    private static double[] leading(int stride, int steps, int first, double offset) {
        double[] t = new double[steps];
        for (int i = 0; i < steps; i++)
            t[i] = (double) (steps - 1 - i + first) * stride + offset;
        return t;
    }

    /**
     * As {@code round(arange(from, 0, -stride)) - 1}. For some step counts (61, 103, … of 1000) NumPy's arange has one element more, a
     * rounding error above 0 that becomes timestep −1; it is left out here.
     */
    private static double[] trailing(int from, double stride, int steps) {
        int n = Math.min(steps, (int) Math.ceil(from / stride));
        double[] t = new double[n];
        for (int i = 0; i < n; i++)
            t[i] = Math.rint(from - i * stride) - 1;
        return t;
    }

    private static double[] reversed(double[] a) {
        double[] r = new double[a.length];
        for (int i = 0; i < r.length; i++)
            r[i] = a[a.length - 1 - i];
        return r;
    }

    static void check(SchedulerConfig c, int train, int steps) {
        if (steps < 1 || steps > train) throw c.error("num_train_timesteps", "allows 1 to " + train + " steps, not " + steps);
    }
}
