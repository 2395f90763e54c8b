package dev.reprise.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.engine.operator.WeightCache;
import dev.reprise.engine.plan.Interpreter;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.Samplers;
import dev.reprise.samplers.model.ModelSpec;
import dev.reprise.samplers.model.Network;
import dev.reprise.samplers.model.NetworkDenoiser;
import dev.reprise.samplers.model.Parameterization;
import dev.reprise.samplers.model.TimeConvention;
import dev.reprise.samplers.noise.Noise;
import dev.reprise.samplers.schedule.Edm;
import dev.reprise.samplers.solver.Progress;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Winograd's transform costs in accuracy, on a DDPM++ U-Net of 32 and 64 channels with random weights: its rounding
 * errors are larger than those of sums taken directly ({@code --exact}), but stay of their kind.
 */
class WinogradErrorTest {
    private static final SessionOptions FAST = SessionOptions.DEFAULT.threads(2), EXACT = FAST.plan(FAST.plan().exact(true));

    @TempDir
    static Path folder;
    static Path file;

    @BeforeAll
    static void write() { file = Zoo.network(folder, "ddpmpp-32"); }

    @Test
    void withinEightTimesTheErrorOfDirectSums() {
        try (Model model = OnnxLoader.load(file);
                Session fast = model.session(FAST);
                Session exact = model.session(EXACT);
                Workers workers = new Workers(2);
                Arena arena = Arena.ofShared()) {
            Map<String, Tensor> in = BitsOf.inputs(model, 0, 1, arena);
            List<Tensor> doubles = in.values().stream().map(t -> Doubles.of(t, arena)).toList();
            List<Datum> out = new Interpreter(arena, workers, WeightCache.none(arena)).run(Doubles.of(model.graph(), arena), doubles);
            Tensor truth = (Tensor) out.getFirst();
            double direct = error(truth, exact.run(in, arena)), winograd = error(truth, fast.run(in, arena));
            System.out.printf("error against float64, of the root mean square: direct %.2e, Winograd %.2e%n", direct, winograd);
            assertThat(direct).isBetween(1e-9, 1e-5);
            assertThat(winograd).isGreaterThan(direct).isLessThan(8 * direct);
        }
    }

    private static double error(Tensor truth, Map<String, Tensor> got) {
        Tensor t = got.values().iterator().next();
        double error = 0, size = 0;
        for (long i = 0; i < truth.size(); i++) {
            error += Math.pow(t.getFloat(i) - truth.getDouble(i), 2);
            size += Math.pow(truth.getDouble(i), 2);
        }
        return Math.sqrt(error / size);
    }

    /** 1/255 of the range of an image, which is 2 wide here. */
    @Test
    void imagesOfEighteenHeunStepsAreTheSameToOneTwohundredfiftyfifth() {
        Shape shape = Shape.of(3, 32, 32);
        ModelSpec spec = new ModelSpec("ddpmpp", new Parameterization.Edm(0.5), Edm.DEFAULT, TimeConvention.CNOISE,
                new ModelSpec.Inputs("x", "c_noise", null), null, shape, ModelSpec.Range.SYMMETRIC, null, null);
        try (Model model = OnnxLoader.load(file); Arena arena = Arena.ofShared()) {
            Tensor noise = Noise.perSeed(arena, 0, 0, shape);
            Tensor a = sample(model, FAST, spec, noise, arena), b = sample(model, EXACT, spec, noise, arena);
            double worst = 0;
            for (long i = 0; i < a.size(); i++)
                worst = Math.max(worst, Math.abs(Math.clamp(a.getFloat(i), -1, 1) - Math.clamp(b.getFloat(i), -1, 1)));
            System.out.printf("image of 18 Heun steps, largest difference: %.2e%n", worst);
            assertThat(a.sha256()).isNotEqualTo(b.sha256());
            assertThat(worst).isLessThan(2.0 / 255);
        }
    }

    private static Tensor sample(Model model, SessionOptions options, ModelSpec spec, Tensor noise, Arena arena) {
        try (Session session = model.session(options)) {
            Network network = (x, time, label, out) -> session.run(new Tensor[]{x, time}, new Tensor[]{out});
            try (NetworkDenoiser d = new NetworkDenoiser(spec, network, 1)) {
                return Samplers.named("heun", 18).sample(d, Edm.DEFAULT, noise, arena, Progress.NONE);
            }
        }
    }
}
