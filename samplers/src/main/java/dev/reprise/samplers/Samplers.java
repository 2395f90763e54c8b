package dev.reprise.samplers;

import static dev.reprise.samplers.SamplerKind.all;
import static dev.reprise.samplers.SamplerKind.of;

import dev.reprise.samplers.solver.AdamsBashforth;
import dev.reprise.samplers.solver.Clock;
import dev.reprise.samplers.solver.Consistency;
import dev.reprise.samplers.solver.Ddim;
import dev.reprise.samplers.solver.DdimGrid;
import dev.reprise.samplers.solver.DpmAdaptive;
import dev.reprise.samplers.solver.DpmMultistep;
import dev.reprise.samplers.solver.DpmSde;
import dev.reprise.samplers.solver.DpmSolver;
import dev.reprise.samplers.solver.Euler;
import dev.reprise.samplers.solver.EulerMaruyama;
import dev.reprise.samplers.solver.Grid;
import dev.reprise.samplers.solver.Heun;
import dev.reprise.samplers.solver.Plms;
import dev.reprise.samplers.solver.Prediction;
import dev.reprise.samplers.solver.Rk45;
import dev.reprise.samplers.solver.RungeKutta4;
import dev.reprise.samplers.solver.UniPc;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The samplers by name, as the command line and model metadata write them. */
public final class Samplers {
    /** Samples that advance together where nobody says otherwise. */
    public static final int BATCH = 16;

    private static final List<String> RANGE = List.of("rho=7", "sigmas=", "sigma-min=0", "sigma-max=inf", "prior=kernel");
    private static final List<String> CHURN = List.of("churn=0", "churn-min=0", "churn-max=inf", "churn-noise=1");
    private static final String LU = "Lu et al. 2022, DPM-Solver", LUPP = "Lu et al. 2022, DPM-Solver++";

    private static final Map<String, SamplerKind> KINDS = kinds();

    /** The names that {@link #named} knows, in the order of {@link #kinds}. */
    public static final List<String> NAMES = List.copyOf(KINDS.keySet());

    private static final Map<String, String> ALIASES = Map.of("edm-heun", "heun", "edm-euler", "euler", "dpm-solver", "dpm-solver-3",
            "dpm-solver++", "dpm-solver++-2m", "pndm", "plms");

    private Samplers() {}

    /** All samplers, with what there is to know about them. */
    public static List<SamplerKind> list() {
        return List.copyOf(KINDS.values());
    }

    /** {@link #named(String, int, Map)} with every option at its default. */
    public static Sampler named(String name, int steps) {
        return named(name, steps, Map.of());
    }

    /**
     * A sampler by name.
     *
     * @param name    one of {@link #NAMES}; "edm-heun" and "edm-euler" are heun and euler, "dpm-solver" is dpm-solver-3
     * @param steps   as {@link SamplerKind#steps} says; ignored by adaptive samplers
     * @param options those of {@link SamplerKind#options}
     * @throws IllegalArgumentException naming what is not known, and what is
     */
    public static Sampler named(String name, int steps, Map<String, String> options) {
        SamplerKind kind = kind(name);
        SamplerOptions o = new SamplerOptions(kind, name, options);
        return new Sampler(kind.name(), kind.make().solver(steps, o), BATCH, o.prior());
    }

    /** What there is to know about a sampler; its name, or one that {@link #named} takes besides. */
    public static SamplerKind kind(String name) {
        SamplerKind kind = KINDS.get(ALIASES.getOrDefault(name, name));
        if (kind != null) return kind;
        String hint = Nearest.hint(name, NAMES);
        throw new IllegalArgumentException("sampler '" + name + "' is not known" + (hint.isEmpty()
                ? "; use one of " + String.join(", ", NAMES)
                : hint));
    }

