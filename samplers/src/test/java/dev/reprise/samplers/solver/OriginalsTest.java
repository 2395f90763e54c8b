package dev.reprise.samplers.solver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.samplers.Sampler;
import dev.reprise.samplers.Samplers;
import dev.reprise.samplers.schedule.Edm;
import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.schedule.VpDiscrete;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The states that samplers pass, against those of EDM, DPM-Solver, score_sde, DDIM, guided-diffusion and diffusers, run by
 * recipes/originals.py.
 */
class OriginalsTest {
    static List<String> lines() throws IOException { return Fixtures.lines("originals.txt"); }

    private record Line(String label, String sampler, int steps, String kernel, Map<String, String> options, boolean scaled,
            List<double[]> states) {
        static Line of(String text) {
            String[] f = text.split(" \\| ");
            Map<String, String> options = new HashMap<>();
            if (!f[4].equals("-"))
                for (String o : f[4].split(";"))
                    options.put(o.substring(0, o.indexOf('=')), o.substring(o.indexOf('=') + 1));
            List<double[]> states = new ArrayList<>();
            for (String s : f[6].split(",")) {
                String[] v = s.split(" ");
                double[] state = new double[v.length];
                for (int i = 0; i < v.length; i++)
                    state[i] = Double.parseDouble(v[i]);
                states.add(state);
            }
            return new Line(f[0], f[1], Integer.parseInt(f[2]), f[3], options, f[5].equals("scaled"), states);
        }
    }

    private static Schedule kernel(String name) {
        return switch (name) {
            case "edm-ve" -> new Edm(0.02, 100, 7, 0.5);
            case "iddpm" -> VpDiscrete.iddpm(1000, 0.001, 0.008);
            default -> Fixtures.kernel(name);
        };
    }

    /** The recipe's stand-in for random numbers. */
    private static Run.Draws draws() {
        int[] k = {0};
        return (row, z) -> {
            for (int e = 0; e < z.length; e++)
                z[e] = 7 * k[0]++ % 23 / 11.0 - 1;
        };
    }

    private static double[][] start(Line line, Sampler sampler, Schedule k) {
        double sigma = sampler.solver().sigmaStart(k);
        double std = sampler.prior() == Sampler.Prior.NOISE ? k.s(k.t(sigma)) * sigma : k.priorStd(sigma);
        double[][] all = Fixtures.noise(Fixtures.kernel("vp"));
        boolean joint = "true".equals(line.options.get("joint"));
        double[][] x = new double[joint ? 2 : 1][Fixtures.SIZE];
        for (int e = 0; e < Fixtures.SIZE; e++) {
            x[0][e] = all[0][e] * std;
            if (joint) x[1][e] = -0.5 * all[0][Fixtures.SIZE - 1 - e] * std;
        }
        return x;
    }

    /** States of row 0, in the coordinates of the line; the first is where the run begins. */
    private static List<double[]> run(Line line, boolean float32) {
        Sampler sampler = Samplers.named(line.sampler, line.steps, line.options);
        Schedule k = kernel(line.kernel);
        double[][] x = start(line, sampler, k);
        List<double[]> states = new ArrayList<>();
        sampler.solver().solve(Fixtures.MIXTURE, k, x, new Run(Progress.NONE, float32, (scale, sigma, now) -> {
            double to = line.scaled || sigma[0] == 0 ? 1 : k.s(k.t(sigma[0]));
            double[] s = now[0].clone();
            for (int e = 0; e < s.length; e++)
                s[e] *= to / scale[0];
            states.add(s);
        }, draws()));
        return states;
    }

    @ParameterizedTest
    @MethodSource("lines")
    void passesTheStatesOfTheOriginal(String text) {
        Line line = Line.of(text);
        // Originals that compute in float32 are met within their rounding, as a float32 state is.
        check(line, run(line, false), line.label.contains("float32") ? 1e-4 : 1e-6);
        check(line, run(line, true), 1e-4);
    }

    private static void check(Line line, List<double[]> got, double tolerance) {
        // dpm-solver's lines have the state in the middle and the last.
        boolean two = line.label.startsWith("dpm-solver ") && line.states.size() == 2;
        int m = line.states.size(), n = got.size() - 1;
        for (int i = 0; i < m; i++) {
            double[] want = line.states.get(i), mine = two && i == 0 ? got.get(n / 2 + 1) : got.get(n - m + 1 + i);
            double scale = 1;
            for (double w : want)
                scale = Math.max(scale, Math.abs(w));
            for (int e = 0; e < want.length; e++)
                assertThat(Math.abs(mine[e] - want[e]) / scale).as("%s %s: state %d of %d, element %d: %s, expected %s", line.label,
                        line.sampler, i, m, e, mine[e], want[e]).isLessThan(tolerance);
        }
    }
}
