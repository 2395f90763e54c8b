package dev.reprise.audit.command;

import dev.reprise.engine.SessionOptions;
import picocli.CommandLine.Option;

/** How the engine runs. Only {@code --exact} changes bits of a result. */
public final class EngineOptions {
    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: one for each processor). The result does not depend on it.")
    private Integer threads;

    @Option(names = "--device", paramLabel = "NAME", description = "Where to run: cpu (the default, and the only one so far).", defaultValue = "cpu")
    private String device;

    @Option(names = "--exact", description = "Sum the products of every convolution directly, without Winograd's transform: slower, and other last bits.")
    private boolean exact;

    /** Whether sums are taken directly, see {@link dev.reprise.engine.plan.PlanOptions#exact}. */
    public boolean exact() { return exact; }

    public SessionOptions options() {
        if (!device.equals("cpu")) throw Failure.badInput("--device '" + device + "' is not known; known is cpu");
        SessionOptions base = SessionOptions.DEFAULT.plan(SessionOptions.DEFAULT.plan().exact(exact));
        if (threads == null) return base;
        if (threads < 1 || threads > 1024) throw Failure.badInput("--threads must be from 1 to 1024, found " + threads);
        return base.threads(threads);
    }
}
