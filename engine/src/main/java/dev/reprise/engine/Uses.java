package dev.reprise.engine;

/**
 * Who works with native memory right now, so that closing it while a run is under way waits for that run: kernels reach
 * memory by address, and to free it below them would end the JVM.
 */
final class Uses {
    private final String what;
    private final Runnable release;
    private int running;
    private volatile boolean closed;

    /** @param release frees the memory; called once, when it was closed and nobody uses it any more */
    Uses(String what, Runnable release) {
        this.what = what;
        this.release = release;
    }

    /** @throws IllegalStateException where it is closed */
    synchronized void enter() {
        if (closed) throw new IllegalStateException("the " + what + " is closed");
        running++;
    }

    synchronized void exit() { if (--running == 0 && closed) release.run(); }

    boolean closed() { return closed; }

    synchronized void close() {
        if (closed) return;
        closed = true;
        if (running == 0) release.run();
    }
}
