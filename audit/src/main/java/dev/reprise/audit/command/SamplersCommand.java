package dev.reprise.audit.command;

import dev.reprise.samplers.SamplerKind;
import dev.reprise.samplers.Samplers;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "samplers", description = "Lists the samplers, or tells all about one: its paper, order, evaluations and options.")
public final class SamplersCommand implements Callable<Integer> {
    private record Kind(String name, String source, String order, String steps, String evaluations, Map<String, String> options) {}

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "NAME", arity = "0..1", description = "One of them.")
    private String name;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() {
        List<SamplerKind> kinds = name == null ? Samplers.list() : List.of(Samplers.kind(name));
        List<Kind> all = kinds.stream().map(k -> new Kind(k.name(), k.source(), k.order(), k.steps(), k.evaluations(), k.options()))
                .toList();
        json.print(spec, all, out -> {
            if (name != null) one(all.getFirst(), out);
            else {
                out.printf("%-18s %-24s %s%n", "sampler", "order", "evaluations of the network for n steps");
                for (Kind k : all)
                    out.printf("%-18s %-24s %s%n", k.name, k.order, k.evaluations);
                out.println();
                out.println("`reprise samplers NAME` tells the paper and the options of one.");
            }
        });
        return 0;
    }

    private static void one(Kind k, PrintWriter out) {
        out.printf("%s: %s%n", k.name, k.source);
        out.printf("order         %s%n", k.order);
        out.printf("--steps n     %s%n", k.steps.equals("ignored") ? "ignored" : "n counts " + k.steps);
        out.printf("evaluations   %s%n", k.evaluations);
        for (Map.Entry<String, String> o : k.options.entrySet())
            out.printf("--set %-24s %s%n", o.getKey() + "=" + o.getValue(), SamplerKind.MEANING.get(o.getKey()));
        if (k.options.containsKey("spacing")) out.println("--skip NAME                    is short for --set spacing=NAME");
    }
}
