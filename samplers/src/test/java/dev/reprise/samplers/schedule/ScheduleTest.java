package dev.reprise.samplers.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduleTest {
    static Stream<Schedule> kernels() {
        return Stream.of(Vp.DEFAULT, new Vp(2, 2, 1e-3, 1), SubVp.DEFAULT, Ve.DEFAULT, Edm.DEFAULT, VpDiscrete.linear(1e-4, 0.02, 1000),
                VpDiscrete.scaledLinear(0.00085, 0.012, 1000), VpDiscrete.cosine(100), VpDiscrete.of(0.1, 0.2, 0.3),
                VpDiscrete.iddpm(1000, 0.001, 0.008), VpCosine.nichol(0.008, 1e-3, 0.9946), VpCosine.logSnr(-20, 20, 1e-3),
                RectifiedFlow.DEFAULT);
    }

    private static double[] inside(Schedule k) {
        double[] t = new double[21];
        for (int i = 0; i < t.length; i++)
            t[i] = i == 20 ? k.tMax() : k.tMin() + (k.tMax() - k.tMin()) * i / 20;
        return t;
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void timeIsTheInverseOfSigma(Schedule k) {
        for (double t : inside(k))
            assertThat(k.t(k.sigma(t))).as("t %s of %s", t, k).isCloseTo(t, within(1e-11 * Math.max(1, t)));
        assertThat(k.t(k.sigmaMin())).isCloseTo(k.tMin(), within(1e-15));
        assertThat(k.t(k.sigmaMax())).isCloseTo(k.tMax(), within(1e-15));
    }

    /** {@code f = d ln s/dt} and {@code g² = s² dσ²/dt}, by central differences where the kernel is smooth. */
    @ParameterizedTest
    @MethodSource("kernels")
    void driftAndDiffusionAreTheDerivatives(Schedule k) {
        double h = (k.tMax() - k.tMin()) * 1e-7;
        for (double t : inside(k)) {
            // Away from the ends, and from the kinks of a table.
            double u = k instanceof VpDiscrete d ? (Math.floor(t * d.steps() - 1) + 1.5) / d.steps() : t;
            if (u - h < k.tMin() || u + h > k.tMax()) continue;
            double f = (Math.log(k.s(u + h)) - Math.log(k.s(u - h))) / (2 * h);
            double v = (k.sigma(u + h) * k.sigma(u + h) - k.sigma(u - h) * k.sigma(u - h)) / (2 * h);
            assertThat(k.f(u)).as("f(%s) of %s", u, k).isCloseTo(f, within(1e-6 * (1 + Math.abs(f))));
            assertThat(k.g2(u)).as("g²(%s) of %s", u, k).isCloseTo(k.s(u) * k.s(u) * v, within(1e-6 * (1 + k.g2(u))));
        }
    }

    /** iDDPM's table as EDM writes it is the cosine schedule; the log-SNR of progressive distillation meets its ends. */
    @Test
    void cosineKernelsAgree() {
        VpDiscrete a = VpDiscrete.iddpm(1000, 0.001, 0.008), b = VpDiscrete.cosine(1000);
        for (int i = 0; i < 1000; i++)
            assertThat(a.sigma(a.timeOf(i))).isCloseTo(b.sigma(b.timeOf(i)), within(1e-9 * b.sigma(b.timeOf(i))));
        VpCosine c = VpCosine.nichol(0.008, 1e-3, 0.9946);
        // Step i of the table ends at (i + 1)/N of the continuous kernel.
        assertThat(c.sigma(0.5)).isCloseTo(b.sigma(b.timeOf(499)), within(1e-9));
        VpCosine p = VpCosine.logSnr(-20, 20, 1e-9);
        assertThat(p.logSnr(1)).isCloseTo(-20, within(1e-9));
        assertThat(p.logSnr(1e-9)).isCloseTo(20, within(1e-3));
    }

    @Test
    void variancePreservingKernelsPreserveIt() {
        for (Schedule k : new Schedule[]{Vp.DEFAULT, VpDiscrete.linear(1e-4, 0.02, 1000), VpCosine.nichol(0.008, 1e-3, 0.9946),
            VpCosine.logSnr(-20, 20, 1e-3)})
            for (double t : inside(k))
                assertThat(k.s(t) * k.s(t) + k.std(t) * k.std(t)).isCloseTo(1, within(1e-14));
        for (double t : inside(SubVp.DEFAULT))
            assertThat(SubVp.DEFAULT.std(t)).isCloseTo(1 - SubVp.DEFAULT.s(t) * SubVp.DEFAULT.s(t), within(1e-15));
    }

    /** Values computed with NumPy: cumprod(1 - linspace(...)) and the cosine formula. */
    @Test
    void tablesAreTheAuthors() {
        VpDiscrete linear = VpDiscrete.linear(1e-4, 0.02, 1000);
        assertThat(linear.alphaBar(0)).isCloseTo(0.9999, within(1e-15));
        assertThat(linear.alphaBar(499)).isCloseTo(0.078587242881778235, within(1e-13));
        assertThat(linear.alphaBar(999)).isCloseTo(4.0358297653756761e-05, within(1e-17));
        VpDiscrete scaled = VpDiscrete.scaledLinear(0.00085, 0.012, 1000);
        assertThat(scaled.alphaBar(999)).isCloseTo(0.0046600985130772384, within(1e-15));
        VpDiscrete cosine = VpDiscrete.cosine(1000);
        assertThat(cosine.alphaBar(499)).isCloseTo(0.4938435904406373, within(1e-12));
        assertThat(cosine.beta(999)).isEqualTo(0.999);
    }

    /** The index a network sees at a step's own noise level is the step, exactly: no rounding on the way there and back. */
    @Test
    void stepsOfATableAreExact() {
        for (int n : new int[]{2, 49, 100, 1000}) {
            VpDiscrete k = VpDiscrete.linear(1e-4, 0.02, n);
            for (int i = 0; i < n; i++)
                assertThat(k.indexOf(k.t(k.sigma(k.timeOf(i))))).isEqualTo(i);
        }
        assertThat(VpDiscrete.linear(1e-4, 0.02, 1000).indexOf(0.5005)).isCloseTo(499.5, within(1e-9));
    }

    @Test
    void spacingsMeetTheirEndsAndTheirRule() {
        double[] u = new Spacing.Uniform().times(Vp.DEFAULT, 4);
        assertThat(u).hasSize(5).startsWith(1).endsWith(1e-3);
        assertThat(u[2]).isCloseTo((1 + 1e-3) / 2, within(1e-15));
        double[] q = new Spacing.Quadratic().times(Vp.DEFAULT, 4);
        assertThat(Math.sqrt(q[1])).isCloseTo(Math.sqrt(1) + (Math.sqrt(1e-3) - 1) / 4, within(1e-15));
        double[] l = new Spacing.LogSnr().times(Vp.DEFAULT, 4);
        assertThat(Vp.DEFAULT.lambda(l[1])).isCloseTo(0.75 * Vp.DEFAULT.lambda(1) + 0.25 * Vp.DEFAULT.lambda(1e-3), within(1e-9));
        // The 18 steps of EDM on CIFAR-10: the second noise level, from the formula in NumPy.
        double[] edm = new Spacing.Karras(7).times(Edm.DEFAULT, 17);
        assertThat(edm).hasSize(18).startsWith(80).endsWith(0.002);
        assertThat(edm[1]).isCloseTo(57.58598472124816, within(1e-11));
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatThrownBy(() -> new Edm(0, 80, 7, 0.5)).hasMessageContaining("sigmaMin");
        assertThatThrownBy(() -> new Vp(20, 0.1, 1e-3, 1)).hasMessageContaining("betaMin");
        assertThatThrownBy(() -> VpDiscrete.of(0.1, 1.0)).hasMessageContaining("step 1");
        assertThatThrownBy(() -> Vp.DEFAULT.t(1e-4)).hasMessageContaining("outside");
        assertThatThrownBy(() -> Edm.DEFAULT.t(81)).hasMessageContaining("81");
        assertThatThrownBy(() -> new Spacing.Uniform().times(Vp.DEFAULT, 0)).hasMessageContaining("at least 1");
    }
}
