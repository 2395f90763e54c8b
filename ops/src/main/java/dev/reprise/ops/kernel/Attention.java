package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.V;
import static dev.reprise.ops.kernel.Memory.lines;
import static dev.reprise.ops.tensor.Tensor.F32;
import static dev.reprise.ops.tensor.Tensor.I64;

import dev.reprise.ops.math.VectorMath;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Scaled dot-product attention of float32, {@code softmax(scale Q K^T + mask) V}, without the L×L matrix: blocks of
 * {@link #QUERIES} queries go over tiles of {@link #KEYS} keys with a running maximum and sum ("flash" attention: Dao
 * et al. 2022, after Milakov and Gimelshein 2018). Inputs q, k, v and perhaps a mask that is added; all with the head's own
 * dimension contiguous.
 *
 * <p>Bits depend on the sizes alone: scores are one fma chain over d of {@code (q * scale) * k}; within a tile weights are
 * {@code e^(s - m)} with m the maximum so far, their sum goes in {@link Lanes} order, and what came before is scaled by
 * {@code e^(old m - m)}; outputs are one fma chain over the keys, times 1 / sum at the end.
 *
 * @param causal a query at position i sees keys up to i + {@code causal} - 1 and no more; or -1 for all keys
 * @param cap    scores become {@code cap * tanh(score / cap)} before the mask; 0 for none
 */
