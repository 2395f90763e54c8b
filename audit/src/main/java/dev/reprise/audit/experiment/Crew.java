package dev.reprise.audit.experiment;

import dev.reprise.audit.cache.Cache;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Does the work that the cache does not hold, beside other processes that may do the same. */
final class Crew {
    private final Cache cache;
    private final Listener listener;
    private final double from, to;
    private final Map<String, Double> seconds;
    private final Set<String> computed = new TreeSet<>();
    private double all, done, mine, spent;
    private int images;

    /**
     * @param from    part of the whole audit that is done when this work begins
     * @param to      likewise when it ends
     * @param seconds takes the time of each step
     */
    Crew(Cache cache, Listener listener, double from, double to, Map<String, Double> seconds) {
        this.cache = cache;
        this.listener = listener;
        this.from = from;
        this.to = to;
        this.seconds = seconds;
    }

    /** Returns when the cache holds every unit's result. */
    void fill(List<? extends Unit> units) {
        Map<String, Unit> wanted = new LinkedHashMap<>();
        for (Unit u : units) { all += wanted.putIfAbsent(u.key().sha256(), u) == null ? u.cost() : 0; }
        List<Unit> missing = new ArrayList<>(), elsewhere = new ArrayList<>();
        for (Unit u : wanted.values())
            if (cache.has(u.key())) done += u.cost();
            else missing.add(u);
        for (Unit u : missing)
            if (!one(u, false)) elsewhere.add(u);
        for (Unit u : elsewhere)
            one(u, true);
    }

    /** False where another process does this one. */
    private boolean one(Unit u, boolean wait) {
        tell(u, 0);
        try (Cache.Lock lock = cache.lock(u.key(), wait)) {
            if (lock == null) return false;
            if (!cache.has(u.key())) make(u);
        }
        done += u.cost();
        tell(u, 0);
        return true;
    }

    private void make(Unit u) {
        long begun = System.nanoTime();
        try (Arena arena = Arena.ofShared()) {
            cache.write(u.key(), u.make(arena, part -> tell(u, part)));
        }
        double time = (System.nanoTime() - begun) / 1e9;
        seconds.merge(u.step(), time, Double::sum);
        computed.add(u.key().sha256());
        mine += u.cost();
        spent += time;
        images += u.images();
    }

    /** How many units this process did itself. */
    int computed() { return computed.size(); }

    /** The time left goes by what this process itself has done so far, not by what it found done. */
    private void tell(Unit u, double part) {
        double at = all == 0 ? 1 : Math.min(1, (done + part * u.cost()) / all);
        double left = mine == 0 ? Double.NaN : (all - done - part * u.cost()) * spent / mine;
        listener.at(new Listener.State(u.step(), from + (to - from) * at, left, spent == 0 ? Double.NaN : images / spent));
    }
}
