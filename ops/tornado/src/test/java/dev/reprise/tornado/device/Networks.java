package dev.reprise.tornado.device;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.plan.Plan;
import dev.reprise.engine.plan.PlanOptions;
import dev.reprise.ops.device.Device;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Graphs of one operator, run on a device and on the CPU. */
final class Networks {
    private Networks() {}

    /**
     * What came out.
     *
     * @param share of the multiplications and additions that the device did, 1 where there are none and pieces ran on it
     */
    record Result(float[] expected, float[] found, int pieces, double share) {
        /** The greatest difference, in parts of the greatest value. */
        double difference() {
            double worst = 0, most = 1e-30;
            for (int i = 0; i < expected.length; i++) {
                double d = Math.abs((double) expected[i] - found[i]);
                worst = d >= 0 ? Math.max(worst, d) : expected[i] == found[i] ? worst : Double.POSITIVE_INFINITY;
                most = Math.max(most, Math.abs(expected[i]));
            }
            return worst / most;
        }
    }

    /** An operator on float32 inputs: the first is given at each run, the others are constants where asked, and integers are always. */
    static Model one(String opType, int opset, Attributes attributes, boolean constants, Random random, Object... inputs) {
        Arena arena = Arena.ofShared();
        List<Value> in = new ArrayList<>(), given = new ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
            int index = i;
            switch (inputs[i]) {
                case null -> in.add(null);
                case long[] list -> in.add(Value.constant("c" + i, Tensor.of(arena, Shape.of(list.length), list)));
                case float[] list -> in.add(Value.constant("c" + i, Tensor.of(arena, Shape.of(list.length), list)));
                case Shape s when index > 0 && constants -> in.add(Value.constant("w" + i, random(arena, s, random)));
                case Shape s -> {
                    Value v = new Value("x" + i, ValueType.of(DType.FLOAT32, s));
                    in.add(v);
                    given.add(v);
                }
                default -> throw new IllegalArgumentException("" + inputs[i]);
            }
        }
        Value out = new Value("y", null);
        Graph g = new Graph("one", given, List.of(out),
                new ArrayList<>(List.of(new Node("n", "", opType, opset, in, List.of(out), attributes))));
        return new Model(g, new Model.Info(opType, "", 8, opset, "test", Map.of()), arena);
    }

    static Tensor random(Arena arena, Shape s, Random random) {
        Tensor t = Tensor.allocate(arena, DType.FLOAT32, s);
        for (long i = 0; i < t.size(); i++)
            t.setFloat(i, (float) random.nextGaussian());
        return t;
    }

    /** Runs a model on both with random inputs. @param batch of dimensions that are not fixed */
    static Result both(Model m, Device device, Random random, int batch) {
        try (Session cpu = m.session(SessionOptions.DEFAULT.threads(1));
                Session other = m.session(SessionOptions.DEFAULT.threads(1).plan(PlanOptions.DEFAULT.device(device)));
                Arena arena = Arena.ofShared()) {
            Map<String, Tensor> in = new LinkedHashMap<>();
            for (Value v : m.graph().inputs())
                in.put(v.name(), input(arena, v, random, batch));
            float[] expected = cpu.run(in, arena).values().iterator().next().toFloats(),
                    found = other.run(in, arena).values().iterator().next().toFloats();
            Plan p = other.plan(in.values().stream().map(Tensor::shape).toList());
            long there = p.pieces().stream().mapToLong(Device.Piece::flops).sum();
            return new Result(expected, found, p.pieces().size(), p.flops() == 0 ? 1 : (double) there / p.flops());
        }
    }

    private static Tensor input(Arena arena, Value v, Random random, int batch) {
        ValueType.TensorType t = (ValueType.TensorType) v.type();
        Shape s = Shape.of(t.dims().stream().mapToLong(d -> d instanceof ValueType.Dim.Known k ? k.size() : batch).toArray());
        if (t.dtype() == DType.FLOAT32 && s.rank() > 1) return random(arena, s, random);
        Tensor x = Tensor.allocate(arena, t.dtype(), s);
        for (long i = 0; i < x.size(); i++) {
            if (t.dtype() == DType.FLOAT32) x.setFloat(i, random.nextFloat());
            else x.setLong(i, random.nextInt(3));
        }
        return x;
    }
}
