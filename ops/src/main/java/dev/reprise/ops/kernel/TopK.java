package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * The k largest (or smallest) elements along an axis, best first, and their positions. Among equals the lower position
 * comes first; NaN counts as larger than every number. Input 0 is seen as (outer, n, inner).
 */
public record TopK(long outer, long n, long inner, int k, boolean largest) implements Kernel {
    /** One entry of a heap: key and position. */
    private static final long ENTRY = 16;

    @Override
    public long scratchBytes(int threads) { return threads * k * ENTRY; }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        if (k == 0) return;
        workers.run(outer * inner, Math.max(1, Elements.GRAIN_BYTES / 16 / Math.max(n, 1)), (begin, end, worker) -> {
            MemorySegment heap = scratch.asSlice(worker * k * ENTRY, k * ENTRY);
            for (long row = begin; row < end; row++)
                row(in[0], row / inner * n * inner + row % inner, out, row / inner * k * inner + row % inner, heap);
        });
    }

    private void row(Tensor in, long from, Tensor[] out, long to, MemorySegment heap) {
        // The worst of the chosen is at the root, so that one comparison turns most candidates away.
        for (int i = 0; i < n; i++) {
            long key = Order.key(in, from + i * inner);
            if (!largest) key = ~key;
            if (i < k) up(heap, i, key, i);
            else if (key > heap.get(Tensor.I64, 0)) down(heap, k, key, i);
        }
        int bytes = in.dtype().bytes();
        for (int i = k - 1; i >= 0; i--) {
            long position = heap.get(Tensor.I64, 8);
            if (out[0] != null) Elements.copy(in.data(), (from + position * inner) * bytes, out[0].data(), (to + i * inner) * bytes, bytes);
            if (out.length > 1 && out[1] != null) out[1].setLong(to + i * inner, position);
            down(heap, i, heap.get(Tensor.I64, i * ENTRY), heap.get(Tensor.I64, i * ENTRY + 8));
        }
    }

    private static boolean worse(long key, long position, long otherKey, long otherPosition) {
        return key != otherKey ? key < otherKey : position > otherPosition;
    }

    private static void up(MemorySegment heap, int i, long key, long position) {
        while (i > 0) {
            int parent = i - 1 >> 1;
            long pk = heap.get(Tensor.I64, parent * ENTRY), pp = heap.get(Tensor.I64, parent * ENTRY + 8);
            if (!worse(key, position, pk, pp)) break;
            set(heap, i, pk, pp);
            i = parent;
        }
        set(heap, i, key, position);
    }

    /** Replaces the root of a heap of {@code size} entries. */
    private static void down(MemorySegment heap, int size, long key, long position) {
        int i = 0;
        while (2 * i + 1 < size) {
            int child = 2 * i + 1;
            long ck = heap.get(Tensor.I64, child * ENTRY), cp = heap.get(Tensor.I64, child * ENTRY + 8);
            if (child + 1 < size) {
                long rk = heap.get(Tensor.I64, (child + 1) * ENTRY), rp = heap.get(Tensor.I64, (child + 1) * ENTRY + 8);
                if (worse(rk, rp, ck, cp)) {
                    child++;
                    ck = rk;
                    cp = rp;
                }
            }
            if (!worse(ck, cp, key, position)) break;
            set(heap, i, ck, cp);
            i = child;
        }
        set(heap, i, key, position);
    }

    private static void set(MemorySegment heap, int i, long key, long position) {
        heap.set(Tensor.I64, i * ENTRY, key);
        heap.set(Tensor.I64, i * ENTRY + 8, position);
    }
}
