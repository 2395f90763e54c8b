package dev.reprise.engine;

import dev.reprise.engine.plan.PlanOptions;

/**
 * @param threads   threads of a session, the caller's included; at least 1
 * @param plan      how graphs are compiled
 * @param keepPlans how many plans (sets of input shapes) a session keeps; the least recently used goes first
 */
public record SessionOptions(int threads, PlanOptions plan, int keepPlans) {
    public static final SessionOptions DEFAULT = new SessionOptions(Runtime.getRuntime().availableProcessors(), PlanOptions.DEFAULT, 8);

    public SessionOptions {
        if (threads < 1) throw new IllegalArgumentException("threads must be at least 1, found " + threads);
        if (keepPlans < 1) throw new IllegalArgumentException("keepPlans must be at least 1, found " + keepPlans);
    }

    public SessionOptions threads(int n) { return new SessionOptions(n, plan, keepPlans); }

    public SessionOptions plan(PlanOptions p) { return new SessionOptions(threads, p, keepPlans); }
}
