package dev.reprise.engine.operator;

import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/** Packed forms of weights, by the memory they came from and the form. Thread-safe; everything lives in one arena. */
public class WeightCache {
    /** The scope tells apart memory that was freed and allocated again at the same address. */
    private record Key(MemorySegment.Scope scope, long address, String form) {}

    private final Arena arena;
    private final Map<Key, Tensor> made = new HashMap<>();

    private final boolean exact;
    private final Consumer<Tensor> packed;

    public WeightCache(Arena arena) { this(arena, false, t -> {}); }

    /**
     * @param exact  see {@link #exact}
     * @param packed is told of each weight that has a packed form from now on, so that its own memory is hardly needed
     */
    public WeightCache(Arena arena, boolean exact, Consumer<Tensor> packed) {
        this.arena = arena;
        this.exact = exact;
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
        return new WeightCache(arena, exact, t -> {}) {
            @Override
            public Tensor get(Tensor weight, String form, BiFunction<Arena, Tensor, Tensor> make) { return make.apply(arena, weight); }
        };
    }

    public synchronized Tensor get(Tensor weight, String form, BiFunction<Arena, Tensor, Tensor> make) {
        Key key = new Key(weight.data().scope(), weight.data().address(), weight.dtype() + weight.shape().toString() + form);
        Tensor t = made.get(key);
        if (t == null) {
            made.put(key, t = make.apply(arena, weight));
            packed.accept(weight);
        }
        return t;
    }

    /** Bytes of all packed forms. */
    public synchronized long bytes() { return made.values().stream().mapToLong(Tensor::byteSize).sum(); }
}