public record Attention(Sizes sizes, Strides q, Strides k, Strides v, Strides out, Strides mask, float scale, float cap,
        long causal) implements Kernel {
    /** Queries a block has: with {@link #KEYS} chosen for scores of some 50 KB. */
    public static final int QUERIES = 48;
    /** Keys between two updates of the running maximum; a multiple of 16. */
    public static final int KEYS = 256;
    /** So many more keys still go into the last tile: a class token beside 256 others is no reason for a second one. */
    private static final int REST = 64;
    /** From one row of scores to the next: 16 more than needed, so that they do not fall into the same cache sets. */
    private static final int PITCH = KEYS + REST + 16;
    private static final int L = VectorMath.SPECIES.length();

    /**
     * @param keyHeads key and value heads; queries' heads are a multiple, and neighbours share one
     * @param width    size of a head of q and k
     * @param values   size of a head of v
     */
    public record Sizes(int batch, int heads, int keyHeads, int queries, int keys, int width, int values) {}

    /**
     * Elements from one batch entry, head, position to the next. 0 where a mask repeats; {@code column}: the same along keys;
     * {@code offset}: where the first element is.
     */
    public record Strides(long batch, long head, long row, long column, long offset) {
        public Strides(long batch, long head, long row, long column) { this(batch, head, row, column, 0); }
    }

    /** Byte offsets of a worker's memory. */
    private record Places(long keys, long values, long queries, long scores, long outputs, long lanes, long maxima, long packed, long end) {
        static Places of(Sizes z) {
            long k = 0, v = k + lines(4L * padded(z.keys) * z.width), q = v + lines(4L * z.keys * padded(z.values)),
                    s = q + lines(4L * QUERIES * z.width);
            long o = s + 4L * QUERIES * PITCH, l = o + lines(4L * QUERIES * padded(z.values)), m = l + 4L * QUERIES * Lanes.COUNT;
            long p = m + lines(4L * QUERIES);
            return new Places(k, v, q, s, o, l, m, p, p + 64);
        }
    }

    static int padded(int n) { return (n + L - 1) / L * L; }

    @Override
    public boolean repeatable() { return true; }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment memory, Workers workers) {
        Places at = Places.of(sizes);
        long scratch = memory.address(), share = Memory.share(memory, 0, workers.threads(), at.end);
        int blocks = (sizes.queries + QUERIES - 1) / QUERIES, group = sizes.heads / sizes.keyHeads;
        long items = (long) sizes.batch * sizes.heads * blocks;
        workers.balance(items, 1, GemmBlock.piece(flops() / Math.max(1, items)), (begin, end, w, start) -> {
            long s = scratch + w * share;
            long packed = start ? -1 : ALL.get(I64, s + at.packed);
            for (long i = begin; i < end; i++) {
                int first = (int) (i % blocks) * QUERIES, h = (int) (i / blocks % sizes.heads), b = (int) (i / blocks / sizes.heads);
                long kv = (long) b * sizes.keyHeads + h / group;
                if (kv != packed) pack(in[1].address(), in[2].address(), b, h / group, s, at);
                packed = kv;
                block(in, out[0].address(), s, at, b, h, first, Math.min(QUERIES, sizes.queries - first));
            }
            ALL.set(I64, s + at.packed, packed);
        });
    }

    /** K^T of one head, a matrix for each tile of keys, and V, as the tiles of products read them. */
    private void pack(long keys, long vs, int b, int h, long s, Places at) {
        long from = keys + 4 * (k.offset + b * k.batch + h * k.head);
        for (int key = 0, tile; key < sizes.keys; key += tile) {
            tile = tile(key, sizes.keys);
            PackedB.pack(from + 4 * key * k.row, 1, k.row, sizes.width, tile, s + at.keys + 4L * key * sizes.width, 0,
                    PackedB.panels(tile));
        }
        PackedB.pack(vs + 4 * (v.offset + b * v.batch + h * v.head), v.row, 1, sizes.keys, sizes.values, s + at.values, 0,
                PackedB.panels(sizes.values));
    }

    private void block(Tensor[] in, long o, long s, Places at, int b, int h, int first, int n) {
        int wide = padded(sizes.values);
        queries(in[0].address(), 4 * (q.offset + b * q.batch + h * q.head + first * q.row), n, s, at.queries);
        Memory.zero(s + at.lanes, 4L * n * Lanes.COUNT);
        for (int r = 0; r < n; r++)
            ALL.set(F32, s + at.maxima + 4L * r, Float.NEGATIVE_INFINITY);
        long last = visible(first + n - 1);
        if (last == 0) Memory.zero(s + at.outputs, 4L * n * wide);
        for (int key = 0, tile; key < last; key += tile) {
            tile = tile(key, sizes.keys);
            int keys = (int) Math.min(tile, last - key);
            scores(s, at, n, key, tile, keys);
            for (int r = 0; r < n; r++) {
                long row = at.scores + 4L * r * PITCH;
                int seen = Math.clamp(visible(first + r) - key, 0, keys);
                if (cap != 0) AttentionRows.cap(s, row, seen, cap);
                if (mask != null)
                    AttentionRows.mask(s, row, seen, in[3].address(),
                            b * mask.batch + h * mask.head + (first + r) * mask.row + key * mask.column, mask.column);
                float factor = AttentionRows.weights(s, row, seen, keys, at.lanes + 4L * r * Lanes.COUNT, at.maxima + 4L * r);
                if (key > 0 && factor != 1f) AttentionRows.scale(s, at.outputs + 4L * r * wide, wide, factor);
            }
            outputs(s, at, n, key, keys, wide);
        }
        for (int r = 0; r < n; r++) {
            float inverse = 1f / Lanes.sum(s, at.lanes + 4L * r * Lanes.COUNT);
            AttentionRows.store(s, at.outputs + 4L * r * wide, o, 4 * (b * out.batch + h * out.head + (first + r) * out.row), sizes.values,
                    inverse);
        }
    }

    /** A block of queries, scaled. */
    private void queries(long x, long from, int n, long s, long to) {
        for (int r = 0; r < n; r++)
            AttentionRows.store(x, from + 4 * r * q.row, s, to + 4L * r * sizes.width, sizes.width, scale);
    }

    /** Keys of the tile that begins at {@code key}, of {@code keys} in all. */
    static int tile(int key, int keys) {
        return keys - key <= KEYS + REST ? keys - key : KEYS;
    }

    /** Keys that a query sees. */
    private long visible(int query) {
        return causal < 0 ? sizes.keys : Math.clamp(query + causal, 0, sizes.keys);
    }

    /** Scores of keys from {@code key} on, where a tile of as many as {@code tile} begins. */
    private void scores(long s, Places at, int rows, int key, int tile, int keys) {
        for (int p = 0; p * PackedB.PANEL_COLUMNS < keys; p++) {
            int column = p * PackedB.PANEL_COLUMNS;
            GemmBlock.whole(s + at.queries, 4L * sizes.width, rows, s + at.keys + 4L * (key + column) * sizes.width,
                    PackedB.width(tile, p), sizes.width, s + at.scores + 4L * column, 4L * PITCH, true);
        }
    }

    /** Adds the values of the tile, weighted, to the outputs; to zero where it is the first. */
    private void outputs(long s, Places at, int rows, int key, int keys, int wide) {
        for (int p = 0; p < PackedB.panels(sizes.values); p++) {
            int column = p * PackedB.PANEL_COLUMNS, vectors = PackedB.width(sizes.values, p);
            long panel = s + at.values + 4L * column * sizes.keys + 4L * key * vectors * L;
            GemmBlock.whole(s + at.scores, 4L * PITCH, rows, panel, vectors, keys, s + at.outputs + 4L * column, 4L * wide,
                    key == 0);
        }
    }

    @Override
    public long scratchBytes(int threads) { return Places.of(sizes).end * threads; }

    @Override
    public long flops() { return 2L * sizes.batch * sizes.heads * sizes.queries * sizes.keys * (sizes.width + sizes.values); }
}
