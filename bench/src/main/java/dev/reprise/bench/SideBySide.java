package dev.reprise.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.reprise.bench.model.Networks;
import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.graph.ValueType.Dim;
import dev.reprise.engine.plan.Plan;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.loaders.onnx.OnnxWriter;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Reprise and ONNX Runtime on the same model, inputs, machine and threads, in one process: results are compared first,
 * then runs of both are timed in turn, so that what else the machine does falls on both alike.
 *
 * <pre>SideBySide [--threads 2] [--batch 1,8] [--seconds 10] [--profile] MODEL…</pre> with models by file name or from
 * {@link Networks}.
 */
public final class SideBySide {
    private static final String HELP = """
            usage: reprise bench [--threads 2] [--batch 1,8] [--seconds 10] [--profile] [MODEL…]
            Runs Reprise and ONNX Runtime on the same inputs in turn, after checking that their results agree; medians.
            MODEL: an ONNX file, or one of these networks with random weights:
            """ + String.join(", ", Networks.NAMES);

    /** Peers are held to what float32 networks of fifty layers agree on. */
    private static final double TOLERANCE = 1e-3;

    private final int threads;
    private final double seconds;
    private final boolean profile;
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();

    private SideBySide(int threads, double seconds, boolean profile) {
        this.threads = threads;
        this.seconds = seconds;
        this.profile = profile;
    }

    public static void main(String[] args) throws Exception {
        int threads = 2;
        double seconds = 10;
        boolean profile = false;
        List<Integer> batches = List.of(1, 8);
        List<String> models = new ArrayList<>();
        for (int i = 0; i < args.length; i++)
            switch (args[i]) {
            case "--help", "-h" -> {
                System.out.println(HELP);
                return;
            }
            case "--threads" -> threads = Integer.parseInt(args[++i]);
            case "--seconds" -> seconds = Double.parseDouble(args[++i]);
            case "--profile" -> profile = true;
            case "--batch" -> batches = Arrays.stream(args[++i].split(",")).map(Integer::parseInt).toList();
            default -> {
                if (args[i].startsWith("-")) {
                    System.err.println("unknown option " + args[i] + "\n" + HELP);
                    System.exit(2);
                }
                models.add(args[i]);
            }
            }
        if (models.isEmpty()) models.addAll(Networks.NAMES);
        System.out.printf("%-14s %5s %9s %9s %9s %9s %7s %15s %10s%n", "model", "batch", "reprise", "GFLOP/s", "peer", "GFLOP/s", "ratio",
                "(quartiles)", "difference");
        SideBySide s = new SideBySide(threads, seconds, profile);
        for (String m : models)
            s.measure(m, batches);
    }

