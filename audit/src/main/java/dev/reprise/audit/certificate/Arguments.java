package dev.reprise.audit.certificate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The arguments of a command that decide about its result, in an order that does not depend on how they were typed. */
public final class Arguments {
    /** What changes no bit of a result: how fast it comes, where it goes and what is told of it. */
    private static final Set<String> WITHOUT_TRACE = Set.of("--threads", "--batch", "--workers", "--cache", "--no-cache", "--out", "--grid",
            "--json", "--certificate", "--debug", "--save-trajectory");

    /** @param values as they are to be typed; @param paths those that name files */
    record Found(List<String> values, List<String> paths) {}

    private Arguments() {}

    static Found of(ParseResult parsed) {
        Found found = new Found(new ArrayList<>(), new ArrayList<>());
        List<ArgSpec> matched = new ArrayList<>(parsed.matchedArgs());
        matched.sort(Comparator.comparing((ArgSpec a) -> a.isOption() ? 1 : 0)
                .thenComparing(a -> a instanceof PositionalParamSpec p ? p.index().min() : 0)
                .thenComparing(a -> a instanceof OptionSpec o ? o.longestName() : ""));
        for (ArgSpec a : matched) {
            String name = a instanceof OptionSpec o ? o.longestName() : null;
            if (name != null
                    && (WITHOUT_TRACE.contains(name) || name.equals("--device") && a.originalStringValues().equals(List.of("cpu"))))
                continue;
            if (name != null && a.arity().max() == 0) {
                found.values.add(name);
                continue;
            }
            for (String v : a.originalStringValues()) {
                found.values.add(name == null ? v : name + "=" + v);
                if (a.typeInfo().getType() == Path.class || a.typeInfo().getAuxiliaryTypes().length > 0
                        && a.typeInfo().getAuxiliaryTypes()[0] == Path.class)
                    found.paths.add(v);
            }
        }
        return found;
    }

    /** An argument with another path in the place of one that it names. */
    public static String moved(String argument, String path, String to) {
        if (argument.equals(path)) return to;
        return argument.startsWith("--") && argument.endsWith("=" + path)
                ? argument.substring(0, argument.length() - path.length()) + to
                : argument;
    }
}
