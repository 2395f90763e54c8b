package dev.reprise.audit.command;

import dev.reprise.ops.tensor.Tensor;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "compare", description = {"Compares two .npy files, or the arrays of two .npz files by name.",
    "Exit code 1 where an element is further off than |a - b| <= atol + rtol |b|; without tolerances every element must be equal."})
public final class CompareCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "A", description = "What was found.")
    private Path a;

    @Parameters(index = "1", paramLabel = "B", description = "What was expected.")
    private Path b;

    @Option(names = "--atol", paramLabel = "X", description = "Absolute tolerance (default 0).")
    private double atol;

    @Option(names = "--rtol", paramLabel = "X", description = "Relative tolerance (default 0).")
    private double rtol;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() {
        if (!(atol >= 0 && rtol >= 0)) throw Failure.badInput("--atol and --rtol must not be negative, found " + atol + " and " + rtol);
        if (ArrayFiles.isArchive(a) != ArrayFiles.isArchive(b))
            throw Failure.badInput("compares two .npy files or two .npz files, found " + a + " and " + b);
        try (Arena arena = Arena.ofConfined()) {
            Map<String, Tensor> x = ArrayFiles.read(a, arena), y = ArrayFiles.read(b, arena);
            if (!x.keySet().equals(y.keySet()))
                throw Failure.badInput(a + " holds arrays " + x.keySet() + ", " + b + " holds " + y.keySet());
            Map<String, Comparison> all = new LinkedHashMap<>();
            for (String name : x.keySet())
                all.put(name, compare(name, x.get(name), y.get(name)));
            boolean archive = ArrayFiles.isArchive(a);
            json.print(spec, archive ? all : all.values().iterator().next(),
                    out -> all.forEach((name, c) -> print(name, x.get(name), c, out)));
            return all.values().stream().allMatch(c -> c.outside() == 0) ? 0 : Failure.NOT_EQUAL;
        }
    }

    private Comparison compare(String name, Tensor x, Tensor y) {
        try {
            return Comparison.of(x, y, atol, rtol);
        } catch (IllegalArgumentException e) {
            throw Failure.badInput((name.isEmpty() ? "" : "array '" + name + "': ") + e.getMessage(), e);
        }
    }

    private void print(String name, Tensor t, Comparison c, PrintWriter out) {
        if (!name.isEmpty()) out.println(name);
        out.printf("elements      %,d of %s%n", c.elements(), t);
        out.printf("bit-equal     %s%n", c.bitEqual() ? "yes" : "no");
        out.printf("different     %,d%n", c.different());
        out.printf(Locale.ROOT, "max absolute  %.6g%s%n", c.maxAbsolute(), c.worst() < 0 ? "" : " at " + index(t, c.worst()));
        out.printf(Locale.ROOT, "max relative  %.6g%n", c.maxRelative());
        if (c.maxUlp() != null)
            out.printf("max ULP       %s%n", c.maxUlp() == Long.MAX_VALUE ? "infinite" : String.format(Locale.ROOT, "%,d", c.maxUlp()));
        out.printf(Locale.ROOT, "within        %s (atol %g, rtol %g)%n",
                c.outside() == 0 ? "yes" : "no: " + String.format(Locale.ROOT, "%,d", c.outside()) + " outside", atol, rtol);
    }

    private static String index(Tensor t, long flat) {
        StringBuilder s = new StringBuilder();
        for (int d = t.shape().rank() - 1; d >= 0; d--) {
            s.insert(0, (d == 0 ? "" : ", ") + flat % t.shape().dim(d));
            flat /= t.shape().dim(d);
        }
        return "[" + s + "]";
    }
}
