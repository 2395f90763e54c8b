package dev.reprise.samplers.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reprise.ops.tensor.Shape;
import dev.reprise.samplers.ideal.Gaussian;
import dev.reprise.samplers.schedule.Edm;
import dev.reprise.samplers.schedule.Spacing;
import dev.reprise.samplers.schedule.VpDiscrete;
import dev.reprise.samplers.solver.Heun;
import dev.reprise.samplers.solver.Progress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GuidanceTest {
    private static final Shape SAMPLE = Shape.of(2, 1, 2);

    private static ModelSpec spec(ModelSpec.Classes classes, boolean learned) {
        return new ModelSpec("test", new Parameterization.Epsilon(), VpDiscrete.linear(1e-4, 0.02, 1000), TimeConvention.INDEX,
                new ModelSpec.Inputs("x", "t", classes == null ? null : "y"), null, SAMPLE, ModelSpec.Range.SYMMETRIC, classes, null,
                learned);
    }

    /** ε is guided as ε_none + w (ε_c − ε_none), in one run of 2B rows; a negative label takes the place of none. */
    @Test
    void classifierFreeIsOneRunOfTwiceTheBatch() {
        List<String> seen = new ArrayList<>();
        Network network = (x, time, label, out) -> {
            StringBuilder s = new StringBuilder();
            for (int i = 0; i < label.size(); i++) {
                s.append(label.getLong(i));
                for (int e = 0; e < 4; e++)
                    out.setFloat(4L * i + e, 0.5f * label.getLong(i) + 0.25f * x.getFloat(4L * i + e));
            }
            seen.add(s.toString());
        };
        ModelSpec spec = spec(new ModelSpec.Classes(3, 3, List.of()), false);
        try (NetworkDenoiser d = new NetworkDenoiser(spec, network, 8)) {
            double[][] x = {{0.5, -1, 0.25, 2}, {1, 1, 1, 1}}, got = new double[2][4], swapped = new double[1][4];
            double[] sigma = {1, 1};
            Denoiser guided = d.guided(4, null, 1, 2);
            guided.denoise(x, sigma, got);
            assertThat(seen).containsExactly("3312");
            double s = Math.sqrt(0.5);
            for (int r = 0; r < 2; r++)
                for (int e = 0; e < 4; e++) {
                    float in = (float) (s * x[r][e]);
                    double none = 0.5f * 3 + 0.25f * in, c = 0.5f * (r + 1) + 0.25f * in;
                    assertThat(got[r][e]).isCloseTo(x[r][e] - (none + 4 * (c - none)), within(1e-6));
                }
            seen.clear();
            guided.rows(1).denoise(new double[][]{x[1]}, new double[]{1}, swapped);
            assertThat(seen).containsExactly("32");
            assertThat(swapped[0]).containsExactly(got[1]);
            seen.clear();
            d.guided(4, 0L, 1, 2).denoise(x, sigma, got);
            assertThat(seen).containsExactly("0012");
            assertThatThrownBy(() -> guided.denoise(new double[1][4], new double[]{1}, swapped)).hasMessageContaining("2 conditions");
        }
        try (NetworkDenoiser d = new NetworkDenoiser(spec(null, false), network, 8)) {
            assertThatThrownBy(() -> d.guided(2, null, 1)).hasMessageContaining("unconditional");
        }
    }

    /** With the exact gradient of a Gaussian classifier the guided flow ends in the posterior, another Gaussian. */
    @Test
    void classifierGuidanceSamplesThePosterior() {
        // x_0 ~ N(0, 1), y | x_0 ~ N(x_0, r²): y = 1 makes x_0 ~ N(1/(1 + r²), r²/(1 + r²)).
        double r2 = 0.5, mean = 1 / (1 + r2), var = r2 / (1 + r2);
        Denoiser prior = new Gaussian(new double[]{0}, new double[][]{{1}});
        // p(y | x) with x_0 | x ~ N(x/(1 + σ²), σ²/(1 + σ²)).
        Guidance.Gradient g = (x, sigma, out) -> {
            for (int i = 0; i < x.length; i++) {
                double v2 = sigma[i] * sigma[i], m = x[i][0] / (1 + v2), total = v2 / (1 + v2) + r2;
                out[i][0] = (1 - m) / total / (1 + v2);
            }
        };
        Denoiser guided = Guidance.classifier(prior, g, 1), posterior = new Gaussian(new double[]{mean}, new double[][]{{var}});
        double[][] a = {{40}, {-25}}, b = {{40}, {-25}};
        Heun heun = new Heun(40, new Spacing.Karras(7));
        heun.solve(guided, Edm.DEFAULT, a, Progress.NONE);
        heun.solve(posterior, Edm.DEFAULT, b, Progress.NONE);
        for (int i = 0; i < 2; i++)
            assertThat(a[i][0]).isCloseTo(b[i][0], within(1e-12));
    }

    /** Expected values from torch.quantile and torch.clamp. */
    @Test
    void thresholds() {
        double[] x = {0.1, -3, 2, 0.5, 1.5, -0.2};
        new Threshold.Clip(-1, 1).apply(x);
        assertThat(x).containsExactly(0.1, -1, 1, 0.5, 1, -0.2);
        double[] y = {0.1, -3, 2, 0.5, 1.5, -0.2};
        // quantile(|y|, 0.9) = 2.5
        new Threshold.Dynamic(0.9, Double.POSITIVE_INFINITY).apply(y);
        assertThat(y).usingComparatorWithPrecision(1e-15).containsExactly(0.04, -1, 0.8, 0.2, 0.6, -0.08);
        double[] inside = {0.1, -0.9};
        Threshold.Dynamic.DEFAULT.apply(inside);
        assertThat(inside).containsExactly(0.1, -0.9);
        assertThat(Threshold.named("clip", new ModelSpec.Range(0, 1))).isEqualTo(new Threshold.Clip(0, 1));
        assertThat(Threshold.named("dynamic=0.9/2", ModelSpec.Range.SYMMETRIC)).isEqualTo(new Threshold.Dynamic(0.9, 2));
        assertThatThrownBy(() -> Threshold.named("soft", ModelSpec.Range.SYMMETRIC)).hasMessageContaining("dynamic");
        Denoiser d = Threshold.named("clip=-2/2", ModelSpec.Range.SYMMETRIC).of((in, sigma, out) -> out[0][0] = 7);
        double[][] out = new double[1][1];
        d.rows(0).denoise(out, new double[]{1}, out);
        assertThat(out[0][0]).isEqualTo(2);
    }

    @Test
    void everyRowGoesToItsStage() {
        List<Multistage.Stage> stages = List.of(new Multistage.Stage(1, constant(1)), new Multistage.Stage(5, constant(2)),
                new Multistage.Stage(80, constant(3)));
        Multistage m = new Multistage(stages);
        double[][] out = new double[5][1];
        m.denoise(new double[5][1], new double[]{0.1, 80, 1, 1.01, 5}, out);
        assertThat(new double[]{out[0][0], out[1][0], out[2][0], out[3][0], out[4][0]}).containsExactly(1, 3, 1, 2, 2);
        assertThatThrownBy(() -> m.denoise(new double[1][1], new double[]{81}, new double[1][1])).hasMessageContaining("80");
        assertThatThrownBy(() -> new Multistage(List.of(stages.get(1), stages.get(0)))).hasMessageContaining("rise");
    }

    private static Denoiser constant(double v) { return (x, sigma, x0) -> {
        for (double[] row : x0)
            row[0] = v;
    }; }

    /** Of an output with learned variance the first half of each row counts; the clock may be given outright. */
    @Test
    void learnedVarianceIsDropped() {
        float[] told = new float[2];
        Network network = (x, time, label, out) -> {
            assertThat(out.shape()).isEqualTo(Shape.of(2, 4, 1, 2));
            for (int i = 0; i < 2; i++) {
                told[i] = time.getFloat(i);
                for (int e = 0; e < 8; e++)
                    out.setFloat(8L * i + e, e < 4 ? 0.5f * (i + 1) : Float.NaN);
            }
        };
        try (NetworkDenoiser d = new NetworkDenoiser(spec(null, true), network, 2, sigma -> 10 * sigma)) {
            double[][] x = new double[2][4], out = new double[2][4];
            d.denoise(x, new double[]{1, 2}, out);
            assertThat(out[0]).containsExactly(-0.5, -0.5, -0.5, -0.5);
            assertThat(out[1]).containsExactly(-2, -2, -2, -2);
            assertThat(told).containsExactly(10, 20);
        }
    }
}
