package dev.reprise.audit.command;

import dev.reprise.loaders.weights.WeightFile;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What {@code inspect} tells of a file of tensors.
 *
 * @param parameters floating-point numbers of all tensors; shared ones count as often as they are named
 */
public record TensorList(String file, String sha256, String format, long parameters, long bytes, Map<String, String> facts,
        List<Item> tensors) {
    /** @param note how it is stored, where that is unusual; else empty */
    public record Item(String name, String dtype, long[] shape, String note) {}

    static TensorList of(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            WeightFile w = WeightFile.open(file, arena);
            List<Item> items = new ArrayList<>();
            long parameters = 0, bytes = 0;
            for (WeightFile.Entry e : w.entries().values()) {
                items.add(new Item(e.name(), e.dtype().name().toLowerCase(Locale.ROOT), e.shape().dims(), e.note()));
                if (e.dtype().isFloat()) parameters += e.shape().size();
                bytes += e.shape().size() * e.dtype().bytes();
            }
            return new TensorList(w.name(), w.sha256(), w.format(), parameters, bytes, w.facts(), items);
        }
    }

    void print(PrintWriter out) {
        out.printf("file         %s%n", file);
        out.printf("sha256       %s%n", sha256);
        out.printf("format       %s%n", format);
        out.printf(Locale.ROOT, "parameters   %,d (%,d bytes with the rest)%n", parameters, bytes);
        facts.forEach(
                (key, value) -> out.printf("fact         %s: %s%n", key, value.length() > 100 ? value.substring(0, 100) + "…" : value));
        out.printf("tensors      %,d%n", tensors.size());
        for (Item t : tensors)
            out.printf("  %s: %s%s%s%n", t.name.isEmpty() ? "(without a name)" : t.name, t.dtype, java.util.Arrays.toString(t.shape),
                    t.note.isEmpty() ? "" : ", " + t.note);
    }
}
