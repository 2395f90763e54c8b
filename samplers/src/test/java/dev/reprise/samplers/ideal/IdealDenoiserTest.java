package dev.reprise.samplers.ideal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.Samplers;
import dev.reprise.samplers.schedule.Edm;
import dev.reprise.samplers.solver.Progress;
import java.lang.foreign.Arena;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdealDenoiserTest {
    private static final long SEED = 20240607;

    private static Tensor images(Arena arena, int n, int size, Random random) {
        Tensor t = Tensor.allocate(arena, DType.FLOAT32, Shape.of(n, size));
        for (int i = 0; i < n * size; i++)
            t.setFloat(i, (float) (random.nextInt(256) / 127.5 - 1));
        return t;
    }

    private static double[][] batch(int n, int size, double scale, Random random) {
        double[][] x = new double[n][size];
        for (double[] row : x)
            for (int e = 0; e < size; e++)
                row[e] = scale * random.nextGaussian();
        return x;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 8, 15, 16, 17, 31, 48, 100})
    void vectorDistancesAreTheScalarOnesBitForBit(int size) {
        Random random = new Random(SEED + size);
        try (Arena arena = Arena.ofConfined()) {
            int n = 11;
            Tensor y = images(arena, n, size, random);
            double[] x = batch(1, size, 2, random)[0], out = new double[n];
            DeltaKernels.distances(x, y.data(), 0, n, out);
            for (int i = 0; i < n; i++)
                assertThat(out[i]).as("seed %d, size %d, row %d", SEED, size, i).isEqualTo(DeltaKernels.distance(x, y.data(), i));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 16, 33, 100})
    void vectorSumsAreTheScalarOnesBitForBit(int size) {
        Random random = new Random(SEED + size);
        try (Arena arena = Arena.ofConfined()) {
            Tensor y = images(arena, 11, size, random);
            double[] w = random.doubles(7).toArray(), out = new double[size], want = new double[size];
            int[] rows = {0, 1, 3, 4, 7, 9, 10};
            DeltaKernels.accumulate(w, rows, 0, 7, y.data(), size, 0, size, out);
            for (int j = 0; j < 7; j++)
                for (int e = 0; e < size; e++)
                    want[e] = Math.fma(w[j], y.getFloat((long) rows[j] * size + e), want[e]);
            assertThat(out).as("seed %d, size %d", SEED, size).containsExactly(want);
        }
    }

    /** The definition, in the plainest code. */
    private static double[] definition(double[] x, Tensor y, double sigma) {
        int n = y.shape().dimInt(0), size = x.length;
        double[] logit = new double[n], mean = new double[size];
        double most = Double.NEGATIVE_INFINITY, total = 0;
        for (int i = 0; i < n; i++) {
            for (int e = 0; e < size; e++) {
                double q = x[e] - y.getFloat((long) i * size + e);
                logit[i] -= q * q / (2 * sigma * sigma);
            }
            most = Math.max(most, logit[i]);
        }
        for (int i = 0; i < n; i++) {
            double w = Math.exp(logit[i] - most);
            total += w;
            for (int e = 0; e < size; e++)
                mean[e] += w * y.getFloat((long) i * size + e);
        }
        for (int e = 0; e < size; e++)
            mean[e] /= total;
        return mean;
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.5, 3, 80})
    void multiDeltaIsPropositionOne(double sigma) {
        Random random = new Random(SEED);
        try (Arena arena = Arena.ofShared(); Workers workers = new Workers(2)) {
            Tensor y = images(arena, 300, 50, random);
            MultiDelta d = new MultiDelta(y, workers);
            double[][] x = batch(3, 50, 1 + sigma, random), x0 = new double[3][50];
            d.denoise(x, new double[]{sigma, sigma, sigma}, x0);
            for (int r = 0; r < 3; r++)
                for (int e = 0; e < 50; e++)
                    assertThat(x0[r][e]).isCloseTo(definition(x[r], y, sigma)[e], within(1e-11));
        }
    }

    @Test
    void multiDeltaDoesNotDependOnBatchOrThreads() {
        Random random = new Random(SEED);
        try (Arena arena = Arena.ofShared(); Workers one = new Workers(1); Workers three = new Workers(3)) {
            Tensor y = images(arena, 1000, 192, random);
            double[][] x = batch(4, 192, 3, random), together = new double[4][192], alone = new double[1][192];
            double[] sigma = {0.3, 2, 10, 80};
            new MultiDelta(y, three).denoise(x, sigma, together);
            for (int r = 0; r < 4; r++) {
                new MultiDelta(y, one).denoise(new double[][]{x[r]}, new double[]{sigma[r]}, alone);
                assertThat(alone[0]).as("row %d", r).containsExactly(together[r]);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"heun", "euler", "dpm-solver-3", "rk45"})
    void samplingMultiDeltaEndsInATrainingImage(String sampler) {
        Random random = new Random(SEED);
        try (Arena arena = Arena.ofShared(); Workers workers = new Workers(1)) {
            Tensor y = images(arena, 40, 48, random);
            Tensor noise = Tensor.allocate(arena, DType.FLOAT32, Shape.of(5, 48));
            for (int i = 0; i < noise.size(); i++)
                noise.setFloat(i, (float) random.nextGaussian());
            Tensor x = Samplers.named(sampler, 40).sample(new MultiDelta(y, workers), Edm.DEFAULT, noise, arena, Progress.NONE);
            for (int r = 0; r < 5; r++) {
                double nearest = Double.POSITIVE_INFINITY;
                for (int i = 0; i < 40; i++) {
                    double worst = 0;
                    for (int e = 0; e < 48; e++)
                        worst = Math.max(worst, Math.abs(x.getFloat(r * 48 + e) - y.getFloat(i * 48 + e)));
                    nearest = Math.min(nearest, worst);
                }
                // A pixel step is 2/255; the solver that keeps the noise of tMin is within some of its 0.002.
                assertThat(nearest).as("seed %d, sample %d", SEED, r).isLessThan(0.01);
            }
        }
    }

    @Test
    void gaussianDenoiserAndFlowAreTheClosedForms() {
        double[][] c = {{2, 0.5}, {0.5, 1}};
        Gaussian g = new Gaussian(new double[]{1, -1}, c);
        double[][] x = {{2, 3}}, x0 = new double[1][2];
        g.denoise(x, new double[]{0.7}, x0);
        // μ + C (C + σ² I)⁻¹ (x − μ) with the 2×2 inverse written out.
        double a = 2.49, b = 0.5, d = 1.49, det = a * d - b * b, u = 1, v = 4;
        double p = (d * u - b * v) / det, q = (a * v - b * u) / det;
        assertThat(x0[0][0]).isCloseTo(1 + 2 * p + 0.5 * q, within(1e-13));
        assertThat(x0[0][1]).isCloseTo(-1 + 0.5 * p + q, within(1e-13));
        // The flow solves dx/dσ = (x − D)/σ.
        double h = 1e-6;
        double[] up = g.flow(x[0], 0.7, 0.7 + h), down = g.flow(x[0], 0.7, 0.7 - h);
        for (int e = 0; e < 2; e++)
            assertThat((up[e] - down[e]) / (2 * h)).isCloseTo((x[0][e] - x0[0][e]) / 0.7, within(1e-7));
        assertThatThrownBy(() -> new Gaussian(new double[2], new double[][]{{1, 2}, {2, 1}})).hasMessageContaining("semidefinite");
    }

    /** With one component a low-rank mixture is the Gaussian of covariance U Uᵀ. */
    @Test
    void lowRankMixtureIsPropositionTwo() {
        double r = Math.sqrt(0.5);
        double[][] u = {{r, r, 0}, {0, 0, 1}}, w = {{1, 0, 0}, {0, r, r}};
        double[][] c = new double[3][3];
        for (double[] axis : u)
            for (int i = 0; i < 3; i++)
                for (int j = 0; j < 3; j++)
                    c[i][j] += axis[i] * axis[j];
        double[][] x = {{0.4, -1.3, 2}}, a = new double[1][3], b = new double[1][3];
        double[] sigma = {0.6};
        new Gaussian(new double[3], c).denoise(x, sigma, a);
        new LowRankMixture(new double[]{1}, new double[][][]{u}).denoise(x, sigma, b);
        for (int e = 0; e < 3; e++)
            assertThat(b[0][e]).isCloseTo(a[0][e], within(1e-13));
        // Two components: the score is the gradient of the density, here by central differences.
        LowRankMixture two = new LowRankMixture(new double[]{1, 3}, new double[][][]{u, w});
        two.denoise(x, sigma, b);
        for (int e = 0; e < 3; e++) {
            double h = 1e-5, keep = x[0][e];
            x[0][e] = keep + h;
            double up = logDensity(x[0], 0.6, u, w);
            x[0][e] = keep - h;
            double down = logDensity(x[0], 0.6, u, w);
            x[0][e] = keep;
            assertThat((b[0][e] - keep) / 0.36).isCloseTo((up - down) / (2 * h), within(1e-7));
        }
    }

    /** ln Σ π_k N(x; 0, U_k U_kᵀ + σ² I) but for a constant. */
    private static double logDensity(double[] x, double sigma, double[][] u, double[][] w) {
        return Math.log(Math.exp(-0.5 * mahalanobis(x, sigma, u)) + 3 * Math.exp(-0.5 * mahalanobis(x, sigma, w)));
    }

    private static double mahalanobis(double[] x, double sigma, double[][] u) {
        double v = sigma * sigma, all = 0, along = 0;
        for (double e : x)
            all += e * e;
        for (double[] axis : u) {
            double d = axis[0] * x[0] + axis[1] * x[1] + axis[2] * x[2];
            along += d * d;
        }
        return all / v - along / (v * (1 + v));
    }
}
