package dev.reprise.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against NumPy and SciPy; see recipes/features.py. */
class FeatureScoresTest {
    private static List<String> lines(String kind) throws IOException {
        try (InputStream in = FeatureScoresTest.class.getResourceAsStream("feature-scores.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().filter(l -> l.startsWith(kind)).toList();
        }
    }

    static List<String> distances() throws IOException { return lines("frechet"); }

    static List<String> spectra() throws IOException { return lines("eigenvalues"); }

    static List<String> manifolds() throws IOException { return lines("precision"); }

    private static Tensor features(Arena arena, int seed, int n, int d, double shift) {
        Tensor t = Tensor.allocate(arena, DType.FLOAT32, Shape.of(n, d));
        int s = seed;
        for (int i = 0; i < n; i++) {
            double before = 0;
            for (int j = 0; j < d; j++) {
                s = s * 1664525 + 1013904223;
                before = ((s >>> 24) - 127.5) / 64 + shift + before / 2;
                t.setFloat((long) i * d + j, (float) before);
            }
        }
        return t;
    }

    /**
     * Rounding of order 1e-13 in a covariance; where it is singular, the roots of eigenvalues that should be 0 are of order 1e-7, for NumPy's
     * symmetric root as well.
     */
    @ParameterizedTest
    @MethodSource("distances")
    void frechetDistanceIsSciPys(String line) {
        String[] f = line.split(" ");
        int n = Integer.parseInt(f[1]), m = Integer.parseInt(f[2]), d = Integer.parseInt(f[3]);
        try (Arena arena = Arena.ofConfined(); Workers one = new Workers(1); Workers three = new Workers(3)) {
            Tensor a = features(arena, 1, n, d, 0), b = features(arena, 2, m, d, Double.parseDouble(f[4]));
            double got = Frechet.distance(a, b, one), want = Double.parseDouble(f[5]);
            assertThat(got).isCloseTo(want, within(Math.min(n, m) > d ? 1e-9 : 1e-5));
            assertThat(Frechet.distance(a, b, three)).isEqualTo(got);
            assertThat(Frechet.distance(b, a, three)).isCloseTo(got, within(Math.min(n, m) > d ? 1e-9 : 1e-5));
            assertThat(Frechet.distance(a, a, one)).isCloseTo(0, within(n > d ? 1e-9 : 1e-5));
        }
    }

    @ParameterizedTest
    @MethodSource("spectra")
    void eigenvaluesAreNumPys(String line) {
        double[] want = Arrays.stream(line.split(" ")).skip(2).mapToDouble(Double::parseDouble).toArray();
        int d = want.length;
        try (Arena arena = Arena.ofConfined(); Workers workers = new Workers(2)) {
            double[][] c = Frechet.moments(features(arena, 1, 3 * d, d, 0), workers).covariance();
            double[][] l = Symmetric.factor(c);
            for (int i = 0; i < d; i++)
                for (int j = 0; j < d; j++) {
                    double sum = 0;
                    for (double[] row : l)
                        sum += row[i] * row[j];
                    assertThat(sum).isCloseTo(c[i][j], within(1e-12));
                }
            double[] got = Symmetric.eigenvalues(c, workers);
            Arrays.sort(got);
            assertThat(got).containsExactly(want, within(1e-12));
        }
    }

    /** Diagonal, zero and equal eigenvalues: nothing to reduce, and nothing to divide by. */
    @Test
    void easyMatricesAreNoTrouble() {
        try (Workers workers = new Workers(1)) {
            double[] got = Symmetric.eigenvalues(new double[][]{{2, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 5, 0}, {0, 0, 0, 2}}, workers);
            Arrays.sort(got);
            assertThat(got).containsExactly(0, 2, 2, 5);
            got = Symmetric.eigenvalues(new double[][]{{1, 1, 1}, {1, 1, 1}, {1, 1, 1}}, workers);
            Arrays.sort(got);
            assertThat(got).containsExactly(new double[]{0, 0, 3}, within(1e-14));
            assertThat(Symmetric.factor(new double[3][3])).isEmpty();
            assertThat(Symmetric.eigenvalues(new double[0][0], workers)).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("manifolds")
    void precisionAndRecallAreThoseOfPlainDistances(String line) {
        String[] f = line.split(" ");
        int n = Integer.parseInt(f[1]), m = Integer.parseInt(f[2]), d = Integer.parseInt(f[3]), k = Integer.parseInt(f[5]);
        try (Arena arena = Arena.ofShared(); Workers workers = new Workers(2)) {
            Tensor real = features(arena, 3, n, d, 0), generated = features(arena, 4, m, d, Double.parseDouble(f[4]));
            Manifold.PrecisionRecall pr = Manifold.precisionRecall(real, generated, k, workers);
            assertThat(pr.precision().count()).isEqualTo(Long.parseLong(f[6]));
            assertThat(pr.precision().n()).isEqualTo(m);
            assertThat(pr.recall().count()).isEqualTo(Long.parseLong(f[7]));
            assertThat(pr.recall().n()).isEqualTo(n);
            Manifold.PrecisionRecall same = Manifold.precisionRecall(real, real, k, workers);
            assertThat(same.precision().value()).isEqualTo(1);
            assertThat(same.recall().value()).isEqualTo(1);
        }
    }

    /** Copies of one image are at distance 0 of each other: a radius of 0 holds the copies and nothing else. */
    @Test
    void equalFeaturesAreAtDistanceZero() {
        try (Arena arena = Arena.ofShared(); Workers workers = new Workers(1)) {
            Tensor real = features(arena, 5, 8, 19, 0);
            for (int i = 1; i < 8; i++)
                for (int j = 0; j < 19; j++)
                    real.setFloat(i * 19 + j, real.getFloat(j));
            assertThat(Manifold.radii(real, 3, workers)).containsOnly(0f);
            Tensor other = features(arena, 6, 8, 19, 0);
            Manifold.PrecisionRecall pr = Manifold.precisionRecall(real, other, 3, workers);
            assertThat(pr.precision().count()).isZero();
            assertThat(Manifold.precisionRecall(real, real.rows(0, 5), 3, workers).precision().value()).isEqualTo(1);
        }
    }

    @Test
    void whatCannotBeComparedIsAnError() {
        try (Arena arena = Arena.ofShared(); Workers workers = new Workers(1)) {
            Tensor a = features(arena, 1, 5, 3, 0), b = features(arena, 1, 5, 4, 0);
            assertThatThrownBy(() -> Frechet.distance(a, b, workers)).hasMessageContaining("of 3 and of 4");
            assertThatThrownBy(() -> Manifold.precisionRecall(a, b, 3, workers)).hasMessageContaining("of 4 and of 3");
            assertThatThrownBy(() -> Manifold.precisionRecall(a, a, 5, workers)).hasMessageContaining("found 5 of 5");
            assertThatThrownBy(() -> Frechet.moments(a.rows(0, 1), workers)).hasMessageContaining("at least 2");
            a.setFloat(4, Float.NaN);
            assertThatThrownBy(() -> Frechet.moments(a, workers)).hasMessageContaining("feature 1 of row 1 is NaN");
            assertThatThrownBy(() -> Manifold.precisionRecall(a, a, 3, workers)).hasMessageContaining("1 is not finite");
        }
    }
}
