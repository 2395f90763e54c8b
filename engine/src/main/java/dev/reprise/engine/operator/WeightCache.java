package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Packing;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/** Packed forms of weights, by the memory they came from and the form. Thread-safe; everything lives in one arena. */
public class WeightCache {
    /** The scope tells apart memory that was freed and allocated again at the same address. */
    private record Key(MemorySegment.Scope scope, long address, String form) {
        static Key of(Tensor weight, String form) {
            return new Key(weight.data().scope(), weight.data().address(), weight.dtype() + weight.shape().toString() + form);
        }
    }

    private record Waiting(Key key, Tensor weight, Tensor to, Packing packing) {
        void fill(Consumer<Tensor> packed) {
            packing.fill().accept(weight, to);
            packed.accept(weight);
        }
    }

    private final Arena arena;
    private final Map<Key, Tensor> made = new HashMap<>();

    private final boolean exact;
    private final Consumer<Tensor> packed;
    /** What is allocated and not yet filled; null where everything is filled at once. */
    private final List<Waiting> waiting;

    public WeightCache(Arena arena) { this(arena, false, null, t -> {}); }

    /**
     * A cache for plans, which {@link #finish} it before they run.
     *
     * @param exact  see {@link #exact}
     * @param packed is told of each weight that has a packed form from now on, so that its own memory is hardly needed
     */
    public WeightCache(Arena arena, boolean exact, Consumer<Tensor> packed) { this(arena, exact, new ArrayList<>(), packed); }

    private WeightCache(Arena arena, boolean exact, List<Waiting> waiting, Consumer<Tensor> packed) {
        this.arena = arena;
        this.exact = exact;
        this.waiting = waiting;
        this.packed = packed;
    }

    /** Whether weights may only be rearranged, not transformed as Winograd's algorithm does, which rounds. */
    public boolean exact() {
        return exact;
    }

    /** A cache that keeps nothing: for constants that live only as long as one run. */
    public static WeightCache none(Arena arena) {
        return none(arena, false);
    }

    /** As {@link #none(Arena)}. */
    public static WeightCache none(Arena arena, boolean exact) {
        return new WeightCache(arena, exact, null, t -> {}) {
            @Override
            public Tensor get(Tensor weight, String form, BiFunction<Arena, Tensor, Tensor> make) { return make.apply(arena, weight); }
        };
    }

    public synchronized Tensor get(Tensor weight, String form, BiFunction<Arena, Tensor, Tensor> make) {
        Key key = Key.of(weight, form);
        Tensor t = made.get(key);
        if (t == null) {
            made.put(key, t = make.apply(arena, weight));
            packed.accept(weight);
        }
        return t;
    }

    /** As {@link #get(Tensor, String, BiFunction)}; a cache for plans fills the tensor later, in {@link #finish}. */
    public synchronized Tensor get(Tensor weight, String form, Packing packing) {
        if (waiting == null) return get(weight, form, (BiFunction<Arena, Tensor, Tensor>) packing::pack);
        Key key = Key.of(weight, form);
        Tensor t = made.get(key);
        if (t != null) return t;
        Tensor to = packing.allocate(arena);
        waiting.add(new Waiting(key, weight, to, packing));
        made.put(key, to);
        return to;
    }

    /** Fills what waits for it, with all the workers: each takes the next weight when it is done with one. */
    public synchronized void finish(Workers workers) {
        if (waiting == null || waiting.isEmpty()) return;
        AtomicInteger next = new AtomicInteger();
        workers.run(workers.threads(), 1, (begin, end, worker) -> {
            for (int i = next.getAndIncrement(); i < waiting.size(); i = next.getAndIncrement())
                waiting.get(i).fill(packed);
        });
        // Once more: the system reads a file's pages with their neighbours, and those may have been a weight that was packed before.
        waiting.forEach(w -> packed.accept(w.weight));
        waiting.clear();
    }

    /** Forgets what waits: the plan it was for is not made, and its constants are freed. */
    public synchronized void abandon() {
        if (waiting == null) return;
        waiting.forEach(w -> made.remove(w.key));
        waiting.clear();
    }

    /** Bytes of all packed forms. */
    public synchronized long bytes() { return made.values().stream().mapToLong(Tensor::byteSize).sum(); }
}
