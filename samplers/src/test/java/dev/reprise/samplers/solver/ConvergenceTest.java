package dev.reprise.samplers.solver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.samplers.ideal.Gaussian;
import dev.reprise.samplers.schedule.Edm;
import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.schedule.Spacing;
import dev.reprise.samplers.schedule.SubVp;
import dev.reprise.samplers.schedule.Ve;
import dev.reprise.samplers.schedule.Vp;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** On Gaussian data the ODE's solution is known, so a solver's error is too. */
class ConvergenceTest {
    private static final Gaussian DATA = new Gaussian(new double[]{0.3, -0.2, 0.1},
            new double[][]{{0.5, 0.2, 0}, {0.2, 0.3, -0.1}, {0, -0.1, 0.2}});
    private static final double[] NOISE = {0.7, -1.1, 0.4};

    /** Largest difference from the exact state at tMin. */
    private static double error(Solver solver, Schedule k) {
        double[] x = new double[NOISE.length], start = new double[NOISE.length];
        for (int e = 0; e < x.length; e++) {
            x[e] = NOISE[e] * k.priorStd();
            start[e] = x[e] / k.s(k.tMax());
        }
        double[][] batch = {x};
        solver.solve(DATA, k, batch, Progress.NONE);
        double[] exact = DATA.flow(start, k.sigmaMax(), k.sigmaMin());
        double worst = 0;
        for (int e = 0; e < x.length; e++)
            worst = Math.max(worst, Math.abs(batch[0][e] - k.s(k.tMin()) * exact[e]));
        return worst;
    }

    static Stream<Arguments> orders() {
        Spacing logSnr = new Spacing.LogSnr(), uniform = new Spacing.Uniform(), quadratic = new Spacing.Quadratic();
        return Stream.of(of("dpm-solver-1 logsnr", 1, n -> new DpmSolver(1, n, logSnr, false)),
                of("dpm-solver-2 logsnr", 2, n -> new DpmSolver(2, 2 * n, logSnr, false)),
                of("dpm-solver-1 uniform", 1, n -> new DpmSolver(1, n, uniform, false)),
                of("dpm-solver-2 uniform", 2, n -> new DpmSolver(2, 2 * n, uniform, false)),
                of("dpm-solver-2 quadratic", 2, n -> new DpmSolver(2, 2 * n, quadratic, false)));
    }

    private static Arguments of(String name, int order, IntFunction<Solver> solver) { return Arguments.of(name, order, solver); }

    @ParameterizedTest(name = "{0}")
    @MethodSource("orders")
    void errorFallsWithItsOrder(String name, int order, IntFunction<Solver> solver) {
        double coarse = error(solver.apply(100), Vp.DEFAULT), fine = error(solver.apply(200), Vp.DEFAULT);
        double slope = Math.log(coarse / fine) / Math.log(2);
        assertThat(slope).as("%s: errors %s and %s", name, coarse, fine).isBetween(order - 0.25, order + 0.6);
    }

    @Test
    void thirdOrderStepsAreOfThirdOrder() {
        // The budget's plan ends in a step of lower order, which hides the third; so only third-order steps here.
        double[] error = new double[2];
        for (int i = 0; i < 2; i++)
            error[i] = error(new DpmSolver(3, 3 * (40 << i), new Spacing.LogSnr(), Prediction.NOISE, true, false, false), Vp.DEFAULT);
        assertThat(Math.log(error[0] / error[1]) / Math.log(2)).as("errors %s and %s", error[0], error[1]).isBetween(2.75, 3.6);
    }

    /** Heun and Euler end at noise zero, so they are compared there with a σ_min that no longer matters. */
    @Test
    void heunIsOfSecondOrderAndEulerOfFirst() {
        Edm k = new Edm(1e-9, 80, 7, 0.5);
        Spacing karras = new Spacing.Karras(7);
        double h1 = error(new Heun(50, karras), k), h2 = error(new Heun(100, karras), k);
        assertThat(Math.log(h1 / h2) / Math.log(2)).as("heun: %s, %s", h1, h2).isBetween(1.8, 2.4);
        double e1 = error(new Euler(200, karras), k), e2 = error(new Euler(400, karras), k);
        assertThat(Math.log(e1 / e2) / Math.log(2)).as("euler: %s, %s", e1, e2).isBetween(0.9, 1.1);
    }

    @Test
    void ddimIsOfFirstOrder() {
        // DDIM ends at noise zero; a tMin this small leaves nothing to see between the two.
        Vp k = new Vp(0.1, 20, 1e-12, 1);
        double a = error(new Ddim(200, DdimGrid.EVEN), k), b = error(new Ddim(400, DdimGrid.EVEN), k);
        assertThat(Math.log(a / b) / Math.log(2)).as("ddim: %s, %s", a, b).isBetween(0.85, 1.15);
    }

    static Stream<Schedule> kernels() { return Stream.of(Vp.DEFAULT, SubVp.DEFAULT, Ve.DEFAULT, Edm.DEFAULT); }

    @ParameterizedTest
    @MethodSource("kernels")
    void rk45KeepsItsTolerance(Schedule k) {
        // The tolerance holds for each step; over some tens of steps, from states of the prior's size, the errors add up.
        double loose = error(new Rk45(1e-5, 1e-5, false), k), tight = error(new Rk45(1e-9, 1e-9, false), k);
        assertThat(loose).isLessThan(3e-3);
        assertThat(tight).isLessThan(3e-7);
        assertThat(tight).isLessThan(loose / 100);
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void thirdOrderIsCloseWithTwentyEvaluations(Schedule k) {
        assertThat(error(new DpmSolver(3, 20, new Spacing.LogSnr(), false), k)).isLessThan(2e-2);
    }
}
