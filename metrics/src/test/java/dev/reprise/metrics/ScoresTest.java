package dev.reprise.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScoresTest {
    private static final long SEED = 20240607;

    /** Wilson intervals from statsmodels' formula, evaluated in Python: proportion_confint(method="wilson"). */
    @ParameterizedTest
    @CsvSource({"0, 10, 0.000000000000000, 0.277532799862889", "10, 10, 0.722467200137111, 1.000000000000000",
        "8, 10, 0.490162471536642, 0.943317848545625", "50, 100, 0.403831530365996, 0.596168469634004",
        "8123, 10000, 0.804527488356658, 0.819832666261017", "1, 3, 0.061491944720396, 0.792340399197952"})
    void intervalsAreWilsons(long count, long n, double low, double high) {
        Score s = Score.of("RP", count, n);
        assertThat(s.value()).isEqualTo(count / (double) n);
        assertThat(s.low()).isCloseTo(low, within(1e-12));
        assertThat(s.high()).isCloseTo(high, within(1e-12));
    }

    @Test
    void scoresNeedSamples() {
        assertThatThrownBy(() -> Score.of("RP", 0, 0)).hasMessageContaining("RP");
        assertThatThrownBy(() -> Score.of("GL", 3, 2)).hasMessageContaining("3 of 2");
    }

    /** Directions at known angles, of any length: the cosine counts alone, and strictly. */
    @Test
    void rpCountsSimilaritiesAboveTheThreshold() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor a = Tensor.of(arena, Shape.of(4, 2), 1f, 0f, 2f, 0f, 3f, 0f, 0f, 5f);
            Tensor b = Tensor.of(arena, Shape.of(4, 2), 9f, 0f, 0.6f, 0.8f, 0.61f, 0.8f, 0f, -1f);
            Scores.Similarities rp = Scores.rp(a, b, 0.6);
            assertThat(rp.values()[0]).isEqualTo(1f);
            assertThat(rp.values()[1]).isEqualTo(0.6f);
            assertThat(rp.values()[3]).isEqualTo(-1f);
            assertThat(rp.score().count()).isEqualTo(2);
            assertThat(rp.score().n()).isEqualTo(4);
            assertThat(rp.histogram().counts()[39]).isEqualTo(1);
            assertThat(rp.histogram().counts()[0]).isEqualTo(1);
            assertThat(Scores.rp(a, b, 0.59).score().count()).isEqualTo(3);
        }
    }

    @Test
    void rpBetweenTakesTheBestClass() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Tensor.of(arena, Shape.of(2, 2), 1f, 0f, 0f, 1f);
            Tensor c = Tensor.of(arena, Shape.of(2, 2), 0f, 1f, 0f, 1f), d = Tensor.of(arena, Shape.of(2, 2), 1f, 0.1f, 1f, 0f);
            assertThat(Scores.rpBetween(x, List.of(c), 0.6).score().count()).isEqualTo(1);
            assertThat(Scores.rpBetween(x, List.of(c, d), 0.6).score().count()).isEqualTo(2);
        }
    }

    @Test
    void conditionalRpIsThatOfEveryClassAndOfAll() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Tensor.of(arena, Shape.of(2, 2), 1f, 0f, 0f, 1f), y = Tensor.of(arena, Shape.of(2, 2), 1f, 0f, 1f, 0f),
                    z = Tensor.of(arena, Shape.of(1, 2), 3f, 1f);
            Scores.Conditional c = Scores.rpConditional(List.of(x, z), List.of(y, z), 0.6);
            assertThat(c.classes()).extracting(s -> s.score().value()).containsExactly(0.5, 1.0);
            assertThat(c.all().score().count()).isEqualTo(2);
            assertThat(c.all().score().n()).isEqualTo(3);
            assertThat(c.all().values()).containsExactly(1f, 0f, 1f);
            assertThatThrownBy(() -> Scores.rpConditional(List.of(x), List.of(), 0.6)).hasMessageContaining("1 and 0");
        }
    }

    /** A search in parts finds what a search at once finds, numbered through. */
    @Test
    void aSearchMayBeDoneInParts() {
        Random random = new Random(SEED);
        try (Arena arena = Arena.ofShared(); Workers workers = new Workers(2)) {
            Tensor q = random(arena, 70, 33, random), base = random(arena, 5000, 33, random);
            Similarity.Nearest whole = Similarity.nearest(q, base, workers);
            try (NearestSearch search = new NearestSearch(q, workers)) {
                assertThatThrownBy(search::result).hasMessageContaining("no descriptors");
                for (int from = 0; from < 5000; from += 1234)
                    search.add(base.rows(from, Math.min(5000, from + 1234)));
                assertThat(search.result().index()).containsExactly(whole.index());
                assertThat(search.result().similarity()).containsExactly(whole.similarity());
            }
        }
    }

    @Test
    void theBaselineComparesDifferentNoises() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor d = Tensor.of(arena, Shape.of(3, 2), 1f, 0f, 1f, 0.1f, 0f, 1f);
            Scores.Similarities s = Scores.withinModel(d, 0.6);
            assertThat(s.score().count()).isEqualTo(1);
            assertThat(s.values()[2]).isEqualTo(0f);
            assertThatThrownBy(() -> Scores.withinModel(d.rows(0, 1), 0.6)).hasMessageContaining("at least 2");
        }
    }

    @Test
    void maeCountsPairsCloserThanTheThreshold() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor a = Tensor.allocate(arena, DType.FLOAT32, Shape.of(3, 1, 2, 2)),
                    b = Tensor.allocate(arena, DType.FLOAT32, Shape.of(3, 1, 2, 2));
            // Pixel 128 everywhere; then exactly 15 apart, one pixel 56 apart, all 16 apart.
            for (int e = 0; e < 4; e++) {
                b.setFloat(e, 15.1f / 127.5f);
                b.setFloat(8 + e, -15.9f / 127.5f);
            }
            b.setFloat(4, 56.2f / 127.5f);
            Scores.Distances d = Scores.mae(a, b, 15.0);
            assertThat(d.values()).containsExactly(15, 14, 16);
            assertThat(d.score().count()).isEqualTo(1);
            assertThatThrownBy(() -> Scores.mae(a, b.rows(0, 2), 15)).hasMessageContaining("one shape");
        }
    }

    private static Tensor random(Arena arena, int n, int k, Random random) {
        Tensor t = Tensor.allocate(arena, DType.FLOAT32, Shape.of(n, k));
        for (int i = 0; i < n * k; i++)
            t.setFloat(i, (float) random.nextGaussian());
        return Similarity.normalize(t, arena);
    }

    /** Blocks of the search and their edges: the same index and bits as a plain loop, for any number of threads. */
    @ParameterizedTest
    @CsvSource({"1, 1, 3", "5, 2047, 16", "9, 2049, 19", "1030, 40, 24", "2, 4100, 300"})
    void nearestIsTheLargestDotProductBitForBit(int n, int m, int k) {
        Random random = new Random(SEED + n);
        try (Arena arena = Arena.ofShared(); Workers one = new Workers(1); Workers three = new Workers(3)) {
            Tensor q = random(arena, n, k, random), base = random(arena, m, k, random);
            Similarity.Nearest a = Similarity.nearest(q, base, one), b = Similarity.nearest(q, base, three);
            assertThat(b.similarity()).containsExactly(a.similarity());
            assertThat(b.index()).containsExactly(a.index());
            for (int i = 0; i < n; i += Math.max(1, n / 7)) {
                int best = 0;
                for (int j = 1; j < m; j++)
                    if (Similarity.dot(q, i, base, j, k) > Similarity.dot(q, i, base, best, k)) best = j;
                assertThat(a.index()[i]).as("seed %d, query %d", SEED + n, i).isEqualTo(best);
                assertThat(a.similarity()[i]).isEqualTo(Similarity.dot(q, i, base, best, k));
            }
        }
    }

    @Test
    void glCountsSamplesThatAreNoCopies() {
        Random random = new Random(SEED);
        try (Arena arena = Arena.ofShared(); Workers workers = new Workers(2)) {
            Tensor train = random(arena, 500, 64, random), samples = random(arena, 4, 64, random);
            for (int e = 0; e < 64; e++)
                samples.setFloat(2 * 64 + e, 3 * train.getFloat(77 * 64 + e));
            Scores.Originality gl = Scores.gl(samples, train, 0.6, workers);
            assertThat(gl.nearest()[2]).isEqualTo(77);
            assertThat(gl.similarity()[2]).isCloseTo(1f, within(1e-6f));
            assertThat(gl.score().count()).isEqualTo(3);
            assertThat(gl.score().value()).isEqualTo(0.75);
        }
    }

    @Test
    void ofEqualNeighboursTheFirstIsTaken() {
        try (Arena arena = Arena.ofShared(); Workers workers = new Workers(1)) {
            Tensor base = Tensor.allocate(arena, DType.FLOAT32, Shape.of(5000, 2));
            for (int i = 0; i < 5000; i++)
                base.setFloat(2 * i + (i < 40 ? 1 : 0), 1);
            Similarity.Nearest n = Similarity.nearest(Tensor.of(arena, Shape.of(1, 2), 1f, 0f), base, workers);
            assertThat(n.index()[0]).isEqualTo(40);
        }
    }

    @Test
    void aDescriptorWithoutDirectionIsAnError() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor d = Tensor.of(arena, Shape.of(2, 2), 1f, 0f, 0f, 0f);
            assertThatThrownBy(() -> Scores.rp(d, d, 0.6)).hasMessageContaining("descriptor 1");
        }
    }
}
