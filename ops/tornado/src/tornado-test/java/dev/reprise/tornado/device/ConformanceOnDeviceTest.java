package dev.reprise.tornado.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.operator.OperatorException;
import dev.reprise.engine.plan.PlanOptions;
import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.onnx.DatumReader;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.ops.device.Device;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** ONNX's own cases of every operator that the device claims. */
class ConformanceOnDeviceTest {
    private static final Path DATA = Path.of(System.getProperty("reprise.testdata", "/usr/share/libonnx-testdata/data"));
    /** The suite's own tolerance, and what the device is held to against the CPU. */
    private static final double RELATIVE = 1e-3, ABSOLUTE = 1e-7, CLOSE = 1e-4;

    @Test
    void claimedOperatorsPassTheirCases() throws IOException {
        assertThat(DATA.resolve("node")).as("the ONNX conformance data").isDirectory();
        Device d = OnDevice.device();
        List<Path> cases = new ArrayList<>();
        for (String group : List.of("node", "pytorch-operator", "pytorch-converted", "simple"))
            try (Stream<Path> s = Files.list(DATA.resolve(group))) {
                s.filter(p -> Files.exists(p.resolve("model.onnx"))).sorted().forEach(cases::add);
            }
        Map<String, Integer> ran = new TreeMap<>();
        List<String> failures = new ArrayList<>();
        for (Path c : cases)
            try {
                String failure = one(c, d, ran);
                if (failure != null) failures.add(c.getFileName() + ": " + failure);
            } catch (LoadException e) {
                // Not the device's: Reprise refuses the model, and its own conformance test says which it may.
                assertThat(e.unsupported()).as(c + ": " + e.getMessage()).isTrue();
            } catch (OperatorException e) {
                // Constants may ask for what Reprise refuses, such as Dropout in training.
                if (!e.unsupported()) failures.add(c.getFileName() + ": " + e);
            } catch (RuntimeException e) {
                failures.add(c.getFileName() + ": " + e);
            }
        System.out.println("operators on the device, with the number of their cases: " + ran);
        assertThat(failures).isEmpty();
        assertThat(ran.values().stream().mapToInt(i -> i).sum()).as("cases on the device").isGreaterThan(200);
    }

    /**
     * Why the case fails; null where it passes, or where the device takes nothing of it. Cases give as inputs what models have as
     * constants, such as scales and axes; without those no shape is known and the device takes nothing, so they are tried both ways.
     */
    private static String one(Path folder, Device d, Map<String, Integer> ran) {
        for (boolean constants : new boolean[]{false, true}) {
            String failure = one(folder, d, constants, ran);
            if (failure != null) return (constants ? "with constants: " : "") + failure;
        }
        return null;
    }

    private static String one(Path folder, Device d, boolean constants, Map<String, Integer> ran) {
        try (Model m = OnnxLoader.load(folder.resolve("model.onnx")); Arena arena = Arena.ofShared()) {
            if (!m.problems().isEmpty() || !tensors(m)) return null;
            Path set = folder.resolve("test_data_set_0");
            Map<String, Tensor> in = new LinkedHashMap<>();
            for (int i = 0; i < m.graph().inputs().size(); i++) {
                Value v = m.graph().inputs().get(i);
                Path file = set.resolve("input_" + i + ".pb");
                if (!Files.exists(file)) return null;
                Tensor t = (Tensor) DatumReader.read(file, v.type(), arena);
                // A few cases contradict their own declarations: what sessions refuse is the interpreter's.
                ValueType.TensorType type = (ValueType.TensorType) v.type();
                if (t.dtype() != type.dtype() || type.shape() != null && !type.shape().equals(t.shape())) return null;
                in.put(v.name(), t);
            }
            if (constants && !freeze(m, in)) return null;
            // What it refuses is the CPU's; what it takes and then fails at must not be.
            List<String> failed = new ArrayList<>();
            PlanOptions options = PlanOptions.DEFAULT.device(d).warnings(w -> {
                if (!w.matches("(?s)\\S+: \\d+ of \\d+ nodes stay on the CPU: .*")) failed.add(w);
            });
            try (Session there = m.session(OnDevice.cpu().plan(options)); Session cpu = m.session(OnDevice.cpu())) {
                if (OnDevice.plan(there, in).pieces().isEmpty()) return failed.isEmpty() ? null : failed.toString();
                m.graph().nodes().forEach(n -> ran.merge(n.opType(), 1, Integer::sum));
                List<Tensor> found = List.copyOf(there.run(in, arena).values()), ours = List.copyOf(cpu.run(in, arena).values());
                if (!failed.isEmpty()) return failed.toString();
                for (int i = 0; i < found.size(); i++) {
                    Tensor expected = (Tensor) DatumReader.read(set.resolve("output_" + i + ".pb"), m.graph().outputs().get(i).type(),
                            arena);
                    if (!found.get(i).shape().equals(expected.shape()))
                        return "shape " + found.get(i).shape() + ", expected " + expected.shape();
                    if (found.get(i).dtype() != DType.FLOAT32) continue;
                    double cpuDistance = OnDevice.difference(ours.get(i).toFloats(), found.get(i).toFloats());
                    if (!(cpuDistance < CLOSE)) return cpuDistance + " of the largest value from the CPU";
                    String far = far(expected, found.get(i));
                    if (far != null) return far;
                }
                return null;
            }
        }
    }

    /** Makes constants of all inputs but the first; false where there is but one. */
    private static boolean freeze(Model m, Map<String, Tensor> in) {
        List<Value> all = m.graph().inputs();
        for (Value v : all.subList(Math.min(1, all.size()), all.size()))
            v.constant(in.remove(v.name()));
        all.removeIf(Value::isConstant);
        return in.size() == 1 && m.graph().nodes().stream().anyMatch(n -> n.inputs().stream().anyMatch(v -> v != null && v.isConstant()));
    }

    private static boolean tensors(Model m) {
        return Stream.concat(m.graph().inputs().stream(), m.graph().outputs().stream())
                .allMatch(v -> v.type() instanceof ValueType.TensorType);
    }

    private static String far(Tensor expected, Tensor found) {
        for (long i = 0; i < expected.size(); i++) {
            float e = expected.getFloat(i), f = found.getFloat(i);
            if (Float.compare(e, f) == 0) continue;
            // Values near zero: what the CPU is held to is a share of the largest, above.
            if (!(Math.abs((double) e - f) <= ABSOLUTE + RELATIVE * Math.abs(e)) && !(Math.abs((double) e - f) < 1e-5))
                return "element " + i + " is " + f + ", expected " + e;
        }
        return null;
    }
}