    private static Map<String, SamplerKind> kinds() {
        List<SamplerKind> k = new ArrayList<>();
        List<String> table = all(List.of("grid=even", "spacing=karras", "end=zero"), RANGE);
        List<String> karras = all(List.of("spacing=karras", "grid=", "end=zero"), RANGE);
        List<String> logSnr = all(List.of("spacing=logsnr", "grid=", "end=sigma-min"), RANGE);
        k.add(of("ddim", "Song, Meng and Ermon 2021, eq. 12", "1", "steps", "n (17 for 16 on grid=uniform)", all(table, List.of("eta=0")),
                (n, o) -> new Ddim(n, o.grid(), o.number("eta"))));
        k.add(of("ddpm", "Ho, Jain and Abbeel 2020, algorithm 2 (DDIM with eta 1)", "stochastic", "steps", "n", table,
                (n, o) -> new Ddim(n, o.grid(), 1)));
        k.add(of("progressive", "Salimans and Ho 2022, algorithm 2: DDIM at t = 1, 1 − 1/n, …, 1/n", "1", "steps", "n", List.of(),
                (n, o) -> new Ddim(n, new Grid.Table(DdimGrid.TRAILING, true), 0)));
        k.add(of("euler", "Karras et al. 2022, algorithm 1, first order", "1", "steps", "n", karras, (n, o) -> new Euler(n, o.grid())));
        k.add(of("euler-ancestral", "Song, Meng and Ermon 2021, eq. 16, on Karras' noise ratios", "stochastic", "steps", "n",
                all(karras, List.of("eta=1")), (n, o) -> new Ddim(n, o.grid(), o.number("eta"))));
        k.add(of("heun", "Karras et al. 2022, algorithms 1 and 2, table 1", "2", "steps", "2n − 1",
                all(karras, List.of("alpha=1", "clock=sigma"), CHURN),
                (n, o) -> new Heun(n, o.grid(), o.clock(), o.number("alpha"), o.churn())));
        for (int p = 1; p <= 3; p++)
            k.add(single("dpm-solver-" + p, p, Prediction.NOISE, LU + ", algorithms 1 and 2, DPM-Solver-fast"));
        k.add(single("dpm-solver++-2s", 2, Prediction.DATA, LUPP + ", algorithm 1"));
        k.add(single("dpm-solver++-3s", 3, Prediction.DATA, LUPP + ", appendix B"));
        for (int p = 2; p <= 3; p++)
            k.add(multi("dpm-solver-" + p + "m", p, Prediction.NOISE, LUPP + ", appendix B, for noise", logSnr));
        for (int p = 2; p <= 3; p++)
            k.add(multi("dpm-solver++-" + p + "m", p, Prediction.DATA, LUPP + (p == 2 ? ", algorithm 2" : ", appendix B"), logSnr));
        k.add(of("dpm-solver++-sde", LUPP + ", eq. 18 and 19 (2M)", "stochastic", "steps", "n", all(logSnr, List.of("order=2")),
                (n, o) -> new DpmSde(o.integer("order"), n, o.grid())));
        k.add(adaptive("dpm-solver-12", 2));
        k.add(adaptive("dpm-solver-23", 3));
        k.add(of("unipc", "Zhao et al. 2023, algorithms 1 and 2", "order + 1", "steps", "n (2 (order − 1) more with start=single)",
                all(logSnr, List.of("order=3", "predict=data", "variant=bh2", "settle=true", "start=ramp")),
                (n, o) -> new UniPc(o.integer("order"), n, o.grid(), o.prediction(), o.choice("variant", "bh1", "bh2").equals("bh2"),
                        o.flag("settle"), o.start())));
        k.add(of("plms", "Liu et al. 2022 (PNDM), eq. 11 and 12", "2", "steps", "n + 1",
                all(List.of("grid=leading", "spacing=uniform", "end=zero"), RANGE),
                (n, o) -> new Plms(n, o.grid())));
        k.add(of("lms", "Adams-Bashforth over σ (k-diffusion's and diffusers' LMS)", "order", "steps",
                "n (3 (order − 1) more with start=single)",
                all(karras, List.of("order=4", "start=ramp")),
                (n, o) -> new AdamsBashforth(o.integer("order"), n, o.grid(), Clock.SIGMA, o.start())));
        k.add(of("adams-bashforth", "Hairer, Nørsett and Wanner, III.1, variable steps", "order", "steps",
                "n (3 (order − 1) more with start=single)",
                all(List.of("spacing=karras", "grid=", "end=sigma-min"), RANGE, List.of("order=4", "clock=sigma", "start=ramp")),
                (n, o) -> new AdamsBashforth(o.integer("order"), n, o.grid(), o.clock(), o.start())));
        k.add(of("rk4", "Hairer, Nørsett and Wanner, II.1", "4", "steps", "4n",
                all(List.of("spacing=karras", "grid=", "end=sigma-min"), RANGE, List.of("clock=sigma")),
                (n, o) -> new RungeKutta4(n, o.grid(), o.clock())));
        k.add(of("rk45", "Dormand and Prince 1980 with SciPy's step control, on Song et al. 2021, eq. 13", "5, adaptive", "ignored",
                "adaptive",
                List.of("rtol=1e-5", "atol=1e-5", "denoise=true", "joint=false"),
                (n, o) -> new Rk45(o.number("rtol"), o.number("atol"), o.flag("denoise"), o.flag("joint"))));
        k.add(of("consistency", "Song et al. 2023, algorithm 1", "a map in one step", "steps", "n", karras,
                (n, o) -> new Consistency(n, o.grid())));
        k.add(of("euler-maruyama", "Song et al. 2021, eq. 6, in the kernel's time", "stochastic", "steps", "n",
                all(List.of("spacing=uniform", "grid=", "end=sigma-min"), RANGE), (n, o) -> new EulerMaruyama(n, o.grid())));
        Map<String, SamplerKind> all = new LinkedHashMap<>();
        for (SamplerKind one : k)
            all.put(one.name(), one);
        return java.util.Collections.unmodifiableMap(all);
    }

    private static SamplerKind single(String name, int order, Prediction p, String source) {
        return of(name, source, String.valueOf(order), "evaluations", "n, and 1 with denoise",
                List.of("spacing=logsnr", "rho=7", "fixed=false", "type=midpoint", "denoise=false"),
                (n, o) -> new DpmSolver(order, n, o.spacing(), p, o.flag("fixed"), o.taylor(), o.flag("denoise")));
    }

    private static SamplerKind multi(String name, int order, Prediction p, String source, List<String> grid) {
        return of(name, source, order == 3 ? "2; 3 with curvature=full" : String.valueOf(order), "steps",
                "n ((order − 1)² more with start=single)",
                all(grid, List.of("type=midpoint", "settle=10", "start=ramp"), order == 3 ? List.of("curvature=half") : List.of()),
                (n, o) -> new DpmMultistep(order, n, o.grid(), p, o.taylor(),
                        order == 3 && o.choice("curvature", "half", "full").equals("full"), o.integer("settle"), o.start()));
    }

    private static SamplerKind adaptive(String name, int order) {
        return of(name, LU + ", appendix C", order + ", adaptive", "ignored", "adaptive",
                List.of("rtol=0.05", "atol=0.0078", "predict=noise", "type=midpoint", "denoise=false", "joint=false"),
                (n, o) -> new DpmAdaptive(order, o.number("rtol"), o.number("atol"), o.prediction(), o.taylor(), o.flag("denoise"),
                        o.flag("joint")));
    }
}
