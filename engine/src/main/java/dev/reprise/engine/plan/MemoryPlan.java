package dev.reprise.engine.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Offsets for buffers in one arena such that two that live at the same time never overlap. Greedy by size: the largest
 * buffer first, each at the lowest offset that is free for its whole life; within a few percent of the lower bound on
 * U-Nets and transformers.
 */
final class MemoryPlan {
    /** One buffer: alive from step {@code first} to step {@code last}, both included. */
    static final class Buffer {
        final long bytes;
        final int first;
        int last;
        long offset = -1;

        Buffer(long bytes, int first) {
            this.bytes = bytes + 63 & -64L;
            this.first = first;
            this.last = first;
        }
    }

    private MemoryPlan() {}

    /** Fills in the offsets and answers the size of the arena in bytes. */
    static long assign(List<Buffer> buffers) {
        List<Buffer> order = new ArrayList<>(buffers);
        order.sort(Comparator.comparingLong((Buffer b) -> -b.bytes).thenComparingInt(b -> b.first));
        List<Buffer> placed = new ArrayList<>();
        long total = 0;
        for (Buffer b : order) {
            // placed is kept sorted by offset
            long at = 0;
            for (Buffer p : placed) {
                if (p.last < b.first || p.first > b.last) continue;
                if (p.offset >= at + b.bytes) break;
                at = Math.max(at, p.offset + p.bytes);
            }
            b.offset = at;
            total = Math.max(total, at + b.bytes);
            int i = placed.size();
            while (i > 0 && placed.get(i - 1).offset > at)
                i--;
            placed.add(i, b);
        }
        return total;
    }
}
