package dev.reprise.samplers.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.Sampler;
import dev.reprise.samplers.Samplers;
import dev.reprise.samplers.noise.Noise;
import dev.reprise.samplers.noise.TorchGenerator;
import dev.reprise.samplers.schedule.Edm;
import dev.reprise.samplers.schedule.RectifiedFlow;
import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.schedule.SubVp;
import dev.reprise.samplers.schedule.Ve;
import dev.reprise.samplers.schedule.Vp;
import dev.reprise.samplers.schedule.VpDiscrete;
import dev.reprise.samplers.solver.Progress;
import dev.reprise.samplers.solver.Run;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkDenoiserTest {
    private static final Shape SAMPLE = Shape.of(3, 4, 4);
    private static final VpDiscrete DDPM = VpDiscrete.linear(1e-4, 0.02, 1000);

    private static ModelSpec spec(Parameterization p, Schedule k, TimeConvention time, ModelSpec.Classes classes) {
        return new ModelSpec("test", p, k, time, new ModelSpec.Inputs("x", "t", classes == null ? null : "y"), "out", SAMPLE,
                ModelSpec.Range.SYMMETRIC, classes, null);
    }

    /** Some smooth function of a row, its time and its class: all float arithmetic, row by row. */
    private static final Network NETWORK = (x, time, label, out) -> {
        int size = (int) SAMPLE.size();
        for (int i = 0; i < x.shape().dimInt(0); i++)
            for (int e = 0; e < size; e++) {
                float c = label == null ? 0 : label.getLong(i);
                out.setFloat((long) i * size + e,
                        0.3f * x.getFloat((long) i * size + (e + 1) % size) + 0.0001f * time.getFloat(i) + 0.1f * c);
            }
    };

    static Stream<Arguments> parameterizations() {
        return Stream.of(Arguments.of(new Parameterization.Epsilon(), DDPM), Arguments.of(new Parameterization.X0(), Vp.DEFAULT),
                Arguments.of(new Parameterization.V(), DDPM), Arguments.of(new Parameterization.V(), Vp.DEFAULT),
                Arguments.of(new Parameterization.Epsilon(), SubVp.DEFAULT), Arguments.of(new Parameterization.Epsilon(), Ve.DEFAULT),
                Arguments.of(new Parameterization.Score(), Vp.DEFAULT), Arguments.of(new Parameterization.Score(), Ve.DEFAULT),
                Arguments.of(new Parameterization.Ve(), Ve.DEFAULT),
                Arguments.of(new Parameterization.Velocity(), new RectifiedFlow(1e-3, 0.999)),
                Arguments.of(new Parameterization.Velocity(), Vp.DEFAULT),
                Arguments.of(new Parameterization.Consistency(0.5, 0.001), Edm.DEFAULT),
                Arguments.of(new Parameterization.Edm(0.5), Edm.DEFAULT));
    }

    /** A network that answers with the truth about a known x_0 and ε makes the denoiser return x_0. */
    @ParameterizedTest
    @MethodSource("parameterizations")
    void theTruthInEveryParameterizationIsTheCleanImage(Parameterization p, Schedule k) {
        double x0 = 0.25, eps = -0.75;
        for (double t : new double[]{k.tMin(), 0.5 * (k.tMin() + k.tMax()), k.tMax()}) {
            double s = k.s(t), sigma = k.sigma(t), v2 = sigma * sigma + 0.25;
            double target = switch (p) {
                case Parameterization.Epsilon noise -> eps;
                case Parameterization.X0 clean -> x0;
                case Parameterization.V mix -> s * eps - s * sigma * x0;
                case Parameterization.Score score -> -eps / (s * sigma);
                case Parameterization.Ve ve -> -eps;
                case Parameterization.Velocity straight -> eps - x0;
                // A consistency model's D at σ is the image.
                case Parameterization.Consistency one -> (x0 - 0.25 / (Math.pow(sigma - one.sigmaMin(), 2) + 0.25) * (x0 + sigma * eps))
                        * Math.sqrt(v2) / ((sigma - one.sigmaMin()) * 0.5);
                // F's target in the EDM paper, eq. 8, with σ_data 0.5.
                case Parameterization.Edm raw -> (x0 - 0.25 / v2 * (x0 + sigma * eps)) * Math.sqrt(v2) / (sigma * 0.5);
            };
            Parameterization.Factors c = p.at(s, sigma);
            assertThat(c.skip() * (x0 + sigma * eps) + c.out() * target).as("%s at t %s of %s", p, t, k).isCloseTo(x0,
                    within(1e-12 * (1 + sigma)));
            double in = p instanceof Parameterization.Edm || p instanceof Parameterization.Consistency ? 1 / Math.sqrt(v2) : s;
            assertThat(c.in()).isCloseTo(in, within(1e-15));
        }
    }

    @Test
    void timeIsToldInTheModelsConvention() {
        double sigma = DDPM.sigma(DDPM.timeOf(421));
        assertThat(TimeConvention.INDEX.time(DDPM, sigma)).isEqualTo(421);
        assertThat(TimeConvention.CONTINUOUS.time(Vp.DEFAULT, Vp.DEFAULT.sigma(0.3))).isCloseTo(0.3, within(1e-13));
        assertThat(TimeConvention.INDEX.time(Vp.DEFAULT, Vp.DEFAULT.sigma(0.3))).isCloseTo(299.7, within(1e-9));
        assertThat(TimeConvention.CNOISE.time(Edm.DEFAULT, Math.E)).isCloseTo(0.25, within(1e-15));
        assertThat(TimeConvention.SIGMA.time(Edm.DEFAULT, 3)).isEqualTo(3);
        assertThatThrownBy(() -> TimeConvention.named("tick")).hasMessageContaining("continuous");
    }

    static Stream<Arguments> samplers() {
        List<Arguments> all = new ArrayList<>();
        for (String name : Samplers.NAMES)
            for (int batch : new int[]{1, 3, 16})
                all.add(Arguments.of(name, batch));
        return all.stream();
    }

    /** Fresh noise of torch's generators, one a seed, for the samplers that want it. */
    private static Run run(long seed, int rows) {
        TorchGenerator[] g = new TorchGenerator[rows];
        for (int i = 0; i < rows; i++)
            g[i] = new TorchGenerator(seed + i);
        return new Run(Progress.NONE, false, null, (row, z) -> System.arraycopy(g[row].randnDouble(z.length), 0, z, 0, z.length));
    }

    /** The heart of the contract: a sample's bits do not depend on the batch it rides in, nor on the network's. */
    @ParameterizedTest
    @MethodSource("samplers")
    void aSampleDoesNotDependOnItsBatch(String name, int batch) {
        ModelSpec spec = spec(new Parameterization.Epsilon(), DDPM, TimeConvention.INDEX, new ModelSpec.Classes(4, null, List.of()));
        try (Arena arena = Arena.ofConfined();
                NetworkDenoiser all = new NetworkDenoiser(spec, NETWORK, 4);
                NetworkDenoiser one = new NetworkDenoiser(spec, NETWORK, 1)) {
            Tensor noise = Noise.perSeed(arena, 10, 16, SAMPLE);
            long[] labels = {0, 1, 2, 3, 2, 1, 0};
            Sampler sampler = Samplers.named(name, 7).withBatch(batch);
            Tensor x = sampler.sample(all.labelled(labels), DDPM, noise, arena, run(10, 7));
            for (int i : new int[]{0, 3, 6}) {
                Tensor alone = sampler.sample(one.labelled(labels[i]), DDPM, noise.rows(i, i + 1), arena, run(10 + i, 1));
                assertThat(alone.sha256()).as("row %d", i).isEqualTo(x.rows(i, i + 1).sha256());
            }
        }
    }

    @Test
    void classesReachTheirRows() {
        ModelSpec spec = spec(new Parameterization.X0(), Vp.DEFAULT, TimeConvention.CONTINUOUS,
                new ModelSpec.Classes(3, 3, List.of("a", "b", "c")));
        List<String> seen = new ArrayList<>();
        Network listening = (x, time, label, out) -> {
            StringBuilder b = new StringBuilder();
            for (int i = 0; i < label.size(); i++)
                b.append(label.getLong(i));
            seen.add(b.toString());
        };
        try (NetworkDenoiser d = new NetworkDenoiser(spec, listening, 4)) {
            double[][] x = new double[7][48], out = new double[7][48];
            double[] sigma = {1, 1, 1, 1, 1, 1, 1};
            d.labelled(0, 1, 2, 0, 1, 2, 3).denoise(x, sigma, out);
            // Pieces of four, then powers of two.
            assertThat(seen).containsExactly("0120", "12", "3");
            seen.clear();
            d.labelled(0, 1, 2, 0, 1, 2, 3).rows(6, 2).denoise(new double[2][48], new double[]{1, 1}, new double[2][48]);
            assertThat(seen).containsExactly("32");
            seen.clear();
            d.denoise(new double[2][48], new double[]{1, 1}, new double[2][48]);
            assertThat(seen).containsExactly("33");
            assertThatThrownBy(() -> d.labelled(4)).hasMessageContaining("0 to 2");
            assertThatThrownBy(() -> d.labelled(1).denoise(x, sigma, out)).hasMessageContaining("7 rows");
        }
        ModelSpec always = spec(new Parameterization.X0(), Vp.DEFAULT, TimeConvention.CONTINUOUS,
                new ModelSpec.Classes(3, null, List.of()));
        try (NetworkDenoiser d = new NetworkDenoiser(always, NETWORK, 4)) {
            assertThatThrownBy(() -> d.denoise(new double[1][48], new double[]{1}, new double[1][48]))
                    .hasMessageContaining("needs a class");
        }
        ModelSpec never = spec(new Parameterization.X0(), Vp.DEFAULT, TimeConvention.CONTINUOUS, null);
        try (NetworkDenoiser d = new NetworkDenoiser(never, NETWORK, 4)) {
            assertThatThrownBy(() -> d.labelled(0)).hasMessageContaining("unconditional");
            assertThatThrownBy(() -> d.denoise(new double[1][48], new double[]{1e6}, new double[1][48])).hasMessageContaining("outside");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ddim", "heun", "dpm-solver-3", "rk45"})
    void progressRisesToOneAndMayStop(String name) {
        ModelSpec spec = spec(new Parameterization.Epsilon(), Vp.DEFAULT, TimeConvention.CONTINUOUS, null);
        try (Arena arena = Arena.ofConfined(); NetworkDenoiser d = new NetworkDenoiser(spec, NETWORK, 4)) {
            Tensor noise = Noise.perSeed(arena, 0, 4, SAMPLE);
            Sampler sampler = Samplers.named(name, 6).withBatch(2);
            List<Double> heard = new ArrayList<>();
            sampler.sample(d, Vp.DEFAULT, noise, arena, heard::add);
            assertThat(heard).isSorted().hasSizeGreaterThan(3);
            assertThat(heard.getLast()).isCloseTo(1, within(1e-12));
            assertThatThrownBy(() -> sampler.sample(d, Vp.DEFAULT, noise, arena, done -> done < 0.5))
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("%");
        }
    }

    @Test
    void namesAndOptionsAreChecked() {
        assertThatThrownBy(() -> Samplers.named("magic", 10)).hasMessageContaining("magic").hasMessageContaining("heun");
        assertThatThrownBy(() -> Samplers.named("heun", 10, Map.of("speed", "9"))).hasMessageContaining("rho, sigma-max");
        assertThatThrownBy(() -> Samplers.named("rk45", 10, Map.of("rtol", "small"))).hasMessageContaining("rtol");
        assertThatThrownBy(() -> Samplers.named("ddim", 0)).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> Samplers.named("ddim", 3, Map.of("grid", "odd"))).hasMessageContaining("trailing");
        assertThat(Samplers.named("edm-heun", 18)).isEqualTo(Samplers.named("heun", 18));
        assertThatThrownBy(() -> spec(new Parameterization.V(), Edm.DEFAULT, TimeConvention.SIGMA, null))
                .hasMessageContaining("variance-preserving");
        assertThatThrownBy(() -> Parameterization.named("eps", 0.5)).hasMessageContaining("epsilon");
    }

    @Test
    void aNetworkThatGivesNaNStopsRk45WithAReason() {
        ModelSpec spec = spec(new Parameterization.Epsilon(), Vp.DEFAULT, TimeConvention.CONTINUOUS, null);
        Network broken = (x, time, label, out) -> {
            for (int i = 0; i < out.size(); i++)
                out.setFloat(i, Float.NaN);
        };
        try (Arena arena = Arena.ofConfined(); NetworkDenoiser d = new NetworkDenoiser(spec, broken, 4)) {
            Tensor noise = Tensor.allocate(arena, DType.FLOAT32, Shape.of(1, 3, 4, 4));
            assertThatThrownBy(() -> Samplers.named("rk45", 0).sample(d, Vp.DEFAULT, noise, arena, Progress.NONE))
                    .isInstanceOf(ArithmeticException.class)
                    .hasMessageContaining("finite");
        }
    }
}
