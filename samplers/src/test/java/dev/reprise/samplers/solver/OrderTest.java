package dev.reprise.samplers.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reprise.samplers.Samplers;
import dev.reprise.samplers.ideal.Gaussian;
import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.model.Parameterization;
import dev.reprise.samplers.schedule.Edm;
import dev.reprise.samplers.schedule.RectifiedFlow;
import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.schedule.SubVp;
import dev.reprise.samplers.schedule.Ve;
import dev.reprise.samplers.schedule.Vp;
import dev.reprise.samplers.schedule.VpCosine;
import dev.reprise.samplers.schedule.VpDiscrete;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every solver reaches the order that is stated for it: the error's slope over the number of steps, in logarithms. */
class OrderTest {
    private static final Gaussian DATA = new Gaussian(new double[]{0.3, -0.2, 0.1},
            new double[][]{{0.5, 0.2, 0}, {0.2, 0.3, -0.1}, {0, -0.1, 0.2}});
    private static final double[] NOISE = {0.7, -1.1, 0.4};

    /** Solver, options, order, fewest steps. */
    private record Row(String name, int order, int steps, String... options) {
        Map<String, String> map() {
            Map<String, String> m = new HashMap<>();
            for (String o : options)
                m.put(o.substring(0, o.indexOf('=')), o.substring(o.indexOf('=') + 1));
            return m;
        }
    }

    private static final List<Row> ROWS = List.of(
            new Row("ddim", 1, 160, "spacing=logsnr", "end=sigma-min"),
            new Row("euler", 1, 160, "end=sigma-min"),
            new Row("heun", 2, 80, "end=sigma-min"),
            new Row("heun", 2, 80, "end=sigma-min", "alpha=0.6667"),
            new Row("heun", 2, 80, "end=sigma-min", "clock=log-sigma", "spacing=logsnr"),
            new Row("dpm-solver-1", 1, 160),
            new Row("dpm-solver-2", 2, 160),
            new Row("dpm-solver-2", 2, 160, "type=taylor"),
            new Row("dpm-solver-3", 3, 180, "fixed=true"),
            new Row("dpm-solver-3", 3, 180, "fixed=true", "type=taylor"),
            new Row("dpm-solver++-2s", 2, 160),
            new Row("dpm-solver++-3s", 3, 180, "fixed=true"),
            new Row("dpm-solver-2m", 2, 160),
            new Row("dpm-solver-3m", 3, 160, "start=single", "curvature=full"),
            new Row("dpm-solver++-2m", 2, 160),
            new Row("dpm-solver++-2m", 2, 160, "type=taylor"),
            new Row("dpm-solver++-3m", 3, 160, "start=single", "curvature=full"),
            new Row("dpm-solver++-3m", 2, 320, "start=single"),
            new Row("unipc", 2, 80, "order=1", "start=single", "settle=false"),
            new Row("unipc", 3, 80, "order=2", "start=single", "settle=false"),
            new Row("unipc", 3, 80, "order=2", "start=single", "settle=false", "variant=bh1"),
            new Row("unipc", 4, 80, "order=3", "start=single", "settle=false", "predict=noise"),
            new Row("lms", 2, 160, "order=2", "end=sigma-min", "spacing=logsnr"),
            new Row("lms", 3, 160, "order=3", "end=sigma-min", "spacing=logsnr", "start=single"),
            new Row("lms", 4, 160, "order=4", "end=sigma-min", "spacing=logsnr", "start=single"),
            new Row("adams-bashforth", 2, 160, "order=2", "clock=log-sigma", "spacing=logsnr"),
            new Row("adams-bashforth", 3, 160, "order=3", "clock=log-sigma", "spacing=logsnr", "start=single"),
            new Row("adams-bashforth", 4, 160, "order=4", "clock=log-sigma", "spacing=logsnr", "start=single"),
            new Row("rk4", 4, 40, "clock=log-sigma", "spacing=logsnr"),
            new Row("plms", 2, 160, "spacing=logsnr", "end=sigma-min"));

    /** They end amid the data's own scale: over a whole passage from noise to data leading errors of a Gaussian cancel. */
    private static final List<Schedule> KERNELS = List.of(new Vp(0.1, 20, 0.1, 1), VpCosine.nichol(0.008, 0.2, 0.99),
            VpDiscrete.linear(0.05, 0.1, 100), new SubVp(0.1, 20, 0.2, 1), new Ve(0.01, 50, 0.4, 1), new Edm(0.3, 80, 7, 0.5),
            new RectifiedFlow(0.25, 0.99));

    private static final List<Parameterization> PARAMETERIZATIONS = List.of(new Parameterization.Epsilon(), new Parameterization.X0(),
            new Parameterization.Score(), new Parameterization.Edm(0.5), new Parameterization.Ve());

