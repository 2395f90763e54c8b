package dev.reprise.bench;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The peer: its CPU provider with all its optimizations, which are its defaults, and that many threads inside operators. */
final class OnnxRuntime implements Subject {
    static final String NAME = "onnxruntime";

    /** What its checked exceptions become. */
    private static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Failed(OrtException e) { super("ONNX Runtime: " + e.getMessage(), e); }
    }

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final List<OnnxTensor> bound = new ArrayList<>();

    OnnxRuntime(Path file, int threads) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            session = environment.createSession(file.toString(), options);
        } catch (OrtException e) {
            throw new Failed(e);
        }
    }

    static String version() { return OrtEnvironment.getEnvironment().getVersion(); }

    @Override
    public List<Inputs.Spec> inputs() {
        try {
            List<Inputs.Spec> specs = new ArrayList<>();
            for (NodeInfo n : session.getInputInfo().values()) {
                TensorInfo t = (TensorInfo) n.getInfo();
                specs.add(new Inputs.Spec(n.getName(), dtype(t.type), t.getShape()));
            }
            return specs;
        } catch (OrtException e) {
            throw new Failed(e);
        }
    }

    private static DType dtype(OnnxJavaType t) {
        return switch (t) {
            case FLOAT -> DType.FLOAT32;
            case DOUBLE -> DType.FLOAT64;
            case INT64 -> DType.INT64;
            case INT32 -> DType.INT32;
            default -> throw new IllegalArgumentException("inputs of type " + t + " cannot be given to ONNX Runtime here");
        };
    }

    @Override
    public Run prepare(Map<String, Tensor> inputs, Arena arena) {
        Map<String, OnnxTensor> in = tensors(inputs);
        bound.addAll(in.values());
        return () -> {
            try {
                session.run(in).close();
            } catch (OrtException e) {
                throw new Failed(e);
            }
        };
    }

    @Override
    public float[] output(Map<String, Tensor> inputs) {
        Map<String, OnnxTensor> in = tensors(inputs);
        try (OrtSession.Result r = session.run(in)) {
            FloatBuffer b = ((OnnxTensor) r.get(0)).getFloatBuffer();
            float[] v = new float[b.remaining()];
            b.get(v);
            return v;
        } catch (OrtException e) {
            throw new Failed(e);
        } finally {
            in.values().forEach(OnnxTensor::close);
        }
    }

    private Map<String, OnnxTensor> tensors(Map<String, Tensor> inputs) {
        Map<String, OnnxTensor> out = new LinkedHashMap<>();
        inputs.forEach((name, t) -> out.put(name, tensor(name, t)));
        return out;
    }

    private OnnxTensor tensor(String name, Tensor t) {
        ByteBuffer bytes = t.data().asByteBuffer().order(ByteOrder.nativeOrder());
        long[] dims = t.shape().dims();
        try {
            return switch (t.dtype()) {
                case FLOAT32 -> OnnxTensor.createTensor(environment, bytes.asFloatBuffer(), dims);
                case FLOAT64 -> OnnxTensor.createTensor(environment, bytes.asDoubleBuffer(), dims);
                case INT64 -> OnnxTensor.createTensor(environment, bytes.asLongBuffer(), dims);
                case INT32 -> OnnxTensor.createTensor(environment, bytes.asIntBuffer(), dims);
                default -> throw new IllegalArgumentException(
                        "input '" + name + "' is " + t.dtype() + ", which cannot be given to ONNX Runtime here; use --against none");
            };
        } catch (OrtException e) {
            throw new Failed(e);
        }
    }

    @Override
    public void close() {
        bound.forEach(OnnxTensor::close);
        try {
            session.close();
        } catch (OrtException e) {
            throw new Failed(e);
        }
    }
}
