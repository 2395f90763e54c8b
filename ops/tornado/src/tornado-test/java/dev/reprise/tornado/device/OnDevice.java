package dev.reprise.tornado.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.plan.Plan;
import dev.reprise.engine.plan.PlanOptions;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.ops.device.Device;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What tests on a real device share. They fail where TornadoVM finds none: the profile is for machines that have one. */
final class OnDevice {
    static final List<String> NETWORKS = List.of("unet-ddpm", "unet-edm", "dit", "uvit");
    private static final Path MODELS = Path.of("../../models");

    private OnDevice() {}

    /** The first device of TornadoVM. */
    static TornadoDevice device() {
        TornadoProvider p = new TornadoProvider();
        assertThat(p.devices()).as(p.unavailable()).isNotEmpty();
        return (TornadoDevice) p.devices().getFirst();
    }

    static Path file(String network) { return MODELS.resolve(network + ".onnx"); }

    static Model load(String network) { return OnnxLoader.load(file(network)); }

    static SessionOptions cpu() { return SessionOptions.DEFAULT.threads(1); }

    /** On the device alone: what it refuses is an error. */
    static SessionOptions strictly(Device d) {
        return cpu().plan(PlanOptions.DEFAULT.device(d).strict(true));
    }

    static Map<String, Tensor> inputs(Model m, int batch, long seed, Arena arena) {
        Random random = new Random(seed);
        Map<String, Tensor> all = new LinkedHashMap<>();
        for (Value v : m.graph().inputs()) {
            ValueType.TensorType t = (ValueType.TensorType) v.type();
            Shape s = Shape.of(t.dims().stream().mapToLong(d -> d instanceof ValueType.Dim.Known k ? k.size() : batch).toArray());
            Tensor x = Tensor.allocate(arena, t.dtype(), s);
            for (long i = 0; i < x.size(); i++) {
                if (t.dtype() == DType.INT64) x.setLong(i, random.nextInt(3));
                else x.setFloat(i, s.rank() == 1 ? random.nextFloat() : (float) random.nextGaussian());
            }
            all.put(v.name(), x);
        }
        return all;
    }

    static float[] run(Session s, Map<String, Tensor> in, Arena arena) { return s.run(in, arena).values().iterator().next().toFloats(); }

    /** The greatest difference in parts of the greatest value. */
    static double difference(float[] expected, float[] found) {
        assertThat(found).hasSameSizeAs(expected);
        double worst = 0, most = 1e-30;
        for (int i = 0; i < expected.length; i++) {
            boolean same = Float.compare(expected[i], found[i]) == 0;
            double d = Math.abs((double) expected[i] - found[i]);
            // A NaN must not pass as no difference.
            worst = same ? worst : d >= 0 ? Math.max(worst, d) : Double.POSITIVE_INFINITY;
            if (Float.isFinite(expected[i])) most = Math.max(most, Math.abs(expected[i]));
        }
        return worst / most;
    }

    static Plan plan(Session s, Map<String, Tensor> in) { return s.plan(in.values().stream().map(Tensor::shape).toList()); }
}