    /** The Gaussian's denoiser as a network of that kernel and parameterization: what it would put out, and back again. */
    private static Denoiser network(Parameterization p, Schedule k) {
        return (x, sigma, x0) -> {
            DATA.denoise(x, sigma, x0);
            for (int r = 0; r < x.length; r++) {
                Parameterization.Factors c = p.at(k.s(k.t(sigma[r])), sigma[r]);
                for (int e = 0; e < x[r].length; e++) {
                    double f = (x0[r][e] - c.skip() * x[r][e]) / c.out();
                    x0[r][e] = c.skip() * x[r][e] + c.out() * f;
                }
            }
        };
    }

    static Stream<Arguments> table() {
        List<Arguments> table = new ArrayList<>();
        for (Row r : ROWS)
            for (Schedule k : KERNELS)
                for (Parameterization p : PARAMETERIZATIONS)
                    // Every solver on every kernel, and every solver and every kernel with every parameterization.
                    if (p == PARAMETERIZATIONS.get((ROWS.indexOf(r) + KERNELS.indexOf(k)) % PARAMETERIZATIONS.size()))
                        table.add(Arguments.of(r.name + List.of(r.options), k, p, r));
        return table.stream();
    }

    private static double[][] solve(Denoiser d, Row r, Schedule k, double[] noise, int steps) {
        double[][] x = {noise.clone()};
        for (int e = 0; e < noise.length; e++)
            x[0][e] *= k.priorStd();
        Samplers.named(r.name, steps, r.map()).solver().solve(d, k, x, Progress.NONE);
        return x;
    }

    private static double slope(Denoiser d, Row r, Schedule k, double[] noise, double[] exact, String name) {
        double[] error = new double[3];
        for (int i = 0; i < 3; i++) {
            double[][] x = solve(d, r, k, noise, r.steps << i);
            for (int e = 0; e < exact.length; e++)
                error[i] = Math.max(error[i], Math.abs(x[0][e] - exact[e]));
        }
        // The least squares line through three points, even in the logarithm, has the slope of its ends.
        double slope = Math.log(error[0] / error[2]) / Math.log(4);
        assertThat(slope).as("%s: errors %s", name, java.util.Arrays.toString(error)).isBetween(r.order - 0.2, r.order + 0.2);
        return slope;
    }

    @ParameterizedTest(name = "{0} on {1} with {2}")
    @MethodSource("table")
    void reachesItsOrderOnAGaussian(String name, Schedule k, Parameterization p, Row r) {
        double[] start = NOISE.clone();
        for (int e = 0; e < start.length; e++)
            start[e] *= k.priorStd() / k.s(k.tMax());
        double[] exact = DATA.flow(start, k.sigmaMax(), k.sigmaMin());
        for (int e = 0; e < exact.length; e++)
            exact[e] *= k.s(k.tMin());
        slope(network(p, k), r, k, NOISE, exact, name);
    }

    static List<Row> rows() {
        List<Row> all = new ArrayList<>(ROWS);
        // On a Gaussian the midpoint rule over σ is of third order: x = √(λ + σ²) makes its leading error vanish.
        all.add(new Row("heun", 2, 80, "end=sigma-min", "alpha=0.5"));
        return all;
    }

    /** On a mixture of Gaussians, whose flow has no closed form: against Dormand and Prince at 1e-13. */
    @ParameterizedTest
    @MethodSource("rows")
    void reachesItsOrderOnAMixture(Row r) {
        Schedule k = new Vp(0.1, 20, 2e-2, 1);
        double[] noise = Fixtures.noise(k)[0];
        double[][] exact = {noise.clone()};
        new Rk45(1e-13, 1e-13, false).solve(Fixtures.MIXTURE, k, exact, Progress.NONE);
        slope(Fixtures.MIXTURE, new Row(r.name, r.order, 4 * r.steps, r.options), k, noise, exact[0], r.name + List.of(r.options));
    }

    /** What an image is inverted to, sampled again, is the image. */
    @ParameterizedTest
    @MethodSource("invertible")
    void runsBackwards(String name) {
        for (Schedule k : KERNELS) {
            Map<String, String> options = new HashMap<>();
            if (!name.equals("rk45")) options.put("spacing", "logsnr");
            if (Samplers.list().stream().anyMatch(s -> s.name().equals(name) && s.options().containsKey("end")))
                options.put("end", "sigma-min");
            if (name.equals("rk45")) options.put("denoise", "false");
            Solver solver = Samplers.named(name, 400, options).solver();
            double[] image = {0.8, -0.4, 0.1};
            double[][] x = {image.clone()};
            solver.invert(DATA, k, x, Run.of(Progress.NONE));
            solver.solve(DATA, k, x, Progress.NONE);
            for (int e = 0; e < image.length; e++)
                assertThat(x[0][e]).as("%s on %s", name, k).isCloseTo(image[e], within(0.02));
        }
    }

    static List<String> invertible() {
        return List.of("ddim", "euler", "heun", "dpm-solver-1", "dpm-solver-2", "dpm-solver-3", "dpm-solver++-2s", "dpm-solver++-2m",
                "unipc",
                "plms", "lms", "adams-bashforth", "rk4", "rk45");
    }
}