    private void measure(String name, List<Integer> batches) throws IOException, OrtException {
        Path file = Path.of(name), temporary = null;
        if (!Files.exists(file)) {
            temporary = file = Files.createTempFile("reprise-bench", ".onnx");
            try (Model m = Networks.named(name)) {
                OnnxWriter.write(m, file);
            }
        }
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            try (OrtSession peer = environment.createSession(file.toString(), options);
                    Model model = OnnxLoader.load(file);
                    Session session = model.session(SessionOptions.DEFAULT.threads(threads))) {
                for (int b : batches)
                    compare(name, b, peer, session);
            }
        } finally {
            if (temporary != null) Files.delete(temporary);
        }
    }

    private void compare(String name, int batch, OrtSession peer, Session session) throws OrtException {
        try (Arena arena = Arena.ofShared()) {
            Map<String, Tensor> in = inputs(session.model(), batch, arena);
            Map<String, OnnxTensor> theirs = new LinkedHashMap<>();
            for (Map.Entry<String, Tensor> e : in.entrySet())
                theirs.put(e.getKey(), tensor(e.getValue()));
            double difference = difference(session.run(in, arena).values().iterator().next(), peer, theirs);
            if (!(difference <= TOLERANCE))
                throw new IllegalStateException(name + ": the results differ by " + difference + " of the largest value");
            Plan plan = session.plan(in.values().stream().map(Tensor::shape).toList());
            Tensor[] inputs = in.values().toArray(Tensor[]::new);
            Tensor[] outputs = session.run(in, arena).values().toArray(Tensor[]::new);
            List<Double> ours = new ArrayList<>(), peers = new ArrayList<>();
            long start = System.nanoTime();
            // The first third warms both up.
            for (long now = start; now - start < seconds * 1e9 || ours.size() < 5; now = System.nanoTime()) {
                boolean count = now - start > seconds * 1e9 / 3;
                long a = System.nanoTime();
                session.run(inputs, outputs);
                long b = System.nanoTime();
                peer.run(theirs).close();
                long c = System.nanoTime();
                if (count) {
                    ours.add((b - a) / 1e6);
                    peers.add((c - b) / 1e6);
                }
            }
            double[] ratios = new double[ours.size()];
            Arrays.setAll(ratios, i -> peers.get(i) / ours.get(i));
            Arrays.sort(ratios);
            double o = median(ours), p = median(peers), gflop = plan.flops() / 1e6;
            System.out.printf("%-14s %5d %7.2fms %9.1f %7.2fms %9.1f %7.2f (%5.2f - %5.2f) %10.1e%n",
                    name.substring(name.lastIndexOf('/') + 1), batch, o, gflop / o, p,
                    gflop / p, p / o, ratios[ratios.length / 4], ratios[ratios.length * 3 / 4], difference);
            if (profile) profile(session, in);
            theirs.values().forEach(OnnxTensor::close);
        }
    }

    private static void profile(Session session, Map<String, Tensor> in) {
        Map<String, double[]> byOperator = new LinkedHashMap<>();
        for (int i = 0; i < 20; i++)
            try (Arena arena = Arena.ofShared()) {
                session.runAny(in, arena, (node, kernel, nanos) -> {
                    double[] d = byOperator.computeIfAbsent(node.opType(), _ -> new double[3]);
                    d[0] += nanos / 20e6;
                    d[1] += kernel == null ? 0 : kernel.flops() / 20e6;
                    d[2] += 1 / 20.0;
                });
            }
        byOperator.entrySet().stream().sorted((a, b) -> Double.compare(b.getValue()[0], a.getValue()[0])).forEach(e -> System.out.printf(
                "    %-28s %5.0f nodes %9.3f ms %9.1f GFLOP/s%n", e.getKey(), e.getValue()[2], e.getValue()[0],
                e.getValue()[1] / e.getValue()[0]));
    }

    private static double median(List<Double> v) { return v.stream().sorted().skip(v.size() / 2).findFirst().orElseThrow(); }

    private static Map<String, Tensor> inputs(Model model, int batch, Arena arena) {
        Random random = new Random(batch);
        Map<String, Tensor> in = new LinkedHashMap<>();
        for (Value v : model.graph().inputs()) {
            ValueType.TensorType t = (ValueType.TensorType) v.type();
            Shape shape = Shape.of(t.dims().stream().mapToLong(d -> d instanceof Dim.Known(long size) ? size : batch).toArray());
            Tensor x = Tensor.allocate(arena, t.dtype(), shape);
            for (long i = 0; i < x.size(); i++)
                x.setDouble(i, t.dtype().isFloat() ? random.nextGaussian() : random.nextInt(5));
            in.put(v.name(), x);
        }
        return in;
    }

    private OnnxTensor tensor(Tensor t) throws OrtException {
        java.nio.ByteBuffer bytes = t.data().asByteBuffer().order(ByteOrder.nativeOrder());
        return switch (t.dtype()) {
            case FLOAT32 -> OnnxTensor.createTensor(environment, bytes.asFloatBuffer(), t.shape().dims());
            case INT64 -> OnnxTensor.createTensor(environment, bytes.asLongBuffer(), t.shape().dims());
            default -> throw new IllegalArgumentException("inputs of type " + t.dtype() + " cannot be given to the peer");
        };
    }

    private static double difference(Tensor ours, OrtSession peer, Map<String, OnnxTensor> in) throws OrtException {
        if (ours.dtype() != DType.FLOAT32) throw new IllegalArgumentException("the first output must be float32, found " + ours.dtype());
        try (OrtSession.Result r = peer.run(in)) {
            java.nio.FloatBuffer theirs = ((OnnxTensor) r.get(0)).getFloatBuffer();
            double worst = 0, largest = 0;
            for (int i = 0; i < ours.size(); i++) {
                worst = Math.max(worst, Math.abs((double) ours.getFloat(i) - theirs.get(i)));
                largest = Math.max(largest, Math.abs(theirs.get(i)));
            }
            return worst / largest;
        }
    }
}
