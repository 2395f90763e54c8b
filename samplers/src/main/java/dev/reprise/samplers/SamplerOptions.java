package dev.reprise.samplers;

import dev.reprise.samplers.schedule.Spacing;
import dev.reprise.samplers.solver.Churn;
import dev.reprise.samplers.solver.Clock;
import dev.reprise.samplers.solver.DdimGrid;
import dev.reprise.samplers.solver.Grid;
import dev.reprise.samplers.solver.Prediction;
import dev.reprise.samplers.solver.Start;
import java.util.Map;
import java.util.TreeSet;

/** The options of one sampler: what was given over its defaults, read with checks. */
public final class SamplerOptions {
    private final SamplerKind kind;
    private final Map<String, String> given;

    /** @throws IllegalArgumentException where the sampler has no such option */
    SamplerOptions(SamplerKind kind, String name, Map<String, String> given) {
        this.kind = kind;
        this.given = given;
        for (String o : given.keySet())
            if (!kind.options().containsKey(o))
                throw new IllegalArgumentException(
                        "sampler '" + name + "' has no option '" + o + "'" + Nearest.hint(o, kind.options().keySet())
                                + (kind.options().isEmpty() ? "; it has none" : "; it has ")
                                + String.join(", ", new TreeSet<>(kind.options().keySet())));
    }

    /** The value given, or the default; "" for an option that has neither. */
    public String text(String key) {
        String v = given.getOrDefault(key, kind.options().get(key));
        return v == null ? "" : v;
    }

    public double number(String key) {
        String v = text(key);
        try {
            return v.equals("inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(v);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("option " + key + " must be a number, found '" + v + "'", e);
        }
    }

    public int integer(String key) {
        double v = number(key);
        if (v != Math.rint(v) || Math.abs(v) > 1e9)
            throw new IllegalArgumentException("option " + key + " must be a whole number, found '" + text(key) + "'");
        return (int) v;
    }

    public boolean flag(String key) { return choice(key, "true", "false").equals("true"); }

    String choice(String key, String... known) {
        String v = text(key);
        for (String k : known)
            if (k.equals(v)) return v;
        throw new IllegalArgumentException("option " + key + " must be " + String.join(" or ", known) + ", found '" + v + "'");
    }

    public Spacing spacing() {
        String name = text("spacing");
        return switch (name) {
            case "uniform" -> new Spacing.Uniform();
            case "quadratic" -> new Spacing.Quadratic();
            case "logsnr" -> new Spacing.LogSnr();
            case "index" -> new Spacing.Index();
            case "karras" -> new Spacing.Karras(number("rho"));
            default ->
                throw new IllegalArgumentException("spacing '" + name + "' is not known; use uniform, quadratic, logsnr, karras or index");
        };
    }

    /** The noise ratios: {@code sigmas} before {@code spacing} where given, before {@code grid}, before the defaults. */
    public Grid grid() {
        if (!text("sigmas").isEmpty()) return new Grid.Given(list(text("sigmas")));
        if (given.containsKey("spacing") && given.containsKey("grid"))
            throw new IllegalArgumentException("options spacing and grid exclude each other; give one of them");
        boolean zero = choice("end", "zero", "sigma-min").equals("zero");
        String table = given.containsKey("spacing") ? "" : text("grid");
        if (!table.isEmpty()) return new Grid.Table(DdimGrid.named(table), zero);
        return new Grid.Spaced(spacing(), zero, number("sigma-min"), number("sigma-max"));
    }

    private static double[] list(String text) {
        String[] part = text.split("/");
        double[] v = new double[part.length];
        for (int i = 0; i < v.length; i++)
            try {
                v[i] = Double.parseDouble(part[i].strip());
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "option sigmas must be numbers between slashes, as in 80/24.4/5.8/0, found '" + text + "'", e);
            }
        return v;
    }

    public Clock clock() { return Clock.named(text("clock")); }

    public Start start() { return Start.named(text("start")); }

    public Prediction prediction() { return choice("predict", "noise", "data").equals("noise") ? Prediction.NOISE : Prediction.DATA; }

    public boolean taylor() { return choice("type", "midpoint", "taylor").equals("taylor"); }

    public Churn churn() { return new Churn(number("churn"), number("churn-min"), number("churn-max"), number("churn-noise")); }

    Sampler.Prior prior() {
        return !kind.options().containsKey("prior") || choice("prior", "kernel", "noise").equals("kernel")
                ? Sampler.Prior.KERNEL
                : Sampler.Prior.NOISE;
    }
}
