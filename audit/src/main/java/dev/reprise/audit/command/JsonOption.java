package dev.reprise.audit.command;

import java.io.PrintWriter;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** {@code --json}: the result for machines instead of people. */
public final class JsonOption {
    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    /** Prints a result in the form that was asked for. */
    public void print(CommandSpec spec, Object value, Consumer<PrintWriter> text) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) out.println(Json.write(value));
        else text.accept(out);
        out.flush();
    }
}
