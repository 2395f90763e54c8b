package dev.reprise.engine.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Offsets for buffers in one arena such that two that live at the same time never overlap. Greedy by size: the largest
 * buffer first, each at the lowest offset that is free for its whole life; within a few percent of the lower bound on
 * U-Nets and transformers.
 *
 * <p>Where that needs little more memory, a buffer gets the middle of the one whose place was used last before it. Most kernels give each thread an equal part of their output's rows: then a
 * thread writes where it wrote before, and need not fetch lines from another core, which costs 1 to 6 % of a network's time where cores have no cache in common.
 */
final class MemoryPlan {
    /** How many buffers are tried whose middle another could share, and how many there may be: to try takes time in proportion to their square. */
    private static final int TRIED = 16, MANY = 2000;
    /** An eighth of the least memory may come on top of it. */
    private static final int MORE = 8;

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

        /** Whether both are alive at some step. */
        boolean meets(Buffer b) { return first <= b.last && b.first <= last; }

        /** Steps from the last use of this buffer to the first of b, in the next run where it comes later. */
        int before(Buffer b) {
            return b.first > last ? b.first - last : Integer.MAX_VALUE / 2 - last;
        }
    }

    private MemoryPlan() {}

    /** Fills in the offsets and answers the size of the arena in bytes. */
    static long assign(List<Buffer> buffers) {
        long least = place(buffers, false);
        if (buffers.size() > MANY) return least;
        long[] lowest = buffers.stream().mapToLong(b -> b.offset).toArray();
        long total = place(buffers, true);
        if (total <= least + least / MORE) return total;
        for (int i = 0; i < lowest.length; i++)
            buffers.get(i).offset = lowest[i];
        return least;
    }

    private static long place(List<Buffer> buffers, boolean centred) {
        List<Buffer> order = new ArrayList<>(buffers);
        order.sort(Comparator.comparingLong((Buffer b) -> -b.bytes).thenComparingInt(b -> b.first));
        List<Buffer> placed = new ArrayList<>();
        long total = 0;
        for (Buffer b : order) {
            long at = centred ? centre(b, placed, total) : -1;
            if (at < 0) at = lowest(b, placed);
            b.offset = at;
            total = Math.max(total, at + b.bytes);
            int i = placed.size();
            while (i > 0 && placed.get(i - 1).offset > at)
                i--;
            placed.add(i, b);
        }
        return total;
    }

    /** @param placed sorted by offset */
    private static long lowest(Buffer b, List<Buffer> placed) {
        long at = 0;
        for (Buffer p : placed) {
            if (!p.meets(b)) continue;
            if (p.offset >= at + b.bytes) break;
            at = Math.max(at, p.offset + p.bytes);
        }
        return at;
    }

    /** Where b has the middle of the buffer that was used last before it, of those that leave it room there; or -1. */
    private static long centre(Buffer b, List<Buffer> placed, long total) {
        Buffer[] before = new Buffer[TRIED];
        int n = 0;
        for (Buffer p : placed) {
            if (p.meets(b)) continue;
            int i = Math.min(n, TRIED - 1);
            if (n == TRIED && before[i].before(b) <= p.before(b)) continue;
            for (; i > 0 && before[i - 1].before(b) > p.before(b); i--)
                before[i] = before[i - 1];
            before[i] = p;
            n = Math.min(n + 1, TRIED);
        }
        for (int i = 0; i < n; i++) {
            long at = before[i].offset + (before[i].bytes - b.bytes) / 2 & -64L;
            if (at + b.bytes <= total && placed.stream().noneMatch(q -> q.meets(b) && q.offset < at + b.bytes && q.offset + q.bytes > at))
                return at;
        }
        return -1;
    }
}
