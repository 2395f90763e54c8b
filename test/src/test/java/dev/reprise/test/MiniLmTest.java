package dev.reprise.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.operator.WeightCache;
import dev.reprise.engine.plan.Interpreter;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A transformer with trained weights, all-MiniLM-L6-v2, against ONNX Runtime: sequences of several lengths, some padded. */
class MiniLmTest {
    private static final double TOLERANCE = 1e-4;
    private static final int VOCABULARY = 30522;

    @Test
    void matchesOnnxRuntime() throws IOException, OrtException {
        byte[] bytes;
        try (InputStream in = MiniLmTest.class.getResourceAsStream("/all-minilm-l6-v2.onnx")) {
            bytes = in.readAllBytes();
        }
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (Model model = OnnxLoader.load(bytes, "all-minilm-l6-v2.onnx");
                Session session = model.session(SessionOptions.DEFAULT.threads(2));
                OrtSession peer = environment.createSession(bytes)) {
            for (int[] shape : new int[][]{{1, 7}, {3, 21}})
                try (Arena arena = Arena.ofShared()) {
                    Map<String, Tensor> in = inputs(model, shape[0], shape[1], arena);
                    Map<String, float[]> want = run(environment, peer, in);
                    Map<String, Tensor> out = session.run(in, arena);
                    assertEquals(want.keySet(), out.keySet());
                    out.forEach((name, t) -> assertClose(want.get(name), t, name + " of " + shape[0] + " x " + shape[1] + " tokens"));
                    if (shape[0] == 1) nodeByNode(model, in, out, want, arena);
                }
        }
    }

    private static void nodeByNode(Model model, Map<String, Tensor> in, Map<String, Tensor> out, Map<String, float[]> want, Arena arena) {
        try (Workers workers = new Workers(2)) {
            List<Datum> ordered = new ArrayList<>();
            for (Value v : model.graph().inputs())
                ordered.add(in.get(v.name()));
            List<Datum> got = new Interpreter(arena, workers, new WeightCache(arena)).run(model.graph(), ordered);
            int i = 0;
            for (String name : out.keySet())
                assertClose(want.get(name), (Tensor) got.get(i++), name + ", node by node");
        }
    }

    private static Map<String, Tensor> inputs(Model model, int batch, int length, Arena arena) {
        Random random = new Random(31L * batch + length);
        Map<String, Tensor> in = new LinkedHashMap<>();
        for (Value v : model.graph().inputs())
            in.put(v.name(), Tensor.allocate(arena, DType.INT64, Shape.of(batch, length)));
        for (int b = 0; b < batch; b++)
            for (int i = 0, used = length - 2 * b; i < length; i++) {
                long at = (long) b * length + i;
                in.get("input_ids").setLong(at,
                        i == 0 ? 101 : i == used - 1 ? 102 : i < used ? 1000 + random.nextInt(VOCABULARY - 1000) : 0);
                in.get("attention_mask").setLong(at, i < used ? 1 : 0);
            }
        return in;
    }

    private static Map<String, float[]> run(OrtEnvironment environment, OrtSession peer, Map<String, Tensor> in) throws OrtException {
        Map<String, OnnxTensor> tensors = new HashMap<>();
        for (Map.Entry<String, Tensor> e : in.entrySet())
            tensors.put(e.getKey(),
                    OnnxTensor.createTensor(environment, LongBuffer.wrap(e.getValue().toLongs()), e.getValue().shape().dims()));
        try (OrtSession.Result result = peer.run(tensors)) {
            Map<String, float[]> out = new LinkedHashMap<>();
            result.forEach(e -> {
                FloatBuffer b = ((OnnxTensor) e.getValue()).getFloatBuffer();
                float[] v = new float[b.remaining()];
                b.get(v);
                out.put(e.getKey(), v);
            });
            return out;
        } finally {
            tensors.values().forEach(OnnxTensor::close);
        }
    }

    private static void assertClose(float[] want, Tensor got, String what) {
        float[] found = got.toFloats();
        assertEquals(want.length, found.length, what);
        double largest = 0, difference = 0;
        for (int i = 0; i < want.length; i++) {
            largest = Math.max(largest, Math.abs(want[i]));
            double d = Math.abs((double) want[i] - found[i]);
            difference = d >= 0 ? Math.max(difference, d) : Double.POSITIVE_INFINITY;
        }
        assertTrue(largest > 0 && difference <= TOLERANCE * largest, what + ": relative error " + difference / largest);
    }
}
