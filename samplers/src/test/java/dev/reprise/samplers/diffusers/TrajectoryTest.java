package dev.reprise.samplers.diffusers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reprise.samplers.solver.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every scheduler against diffusers' own: its timesteps, what its network sees at every call, and where it ends. */
class TrajectoryTest {
    private static final int ROW = 4;
    private static final Pattern ENTRY = Pattern.compile("\"(\\w+)\": (\\[[^]]*]|\"[^\"]*\"|[^,}]+)");

    record Case(String className, int steps, String json, double init, double[] timesteps, double[] states) {
        static Case of(String line) {
            String[] p = line.split(" \\| ");
            return new Case(p[0], Integer.parseInt(p[1]), p[2], Double.parseDouble(p[3]), numbers(p[4]), numbers(p[5]));
        }

        private static double[] numbers(String s) { return Arrays.stream(s.split(" ")).mapToDouble(Double::parseDouble).toArray(); }

        SchedulerConfig config() {
            Map<String, Object> entries = new LinkedHashMap<>(Map.of("_class_name", className));
            Matcher m = ENTRY.matcher(json);
            while (m.find())
                entries.put(m.group(1), value(m.group(2)));
            return new SchedulerConfig("scheduler_config.json", entries);
        }

        String kind() {
            return className.startsWith("FlowMatch")
                    ? "flow"
                    : json.contains("v_prediction") ? "v" : json.contains("\"sample\"") ? "x0" : "eps";
        }

        @Override
        public String toString() { return className + " " + steps + " " + json; }
    }

    private static Object value(String s) {
        if (s.startsWith("[")) return Arrays.stream(s.substring(1, s.length() - 1).split(", ")).map(TrajectoryTest::value).toList();
        if (s.startsWith("\"")) return s.substring(1, s.length() - 1);
        return s.equals("true") || s.equals("false") ? (Object) Boolean.valueOf(s) : (Object) Double.valueOf(s);
    }

    static List<Case> cases(String name) throws IOException {
        try (InputStream in = TrajectoryTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().filter(l -> !l.startsWith("#")).map(Case::of).toList();
        }
    }

    static List<Case> exact() throws IOException { return cases("trajectories.txt"); }

    static List<Case> asPublished() throws IOException { return cases("trajectories-float32.txt"); }

    /** Close to the ideal network of a Gaussian, and smooth in x and t. */
    static double network(String kind, double x, int e, double t) {
        double mean = 0.5 * Math.sin(1 + e), ripple = 0.05 * Math.sin(3 * x + e);
        if (kind.equals("flow")) {
            double s = t / 1000, c = (x - (1 - s) * mean) / (0.25 * (1 - s) * (1 - s) + s * s);
            return s * c - (mean + 0.25 * (1 - s) * c) + ripple;
        }
        double tau = (t + 1) / 1000, ab = Math.exp(-(0.1 * tau + 9.95 * tau * tau)), a = Math.sqrt(ab), s = Math.sqrt(1 - ab);
        double c = (x - a * mean) / (0.25 * ab + 1 - ab), eps = s * c + a * ripple, x0 = mean + 0.25 * a * c - s * ripple;
        return switch (kind) {
            case "eps" -> eps;
            case "x0" -> x0;
            default -> a * eps - s * x0;
        };
    }

    private record Run(List<Double> times, List<Double> states) {}

    private static Run run(Case c, Scheduler s) {
        Run run = new Run(new ArrayList<>(), new ArrayList<>());
        double[][] x = new double[2][ROW];
        for (int r = 0; r < 2; r++)
            for (int e = 0; e < ROW; e++)
                x[r][e] = ((r * 13 + e * 5) % 9 / 4.0 - 1) * s.initNoiseSigma();
        int[] draws = {0};
        s.solve((in, t, out) -> {
            run.times.add(t);
            for (int r = 0; r < 2; r++)
                for (int e = 0; e < ROW; e++) {
                    if (r == 0) run.states.add(in[r][e]);
                    out[r][e] = network(c.kind(), in[r][e], e, t);
                }
        }, x, out -> {
            int k = draws[0]++;
            for (int r = 0; r < 2; r++)
                for (int e = 0; e < ROW; e++)
                    out[r][e] = 1.3 * Math.sin(1 + 7 * k + 13 * r + 5 * e);
        }, Progress.NONE);
        for (double[] row : x)
            for (double v : row)
                run.states.add(v);
        assertThat(draws[0] > 0).as("draws noise").isEqualTo(s.stochastic());
        return run;
    }

    private static void assertClose(List<Double> got, double[] want, double tolerance, String what) {
        assertThat(got).as(what).hasSize(want.length);
        for (int i = 0; i < want.length; i++)
            assertThat(got.get(i)).as("%s %d of %s", what, i, Arrays.toString(want)).isCloseTo(want[i], within(tolerance));
    }

    @ParameterizedTest
    @MethodSource("exact")
    void sameTrajectory(Case c) {
        Scheduler s = Schedulers.of(null, c.config(), c.steps);
        // The fixture has eleven digits.
        assertThat(s.initNoiseSigma()).isCloseTo(c.init, within(1e-8 * c.init));
        Run run = run(c, s);
        assertThat(run.times).containsExactly(Arrays.stream(s.timesteps()).boxed().toArray(Double[]::new));
        assertClose(run.times, c.timesteps, 1e-6, "timestep");
        assertClose(run.states, c.states, 1e-6, "state");
    }

    @ParameterizedTest
    @MethodSource("asPublished")
    void sameEndAsTheLibraryInFloat32(Case c) {
        Run run = run(c, Schedulers.of(c.className, c.config(), c.steps));
        // Timesteps that are interpolated in a float32 table of log σ are good to its rounding.
        assertClose(run.times, c.timesteps, 2e-3, "timestep");
        assertClose(run.states.subList(run.states.size() - 2 * ROW, run.states.size()), c.states, 1e-4, "state");
    }
}
