package dev.reprise.audit.command;

import dev.reprise.audit.cache.Cache;
import java.io.PrintWriter;

/** Says what is kept where Ctrl-C or a signal ends an audit. What is finished is already in the cache by then. */
final class Interruption implements AutoCloseable {
    private final Thread hook;
    private volatile boolean finished;

    private Interruption(PrintWriter err, Cache cache) {
        hook = new Thread(() -> {
            if (finished) return;
            err.println();
            err.println("reprise audit: stopped; what is finished is kept in " + cache.folder() + ", the same command goes on from there");
            err.flush();
        });
    }

    static Interruption watch(PrintWriter err, Cache cache) {
        Interruption i = new Interruption(err, cache);
        Runtime.getRuntime().addShutdownHook(i.hook);
        return i;
    }

    void finished() { finished = true; }

    /** An audit that failed has a message of its own. */
    @Override
    public void close() {
        finished = true;
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // The JVM is ending already, and the hook has read whether it was needed.
        }
    }
}
