package dev.reprise.audit.conformance;

import dev.reprise.engine.Model;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.operator.OperatorException;
import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.onnx.DatumReader;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Runs one case of the suite: a folder with model.onnx and test_data_set_N/{input,output}_K.pb. */
final class CaseRunner {
    private CaseRunner() {}

    /** Why the case fails, or null where it passes. */
    static String failure(Path folder, Executor executor) throws IOException {
        try (Model model = OnnxLoader.load(folder.resolve("model.onnx"))) {
            List<Path> sets;
            try (Stream<Path> s = Files.list(folder)) {
                sets = s.filter(p -> p.getFileName().toString().startsWith("test_data_set_")).sorted().toList();
            }
            if (sets.isEmpty()) return "has no test_data_set_*";
            for (Path set : sets) {
                String d = runSet(model, set, executor);
                if (d != null) return sets.size() > 1 ? set.getFileName() + ": " + d : d;
            }
            return null;
        }
    }

    private static String runSet(Model model, Path set, Executor executor) {
        try (Arena arena = Arena.ofShared()) {
            List<Value> outputs = model.graph().outputs();
            List<Datum> in = read(set, "input", model.graph().inputs(), arena);
            if (in.size() != model.graph().inputs().size())
                return "gives " + in.size() + " inputs, the model takes " + model.graph().inputs().size() + ": " + model.graph().inputs();
            List<Datum> expected = read(set, "output", outputs, arena);
            if (expected.isEmpty()) return set.getFileName() + " has no output_*.pb";
            List<Datum> found = executor.run(model, in, arena);
            for (int i = 0; i < expected.size(); i++) {
                String d = Comparison.difference("output '" + outputs.get(i).name() + "'", found.get(i), expected.get(i));
                if (d != null) return d;
            }
            return null;
        }
    }

    private static List<Datum> read(Path set, String kind, List<Value> values, Arena arena) {
        List<Datum> list = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            Path file = set.resolve(kind + "_" + i + ".pb");
            if (!Files.exists(file)) break;
            Datum d = DatumReader.read(file, values.get(i).type(), arena);
            list.add(kind.equals("input") ? declared(d, values.get(i).type()) : d);
        }
        return list;
    }

    /** NumPy has no bfloat16: the suite stores its bits as uint16. */
    private static Datum declared(Datum d, ValueType type) {
        boolean bits = d instanceof Tensor t && t.dtype() == DType.UINT16 && type instanceof ValueType.TensorType v
                && v.dtype() == DType.BFLOAT16;
        return bits && d instanceof Tensor t ? new Tensor(DType.BFLOAT16, t.shape(), t.data()) : d;
    }

    /** True where the failure says that something legal is not implemented. */
    static boolean unsupported(Throwable t) {
        for (; t != null; t = t.getCause())
            if (t instanceof LoadException l && l.unsupported() || t instanceof OperatorException o && o.unsupported()) return true;
        return false;
    }
}
