package dev.reprise.audit.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The cases of the official suite that Reprise leaves out on purpose, from {@code exclusions.txt}: a line is a case name,
 * in which {@code *} stands for anything, and after {@code #} the reason.
 */
final class Exclusions {
    private record Line(Pattern name, String reason) {}

    private final List<Line> lines = new ArrayList<>();

    Exclusions() {
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(Exclusions.class.getResourceAsStream("exclusions.txt"), StandardCharsets.UTF_8))) {
            for (String s; (s = in.readLine()) != null;)
                add(s);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void add(String line) {
        if (line.isBlank() || line.startsWith("#")) return;
        int hash = line.indexOf('#');
        if (hash < 0 || line.substring(hash + 1).isBlank())
            throw new IllegalStateException("exclusions.txt: '" + line + "' gives no reason");
        lines.add(new Line(Pattern.compile(line.substring(0, hash).strip().replace("*", ".*")), line.substring(hash + 1).strip()));
    }

    /** Why the case is left out, or null where it is not. */
    String reason(String name) {
        for (Line l : lines)
            if (l.name.matcher(name).matches()) return l.reason;
        return null;
    }
}
