package dev.reprise.samplers;

import dev.reprise.samplers.schedule.Spacing;
import dev.reprise.samplers.solver.Ddim;
import dev.reprise.samplers.solver.DdimGrid;
import dev.reprise.samplers.solver.DpmSolver;
import dev.reprise.samplers.solver.Euler;
import dev.reprise.samplers.solver.Heun;
import dev.reprise.samplers.solver.Rk45;
import dev.reprise.samplers.solver.Solver;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The samplers by name, as the command line and model metadata write them. */
public final class Samplers {
    /** The names that {@link #named} knows. */
    public static final List<String> NAMES = List.of("ddim", "dpm-solver-1", "dpm-solver-2", "dpm-solver-3", "euler", "heun", "rk45");

    /** Samples that advance together where nobody says otherwise. */
    public static final int BATCH = 16;

    private static final Map<String, String> ALIASES = Map.of("edm-heun", "heun", "edm-euler", "euler", "dpm-solver", "dpm-solver-3");
    private static final Map<String, Set<String>> OPTIONS = Map.of("ddim", Set.of("grid"), "euler", Set.of("spacing", "rho"), "heun",
            Set.of("spacing", "rho"), "dpm-solver-1", Set.of("spacing", "rho", "denoise"), "dpm-solver-2",
            Set.of("spacing", "rho", "denoise"),
            "dpm-solver-3", Set.of("spacing", "rho", "denoise"), "rk45", Set.of("rtol", "atol", "denoise"));

    private Samplers() {}

    /** {@link #named(String, int, Map)} with every option at its default. */
    public static Sampler named(String name, int steps) {
        return named(name, steps, Map.of());
    }

    /**
     * A sampler by name.
     *
     * @param name    one of {@link #NAMES}; "edm-heun" and "edm-euler" are heun and euler, "dpm-solver" is dpm-solver-3
     * @param steps   steps of ddim, euler and heun; evaluations of the network for dpm-solver; ignored by rk45
     * @param options {@code grid} of ddim (even, uniform, quadratic, stride, leading, trailing; default even);
     *                {@code spacing} (uniform, quadratic, logsnr, karras) and {@code rho} (default 7) of euler and heun (default karras) and
     *                dpm-solver (default logsnr); {@code denoise} (true, false) of dpm-solver (default false) and rk45 (default true);
     *                {@code rtol} and {@code atol} of rk45 (default 1e-5)
     * @throws IllegalArgumentException naming what is not known, and what is
     */
    public static Sampler named(String name, int steps, Map<String, String> options) {
        String known = ALIASES.getOrDefault(name, name);
        if (!NAMES.contains(known))
            throw new IllegalArgumentException("sampler '" + name + "' is not known; use one of " + String.join(", ", NAMES));
        for (String o : options.keySet())
            if (!OPTIONS.get(known).contains(o))
                throw new IllegalArgumentException(
                        "sampler '" + name + "' has no option '" + o + "'; it has " + String.join(", ", new TreeSet<>(OPTIONS.get(known))));
        Solver solver = switch (known) {
            case "ddim" -> new Ddim(steps, DdimGrid.named(options.getOrDefault("grid", "even")));
            case "euler" -> new Euler(steps, spacing(options, "karras"));
            case "heun" -> new Heun(steps, spacing(options, "karras"));
            case "rk45" -> new Rk45(number(options, "rtol", 1e-5), number(options, "atol", 1e-5), flag(options, "denoise", true));
            default ->
                new DpmSolver(known.charAt(known.length() - 1) - '0', steps, spacing(options, "logsnr"), flag(options, "denoise", false));
        };
        return new Sampler(known, solver, BATCH);
    }

    private static Spacing spacing(Map<String, String> options, String otherwise) {
        String name = options.getOrDefault("spacing", otherwise);
        return switch (name) {
            case "uniform" -> new Spacing.Uniform();
            case "quadratic" -> new Spacing.Quadratic();
            case "logsnr" -> new Spacing.LogSnr();
            case "karras" -> new Spacing.Karras(number(options, "rho", 7));
            default -> throw new IllegalArgumentException("spacing '" + name + "' is not known; use uniform, quadratic, logsnr or karras");
        };
    }

    private static double number(Map<String, String> options, String key, double otherwise) {
        String v = options.get(key);
        if (v == null) return otherwise;
        try {
            return Double.parseDouble(v);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("option " + key + " must be a number, found '" + v + "'", e);
        }
    }

    private static boolean flag(Map<String, String> options, String key, boolean otherwise) {
        String v = options.get(key);
        if (v == null) return otherwise;
        if (v.equals("true")) return true;
        if (v.equals("false")) return false;
        throw new IllegalArgumentException("option " + key + " must be true or false, found '" + v + "'");
    }
}
