package dev.reprise.audit.command;

import dev.reprise.engine.SessionOptions;
import picocli.CommandLine.Option;

/** How the engine runs; no choice here changes a bit of a result. */
public final class EngineOptions {
    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: one for each processor). The result does not depend on it.")
    private Integer threads;

    @Option(names = "--device", paramLabel = "NAME", description = "Where to run: cpu (the default, and the only one so far).", defaultValue = "cpu")
    private String device;

    public SessionOptions options() {
        if (!device.equals("cpu")) throw Failure.badInput("--device '" + device + "' is not known; known is cpu");
        if (threads == null) return SessionOptions.DEFAULT;
        if (threads < 1 || threads > 1024) throw Failure.badInput("--threads must be from 1 to 1024, found " + threads);
        return SessionOptions.DEFAULT.threads(threads);
    }
}
