package dev.reprise.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.ops.tensor.DType;
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
import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.schedule.VpDiscrete;
import dev.reprise.samplers.solver.Progress;
import java.lang.foreign.Arena;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The main job from end to end: torch's noise, an exported network, a solver, against PyTorch ({@code test/recipes/sampling.py}). */
class SamplingParityTest {
    private static final Shape SAMPLE = Shape.of(3, 16, 16);
    /** Relative to the largest value: rounding of a float32 network, carried through all steps. */
    private static final double TOLERANCE = 1e-4;

    private static Path resource(String name) throws URISyntaxException {
        return Path.of(SamplingParityTest.class.getResource("/parity/" + name).toURI());
    }

    private static ModelSpec spec(String name, Parameterization p, Schedule k, TimeConvention time, String label,
            ModelSpec.Classes classes) {
        return new ModelSpec(name, p, k, time, new ModelSpec.Inputs("x", "t", label), null, SAMPLE, ModelSpec.Range.SYMMETRIC, classes,
                null);
    }

    @Test
    void ddimOfAnEpsilonNetworkWithIntegerTimes() throws URISyntaxException {
        VpDiscrete k = VpDiscrete.linear(1e-4, 0.02, 1000);
        ModelSpec spec = spec("ddpm", new Parameterization.Epsilon(), k, TimeConvention.INDEX, null, null);
        try (Model model = OnnxLoader.load(resource("ddpm-17.onnx"));
                Session session = model.session(SessionOptions.DEFAULT.threads(2));
                Arena arena = Arena.ofShared()) {
            Network network = (x, time, label, out) -> {
                Tensor t = Tensor.allocate(arena, DType.INT64, time.shape());
                for (int i = 0; i < t.size(); i++) {
                    assertEquals(Math.rint(time.getFloat(i)), time.getFloat(i), "DDIM visits whole steps");
                    t.setLong(i, (long) time.getFloat(i));
                }
                session.run(new Tensor[]{x, t}, new Tensor[]{out});
            };
            try (NetworkDenoiser d = new NetworkDenoiser(spec, network, 2)) {
                Tensor got = Samplers.named("ddim", 10).sample(d, k, Noise.perSeed(arena, 0, 2, SAMPLE), arena, Progress.NONE);
                assertClose("ddpm-ddim.npz", got, arena);
            }
        }
    }

    @Test
    void heunOfAClassConditionalDenoiser() throws URISyntaxException {
        ModelSpec spec = spec("edm", new Parameterization.X0(), Edm.DEFAULT, TimeConvention.SIGMA, "y",
                new ModelSpec.Classes(5, null, List.of()));
        try (Model model = OnnxLoader.load(resource("ddpmpp-edm-17.onnx"));
                Session session = model.session(SessionOptions.DEFAULT.threads(2));
                Arena arena = Arena.ofShared()) {
            Network network = (x, time, label, out) -> {
                Tensor oneHot = Tensor.allocate(arena, DType.FLOAT32, Shape.of(label.size(), 5));
                for (int i = 0; i < label.size(); i++)
                    oneHot.setFloat(5 * i + label.getLong(i), 1);
                session.run(new Tensor[]{x, time, oneHot}, new Tensor[]{out});
            };
            try (NetworkDenoiser d = new NetworkDenoiser(spec, network, 2)) {
                Tensor got = Samplers.named("heun", 9).sample(d.labelled(0, 1, 2), Edm.DEFAULT, Noise.perSeed(arena, 0, 2, SAMPLE), arena,
                        Progress.NONE);
                assertClose("ddpmpp-edm-heun.npz", got, arena);
            }
        }
    }

    private static void assertClose(String fixture, Tensor got, Arena arena) throws URISyntaxException {
        Map<String, Tensor> arrays = Npz.read(resource(fixture), arena);
        Tensor want = arrays.get("samples");
        assertEquals(want.shape(), got.shape());
        double largest = 0, worst = 0;
        for (long i = 0; i < want.size(); i++) {
            largest = Math.max(largest, Math.abs(want.getDouble(i)));
            worst = Math.max(worst, Math.abs(want.getDouble(i) - got.getFloat(i)));
        }
        assertTrue(worst <= TOLERANCE * largest, fixture + ": differs by " + worst + " where the largest value is " + largest);
    }
}
