package dev.reprise.samplers;

import dev.reprise.samplers.solver.Solver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A sampler that {@link Samplers} knows by name: what it is, and how it is made.
 *
 * @param name        for command lines and metadata
 * @param source      paper and equation
 * @param order       of convergence, in words
 * @param steps       what its number of steps counts
 * @param evaluations of the network, in terms of the steps n
 * @param options     with their defaults
 */
public record SamplerKind(String name, String source, String order, String steps, String evaluations, Map<String, String> options,
        Make make) {
    /** Makes the solver of a number of steps. */
    @FunctionalInterface
    public interface Make {
        Solver solver(int steps, SamplerOptions options);
    }

    /** @param options each {@code NAME=DEFAULT} */
    static SamplerKind of(String name, String source, String order, String steps, String evaluations, List<String> options, Make make) {
        Map<String, String> all = new LinkedHashMap<>();
        for (String o : options)
            all.put(o.substring(0, o.indexOf('=')), o.substring(o.indexOf('=') + 1));
        return new SamplerKind(name, source, order, steps, evaluations, all, make);
    }

    @SafeVarargs
    static List<String> all(List<String>... lists) {
        List<String> all = new ArrayList<>();
        for (List<String> l : lists)
            all.addAll(l);
        return all;
    }

    /** What the options of all samplers mean. */
    public static final Map<String, String> MEANING = meaning();

    private static Map<String, String> meaning() {
        Map<String, String> m = new LinkedHashMap<>();
        m.put("spacing", "how noise ratios are spread: uniform or quadratic in t, logsnr, karras, index (whole steps of vp-discrete)");
        m.put("grid", "whole steps of vp-discrete, in place of spacing: even, uniform, quadratic, stride, leading, trailing");
        m.put("rho", "exponent of karras");
        m.put("end", "zero: n ratios, then 0; sigma-min: n steps that end at the lowest ratio");
        m.put("sigmas", "noise ratios outright, falling: 80/24.4/5.8/0");
        m.put("sigma-min", "lowest ratio of the spacing, where above the kernel's");
        m.put("sigma-max", "highest ratio of the spacing, where below the kernel's");
        m.put("prior", "kernel: noise scaled as the kernel's authors do; noise: by s σ, as EDM does");
        m.put("eta", "share of ancestral noise, 0 to 1");
        m.put("alpha", "1 Heun, 0.5 midpoint, 0.667 Ralston");
        m.put("clock", "time solved over: time (the kernel's own), sigma, variance, log-sigma");
        m.put("churn", "S_churn of EDM; 0 is deterministic");
        m.put("churn-min", "S_min of EDM");
        m.put("churn-max", "S_max of EDM");
        m.put("churn-noise", "S_noise of EDM");
        m.put("order", "1 to 3; 1 to 4 for lms and adams-bashforth");
        m.put("predict", "what changes slowly: noise or data");
        m.put("type", "midpoint (the authors' \"dpmsolver\") or taylor (diffusers' \"heun\")");
        m.put("curvature", "of 3M: half as in the authors' code, which is of second order; full is of third");
        m.put("fixed", "whether all steps have the full order; else DPM-Solver-fast's plan");
        m.put("settle", "runs of fewer steps than this lower the order towards the end; for unipc true or false");
        m.put("start", "first steps of a multistep method: ramp (rising order, as the originals) or single (keeps its order)");
        m.put("variant", "B(h) of unipc: bh1 or bh2");
        m.put("rtol", "relative tolerance");
        m.put("atol", "absolute tolerance");
        m.put("joint", "whether the batch shares one error norm and step; then samples depend on their batch");
        m.put("denoise", "whether the last state is replaced by its denoised image");
        return java.util.Collections.unmodifiableMap(m);
    }
}
