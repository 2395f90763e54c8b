package dev.reprise.audit.certificate;

import dev.reprise.audit.certificate.Certificate.Output;
import dev.reprise.audit.certificate.Difference.Element;
import dev.reprise.loaders.npy.Npy;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * Compares a certificate with that of a run made from it, and the arrays beside it with what it says of them.
 */
public final class Verification {
    /** The name of an output that holds the states at every step, (steps, N, sample shape…). */
    public static final String TRAJECTORY = "trajectory";

    private final Certificate expected;
    private final Path folder;
    private final Certificate found;
    private final Path foundFolder;

    /** @param folder of the certificate; @param found the new run's certificate; @param foundFolder where its arrays lie */
    public Verification(Certificate expected, Path folder, Certificate found, Path foundFolder) {
        this.expected = expected;
        this.folder = folder;
        this.found = found;
        this.foundFolder = foundFolder;
    }

    /** The first difference of each tensor, in the certificate's order; empty where every bit is equal. */
    public List<Difference> differences() {
        List<Difference> all = new ArrayList<>();
        for (Output e : expected.outputs()) {
            Output f = found.output(e.name());
            Difference d = f == null
                    ? new Difference(e.name(), null, e.sha256(), "no such tensor", "the new run", null, null)
                    : compare(e, f);
            if (d == null) d = beside(e, f);
            if (d != null) all.add(d);
        }
        for (Output f : found.outputs())
            if (expected.output(f.name()) == null)
                all.add(new Difference(f.name(), null, "no such tensor", f.sha256(), "the new run", null, null));
        return all;
    }

    private Difference compare(Output e, Output f) {
        if (!e.dtype().equals(f.dtype()) || !e.shape().equals(f.shape()))
            return new Difference(e.name(), null, e.dtype() + e.shape(), f.dtype() + f.shape(), "the new run", null, null);
        if (e.sha256().equals(f.sha256())) return null;
        if (e.name().equals(TRAJECTORY)) return states(e, f);
        for (int i = 0; i < e.rows().size(); i++)
            if (!Objects.equals(e.rows().get(i), f.rows().get(i))) {
                long row = i;
                Element element = elements(e, f, (x, y) -> x.rows(row, row + 1).sha256().equals(e.rows().get((int) row))
                        ? first(x.rows(row, row + 1), y.rows(row, row + 1), row)
                        : null);
                return new Difference(e.name(), row, e.rows().get(i), f.rows().get(i), "the new run", element, step(row));
            }
        return new Difference(e.name(), null, e.sha256(), f.sha256(), "the new run", null, null);
    }

    /** The first step whose states are others. */
    private Difference states(Output e, Output f) {
        for (int i = 0; i < Math.min(e.rows().size(), f.rows().size()); i++) {
            long step = i;
            if (e.rows().get(i).equals(f.rows().get(i))) continue;
            Element element = elements(e, f, (x, y) -> x.rows(step, step + 1).sha256().equals(e.rows().get((int) step))
                    ? first(x.rows(step, step + 1), y.rows(step, step + 1), step)
                    : null);
            return new Difference(e.name(), element == null ? null : element.index().get(1), e.rows().get(i), f.rows().get(i),
                    "the new run",
                    element, step);
        }
        return new Difference(e.name(), null, e.sha256(), f.sha256(), "the new run", null, null);
    }

    /** What the run gave again as certified, the file beside the certificate may not hold. */
    private Difference beside(Output e, Output f) {
        try (Arena arena = Arena.ofConfined()) {
            Tensor stored = array(folder, e, arena);
            if (stored == null || stored.sha256().equals(e.sha256())) return null;
            String where = "the file " + e.file();
            Tensor again = array(foundFolder, f, arena);
            if (again == null || !again.shape().equals(stored.shape()) || again.dtype() != stored.dtype())
                return new Difference(e.name(), null, e.sha256(), stored.sha256(), where, null, null);
            for (long i = 0; i < e.rows().size(); i++) {
                Tensor x = again.rows(i, i + 1), y = stored.rows(i, i + 1);
                if (x.sha256().equals(y.sha256())) continue;
                Element element = first(x, y, i);
                return e.name().equals(TRAJECTORY)
                        ? new Difference(e.name(), element.index().get(1), x.sha256(), y.sha256(), where, element, i)
                        : new Difference(e.name(), i, x.sha256(), y.sha256(), where, element, null);
            }
            return new Difference(e.name(), null, e.sha256(), stored.sha256(), where, null, null);
        }
    }

    /** The first step at which the stored trajectories of a sample part. */
    private Long step(long sample) {
        Output e = expected.output(TRAJECTORY), f = found.output(TRAJECTORY);
        if (e == null || f == null || !e.shape().equals(f.shape())) return null;
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = array(folder, e, arena), y = array(foundFolder, f, arena);
            if (x == null || y == null || !x.shape().equals(y.shape()) || x.shape().rank() < 2) return null;
            long steps = x.shape().dim(0), samples = x.shape().dim(1), size = x.byteSize() / steps / samples;
            for (long s = 0; s < steps; s++) {
                long at = (s * samples + sample) * size;
                if (MemorySegment.mismatch(x.data(), at, at + size, y.data(), at, at + size) >= 0) return s;
            }
            return null;
        }
    }

    private interface Look {
        Element at(Tensor expected, Tensor found);
    }

    private Element elements(Output e, Output f, Look look) {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = array(folder, e, arena), y = array(foundFolder, f, arena);
            return x == null || y == null || !x.shape().equals(y.shape()) || x.dtype() != y.dtype() ? null : look.at(x, y);
        }
    }

    private static Tensor array(Path folder, Output o, Arena arena) {
        if (o.file() == null) return null;
        Path file = folder.resolve(o.file()).normalize();
        if (!file.startsWith(folder.normalize()) || !Files.isRegularFile(file)) return null;
        return o.file().endsWith(".npz") ? Npz.read(file, arena).get(o.array()) : Npy.read(file, arena);
    }

    /** The first element of one row that differs in its bytes. */
    private static Element first(Tensor x, Tensor y, long row) {
        long at = x.data().mismatch(y.data());
        if (at < 0) return null;
        long i = at / x.dtype().bytes(), rest = i;
        List<Long> index = new ArrayList<>();
        for (int d = x.shape().rank() - 1; d > 0; d--) {
            index.add(rest % x.shape().dim(d));
            rest /= x.shape().dim(d);
        }
        index.add(row);
        Collections.reverse(index);
        return new Element(index, value(x, i), bits(x, i), value(y, i), bits(y, i));
    }

    private static String value(Tensor t, long i) {
        return switch (t.dtype()) {
            case FLOAT32 -> Float.toString(t.getFloat(i));
            case FLOAT64, FLOAT16, BFLOAT16 -> Double.toString(t.getDouble(i));
            default -> Long.toString(t.getLong(i));
        };
    }

    private static String bits(Tensor t, long i) {
        StringBuilder s = new StringBuilder();
        for (int b = t.dtype().bytes() - 1; b >= 0; b--)
            s.append(String.format("%02x", t.data().get(Tensor.I8, i * t.dtype().bytes() + b)));
        return s.toString();
    }
}
