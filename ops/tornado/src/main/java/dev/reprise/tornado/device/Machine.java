package dev.reprise.tornado.device;

import dev.reprise.tornado.kernel.Moves;
import dev.reprise.tornado.kernel.Receipts;
import dev.reprise.tornado.lower.Kind;
import dev.reprise.tornado.lower.Program;
import dev.reprise.tornado.lower.Region;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The kernels, compiled for two arrays on the device: an arena for what a run computes, and the weights of all pieces loaded. It runs
 * one piece at a time. Since sizes and places come with each launch, no piece, batch size or model needs a kernel compiled anew.
 */
abstract class Machine implements AutoCloseable {
    /** Of a page that are the caller's. */
    private static final int FLOATS = Moves.PAGE - 1;

    private final int arena, weights;
    private final Map<Object, Weight> held = new HashMap<>();
    /** Begin and size of what is free among the weights. */
    private final TreeMap<Integer, Integer> free = new TreeMap<>();
    private final Set<Kind> ready = EnumSet.noneOf(Kind.class);
    private int pieces;
    /** Numbers of the latest launch and of the one before that it must find. */
    private int launched, before = Receipts.FIRST;
    private volatile Throwable failure;

    /** A region on the device, and how many pieces use it. */
    private static final class Weight {
        final int at, size;
        int uses;

        Weight(int at, int size) {
            this.at = at;
            this.size = size;
        }
    }

    /** @param arena, weights in floats */
    Machine(int arena, int weights) {
        this.arena = arena;
        this.weights = weights;
        free.put(0, weights);
    }

    /** Runs one kernel to its end. A driver's failure is thrown, or the kernel has not signed, see {@link Receipts}. */
    abstract void launch(Kind kind, int[] words, int[] grid, int[] group);

    /** Memory of the host that crosses with the kernels UPLOAD, STORE and DOWNLOAD: {@link Moves#PAGE} floats. */
    abstract MemorySegment page();

    /** What follows needs nothing of what ran before. */
    void begin() { before = Receipts.FIRST; }

    /** Runs one kernel, which signs for the launch before. */
    void send(Kind kind, int[] words, int[] grid, int[] group) {
        launched = launched % Receipts.MOST + 1;
        words[Receipts.BEFORE] = before;
        words[Receipts.NOW] = launched;
        before = launched;
        launch(kind, words, grid, group);
    }

    /** What a driver failed with, after which nothing more runs here; else null. */
    Throwable failure() { return failure; }

    void fail(Throwable cause) { failure = cause; }

    /** Bytes of the arrays on the device. */
    long bytes() { return 4L * arena + 4L * weights; }

    boolean idle() { return pieces == 0; }

    /** True where a piece fits beside those that are there. */
    synchronized boolean fits(Program p) {
        if (p.arena() > arena || failure != null) return false;
        Set<Object> seen = new HashSet<>();
        TreeMap<Integer, Integer> rest = new TreeMap<>(free);
        for (Region r : p.regions())
            if (!held.containsKey(r.key()) && seen.add(r.key()) && take(rest, r.size()) < 0) return false;
        return true;
    }

    /** Copies the weights of a piece over, and compiles the kernels it needs; answers where its regions lie. */
    synchronized int[] load(Program p, Times times) {
        try {
            int[] at = copy(p, times);
            pieces++;
            return at;
        } catch (RuntimeException | Error e) {
            fail(e);
            throw e;
        }
    }

    private int[] copy(Program p, Times times) {
        compile(Kind.UPLOAD, times);
        compile(Kind.STORE, times);
        compile(Kind.DOWNLOAD, times);
        for (Program.Call c : p.calls())
            compile(c.kind(), times);
        int[] at = new int[p.regions().size()];
        long start = System.nanoTime();
        begin();
        for (int i = 0; i < at.length; i++) {
            Region r = p.regions().get(i);
            Weight w = held.get(r.key());
            if (w == null) {
                w = new Weight(take(free, r.size()), r.size());
                if (w.at < 0) throw new IllegalStateException("no room for " + r.size() + " weights");
                held.put(r.key(), w);
                float[] values = new float[r.size()];
                r.write().accept(values);
                store(MemorySegment.ofArray(values), w.at);
            }
            w.uses++;
            at[i] = w.at;
        }
        receive(1, 0);
        times.loaded(System.nanoTime() - start);
        return at;
    }

