package dev.reprise.audit.command;

import dev.reprise.audit.Version;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "version", description = "Shows the version of Reprise and what it runs on.")
public final class VersionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() {
        Version.Environment e = Version.environment();
        json.print(spec, e, out -> {
            out.printf("reprise    %s%n", e.reprise());
            out.printf("java       %s%n", e.jdk());
            out.printf("system     %s%n", e.os());
            out.printf("vectors    %d bits%n", e.vectorBits());
            out.printf("processors %d%n", e.processors());
        });
        return 0;
    }
}
