package dev.reprise.samplers.solver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.samplers.Samplers;
import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.schedule.Schedule;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Solvers against the implementations of their authors, SciPy, and their papers' recurrences; see recipes/. */
class SolverFixtureTest {
    static List<String> ends() throws IOException { return Fixtures.lines("end-points.txt"); }

    @ParameterizedTest
    @MethodSource("ends")
    void endsWhereTheReferenceEnds(String line) {
        String[] part = line.split(" \\| "), what = part[0].split(" ");
        Map<String, String> p = new HashMap<>();
        for (String pair : what[2].split(","))
            p.put(pair.split("=")[0], pair.split("=")[1]);
        Schedule k = Fixtures.kernel(what[1]);
        double[][] x = Fixtures.noise(k);
        int[] calls = new int[x.length];
        if (what[0].equals("rk45")) {
            double tol = Double.parseDouble(p.get("tol"));
            calls = new Rk45(tol, tol, false).integrate(Fixtures.MIXTURE, k, x, Progress.NONE);
        } else {
            int steps = Integer.parseInt(p.remove("steps"));
            int[] count = calls;
            Denoiser counting = (in, sigma, out) -> {
                for (int r = 0; r < in.length; r++)
                    count[r]++;
                Fixtures.MIXTURE.denoise(in, sigma, out);
            };
            Solver solver = Samplers.named(what[0], steps, p).solver();
            solver.solve(counting, k, x, Progress.NONE);
            assertThat(solver.evaluations(k)).isEqualTo(calls[0]);
        }
        String[] want = part[1].split(" ");
        assertThat(calls).containsExactly(Integer.parseInt(want[0]), Integer.parseInt(want[1]));
        want = part[2].split(" ");
        for (int i = 0; i < want.length; i++) {
            double w = Double.parseDouble(want[i]);
            // Same steps in float64, so only rounding differs; the reference itself loses digits in 1 − α² near the data.
            assertThat(Math.abs(x[i / Fixtures.SIZE][i % Fixtures.SIZE] - w)).as("element %d, expected %s", i, w).isLessThan(2e-9);
        }
    }

    static List<String> grids() throws IOException { return Fixtures.lines("ddim-grids.txt"); }

    @ParameterizedTest
    @MethodSource("grids")
    void ddimVisitsTheStepsOfTheReference(String line) {
        String[] f = line.split(" ");
        int n = Integer.parseInt(f[1]), s = Integer.parseInt(f[2]);
        DdimGrid grid = DdimGrid.named(f[0]);
        if (f.length == 3) {
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> grid.steps(n, s)).hasMessageContaining("no stride");
            return;
        }
        int[] steps = grid.steps(n, s);
        assertThat(steps).hasSize(f.length - 3);
        for (int i = 0; i < steps.length; i++)
            assertThat(steps[steps.length - 1 - i]).isEqualTo(Integer.parseInt(f[3 + i]));
    }
}