    synchronized void unload(Program p) {
        pieces--;
        for (Region r : p.regions()) {
            Weight w = held.get(r.key());
            if (--w.uses > 0) continue;
            held.remove(r.key());
            give(w.at, w.size);
        }
    }

    private void compile(Kind kind, Times times) {
        if (!ready.add(kind)) return;
        long start = System.nanoTime();
        // Nothing to do, and no size of zero to divide by.
        int[] words = new int[Kind.WORDS];
        java.util.Arrays.fill(words, 1);
        words[0] = 0;
        int[] group = Groups.of(kind);
        launch(kind, words, group, group);
        times.compiled(System.nanoTime() - start);
    }

    private void store(MemorySegment from, int at) { cross(Kind.STORE, from, at); }

    /** Floats to the arena at {@code at}. */
    void upload(MemorySegment from, int at) { cross(Kind.UPLOAD, from, at); }

    private void cross(Kind kind, MemorySegment from, int at) {
        for (long done = 0; done < from.byteSize(); done += 4L * FLOATS) {
            long bytes = Math.min(4L * FLOATS, from.byteSize() - done);
            MemorySegment.copy(from, done, page(), 0, bytes);
            each(kind, (int) (bytes / 4), (int) (at + done / 4));
        }
    }

    /** Integers to the arena, as floats. */
    void uploadIntegers(MemorySegment from, boolean wide, int at) {
        long count = from.byteSize() / (wide ? 8 : 4);
        for (long done = 0; done < count; done += FLOATS) {
            int n = (int) Math.min(FLOATS, count - done);
            for (int i = 0; i < n; i++)
                page().set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, wide
                        ? from.get(ValueLayout.JAVA_LONG_UNALIGNED, 8 * (done + i))
                        : from.get(ValueLayout.JAVA_INT_UNALIGNED, 4 * (done + i)));
            each(Kind.UPLOAD, n, (int) (at + done));
        }
    }

    /** Floats of the arena from {@code at} on. */
    void download(int at, MemorySegment to) {
        for (long done = 0; done < to.byteSize(); done += 4L * FLOATS) {
            long bytes = Math.min(4L * FLOATS, to.byteSize() - done);
            receive((int) (bytes / 4), (int) (at + done / 4));
            MemorySegment.copy(page(), 0, to, done, bytes);
        }
    }

    /** Floats of the arena to the page, and what the last launch signed. */
    private void receive(int count, int at) {
        page().set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * FLOATS, Float.NaN);
        each(Kind.DOWNLOAD, count, at);
        float signed = page().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * FLOATS);
        if (signed != before)
            throw new IllegalStateException(
                    "a kernel did not run, and the driver gave no error (TornadoVM prints the driver's message where it has one)");
    }

    private void each(Kind kind, int count, int at) {
        int[] words = new int[Kind.WORDS];
        words[0] = count;
        words[1] = at;
        send(kind, words, new int[]{(count + 63) / 64 * 64, 1, 1}, Groups.of(kind));
    }

    /** First fit; -1 where there is no room. */
    private static int take(TreeMap<Integer, Integer> free, int size) {
        int wanted = size + 31 & -32;
        for (Map.Entry<Integer, Integer> e : free.entrySet()) {
            if (e.getValue() < wanted) continue;
            int at = e.getKey(), rest = e.getValue() - wanted;
            free.remove(at);
            if (rest > 0) free.put(at + wanted, rest);
            return at;
        }
        return -1;
    }

    private void give(int at, int size) {
        int length = size + 31 & -32;
        Map.Entry<Integer, Integer> before = free.floorEntry(at), after = free.ceilingEntry(at);
        if (after != null && after.getKey() == at + length) {
            length += after.getValue();
            free.remove(after.getKey());
        }
        if (before != null && before.getKey() + before.getValue() == at) free.put(before.getKey(), before.getValue() + length);
        else free.put(at, length);
    }

    @Override
    public abstract void close();
}
