package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.V;
import static dev.reprise.ops.kernel.Memory.lines;
import static dev.reprise.ops.tensor.Tensor.F32;
import static dev.reprise.ops.tensor.Tensor.I32;

import dev.reprise.ops.parallel.Workers;

/**
 * One thread's share of a float32 product: some rows of A times some panels of a packed B ({@link PackedB}), K cut into
 * blocks that continue from the stored partial sums. Every element of C is one accumulator that starts from zero and
 * takes one fma a step, K ascending, so no cut changes a bit.
 */
final class GemmBlock {
    /** Whether tiles are those of {@link WideTiles} and {@link NarrowTiles}, or {@link CompactTiles}. */
    static final boolean WIDE = PackedB.PANEL == 4;
    /**
     * Rows of B in one pass. With 512-bit vectors a panel of 512 rows is 128 KiB, which stays in the second-level cache while A passes by; with 256 bits
     * one of 256 rows is 24 KiB and stays in the first.
     */
    static final int KC = WIDE ? 512 : 256;
    /** Rows of the tiles of whole panels. */
    static final int ROWS = WIDE ? 4 : 3;
    /** Blocks of rows are cut to a multiple of so many: whole tiles, or two where a row by itself takes little more than a fourth of one ({@link #step}). */
    static final int GRAIN = Processor.ONE_MULTIPLICATION ? 2 : ROWS;
    /** Items for each thread, at the least, where there are blocks and panels enough: threads take them over from each other. */
    static final long ITEMS = 16;
    /** Operations of a piece of work that may change hands: what takes some microseconds. */
    private static final long PIECE = 1_000_000;
    /** Rows that get their epilogue at once, still in the first-level cache; whole tiles of three, four and six. */
    private static final int STRIP = 12;
    /** Bytes of scratch one worker needs: a tile for panels that are wider than what is left of C. */
    static final long TILE_BYTES = lines(6 * PackedB.PANEL * V);
    /** Where {@link #finished}, which uses four rows of that, has four bytes to spare. */
    private static final long SINK = 5 * PackedB.PANEL * V;
    /** Rows, at the least, during which the next panel is read: then a step reads no more than half a cache line of it. */
    private static final int LEAST = 32;
    /** Bytes that a processor, which guesses what comes next, does not look beyond. */
    private static final long PAGE = 4096;

    private GemmBlock() {}

    /** Into how many blocks of rows, at most {@code wanted}, {@code rows} are cut: no block is without a tile. */
    static int blocks(int rows, int wanted) {
        return Math.min(wanted, Math.ceilDiv(rows, ROWS));
    }

    /** Items of {@code operations} each that threads take over from each other at a time ({@link Workers#balance}). */
    static long piece(long operations) {
        return Math.max(1, PIECE / Math.max(1, operations));
    }

    /** The first row of a block, {@code rows} for the one after the last. Blocks differ by {@link #GRAIN} rows at most, so that threads have as much to do. */
    static int row(int rows, int block, int blocks) {
        return Math.min(rows, (int) ((long) Math.ceilDiv(rows, GRAIN) * block / blocks) * GRAIN);
    }

    /**
     * Adds rows x kc of A times panels [from, to) of B into C, and applies the epilogue where {@code last}.
     *
     * @param a        element [row 0, column k0]
     * @param b        the packed matrix of {@code k} rows and {@code n} columns
     * @param k0       the first row of B that is used
     * @param c        element [row 0, column 0] of the block's rows, whichever panels are asked for
     * @param e        with {@code bias} (n floats) and {@code residual} (laid out as C), where these are not 0
     * @param residual its element [row 0, column 0]; rows are {@code ldc} bytes apart. May be C where {@link #finishes} says so
     * @param tile     {@link #TILE_BYTES} of scratch
     * @param ahead    whether the next panel is read on the way. Products of transformers, whose weights come from the third-level cache or from memory, take .95 to .97 of the
     *                 time on Zen 5; convolutions as long as without
     * @param masks    0, or where {@link SparseTiles#find} has marked what is not zero in A; only where {@link SparseTiles#applies} to the epilogue
     *                 and B is finite
     */
    static void run(long a, long lda, int rows, long b, int k, int n, int k0, int kc, int from, int to, long c, long ldc, Epilogue e,
            long bias, long residual, long tile, boolean ahead, long masks) {
        boolean first = k0 == 0, last = k0 + kc == k;
        boolean inTile = WIDE && first && last && e.beginsInTile(bias, residual);
        if (residual != 0 && last && (inTile || masks != 0))
            fetch(residual + (long) from * PackedB.PANEL_COLUMNS * 4, ldc, rows,
                    (Math.min(n, to * PackedB.PANEL_COLUMNS) - from * PackedB.PANEL_COLUMNS) * 4, tile);
        long end = b + PackedB.bytes(k, n), sink = tile + SINK;
        for (int j = from; j < to; j++) {
            int width = PackedB.width(n, j), column = j * PackedB.PANEL_COLUMNS, columns = Math.min(width * PackedB.LANES, n - column);
            long panel = panel(b, k, n, k0, j), cj = c + column * 4L;
            boolean whole = columns == width * PackedB.LANES;
            long next = j + 1 < to ? panel(b, k, n, k0, j + 1) : last ? end : panel(b, k, n, k0 + kc, from);
            int step = ahead && WIDE && whole && width == 4 && rows >= LEAST ? stepAhead(rows) : 0;
            if (step != 0) touch(next, Math.min(end, next + kc * 4 * V), sink);
            if (masks != 0 && SparseTiles.ROWS && whole && width == 4) {
                sparseRows(a, lda, rows, panel, kc, cj, ldc, first, last, e, bias == 0 ? Memory.NOTHING : bias + column * 4L,
                        residual == 0 ? 0 : residual + column * 4L, masks);
                continue;
            }
            if (masks != 0 && !SparseTiles.ROWS && whole && width == 4) {
                sparse(a, lda, rows, panel, b + PackedB.bytes(k, n), kc, cj, ldc, first, last, e,
                        bias == 0 ? Memory.NOTHING : bias + column * 4L,
                        residual == 0 ? 0 : residual + column * 4L, masks);
                continue;
            }
            if (inTile && whole && width == 4) {
                finished(a, lda, rows, panel, kc, cj, ldc, e, bias == 0 ? Memory.NOTHING : bias + column * 4L,
                        residual == 0 ? 0 : residual + column * 4L, tile, next, step, end);
                continue;
            }
            for (int i = 0; i < rows; i += STRIP) {
                int strip = last ? Math.min(STRIP, rows - i) : rows;
                long ai = a + i * lda, ci = cj + i * ldc;
                if (step != 0) next = ahead(ai, lda, strip, panel, kc, ci, ldc, first, next, step, end, sink);
                else if (whole) whole(ai, lda, strip, panel, width, kc, ci, ldc, first);
                else edge(ai, lda, strip, panel, width, columns, kc, ci, ldc, first, tile);
                if (!last) break;
                e.apply(ci, ldc, strip, columns, bias == 0 ? 0 : bias + column * 4L, residual == 0 ? 0 : residual + i * ldc + column * 4L,
                        ldc);
            }
        }
    }

    /** Whether every panel is finished in tiles: nothing but results is stored in C, which may then be the residual. */
    static boolean finishes(int k, int n, Epilogue e) {
        return WIDE && k <= KC && n % PackedB.PANEL_COLUMNS == 0 && e.alpha() == 1;
    }

    /** C (+)= A times one panel of B, whole vectors of columns; starts from zero where {@code first}. */
    static void whole(long a, long lda, int rows, long panel, int width, int kc, long c, long ldc, boolean first) {
        for (int i = 0; i < rows;) {
            int step = step(rows - i, width);
            tile(a, lda, panel, width, first ? Memory.ZEROS : c, first ? 0 : ldc, c, ldc, kc, step, Math.min(step, rows - i));
            a += step * lda;
            c += step * ldc;
            i += step;
        }
    }

    /**
     * {@link #whole} for a panel of four vectors, where what comes next from memory is read on the way ({@link WideTiles#ahead4x4}).
     *
     * @param ahead where that begins
     * @param step  how much of it each step of a tile reads, in bytes
     * @param end   where it ends, at the latest
     * @param sink  four bytes of scratch
     * @return where the next product goes on reading
     */
    static long ahead(long a, long lda, int rows, long panel, int kc, long c, long ldc, boolean first, long ahead, long step, long end,
            long sink) {
        int i = 0;
        for (; i <= rows - 4; i += 4) {
            boolean more = ahead + kc * step <= end - 4;
            long ci = c + i * ldc;
            WideTiles.ahead4x4(a + i * lda, lda, panel, first ? Memory.ZEROS : ci, first ? 0 : ldc, ci, ldc, kc, more ? ahead : sink,
                    more ? step : 0, sink);
            ahead += kc * step;
        }
        whole(a + i * lda, lda, rows - i, panel, 4, kc, c + i * ldc, ldc, first);
        return ahead;
    }

    /** Where rows k0 and on of panel j begin. */
    private static long panel(long b, int k, int n, int k0, int j) {
        return b + (long) j * PackedB.PANEL_COLUMNS * k * 4 + k0 * PackedB.width(n, j) * V;
    }

    /** Bytes of the next panel that a step reads, so that the tiles of {@code rows} rows have read it all. */
    private static int stepAhead(int rows) {
        return (int) (Math.ceilDiv(4 * V, rows / ROWS) + 3 & -4);
    }

    /**
     * Reads the first line of every page. What a processor fetches ahead of what is read ends with a page; each first line would have the tiles wait, and here
     * all are under way at the same time.
     *
     * @param sink four bytes, which get a number without a meaning
     */
    static void touch(long at, long end, long sink) {
        int seen = 0;
        for (; at < end; at = (at & -PAGE) + PAGE)
            seen |= ALL.get(I32, at);
        ALL.set(I32, sink, seen);
    }

    /**
     * Reads one element of every cache line, in the order in which they lie in memory. The processor fetches ahead of that; the tiles would read four lines
     * of each row and then those of the next, and wait for each.
     *
     * @param sink four bytes, which get a number without a meaning, so that the compiler keeps the loop
     */
    private static void fetch(long at, long ld, int rows, int bytes, long sink) {
        int seen = 0;
        for (int i = 0; i < rows; i++, at += ld)
            for (int j = 0; j < bytes; j += 64)
                seen |= ALL.get(I32, at + j);
        ALL.set(I32, sink, seen);
    }

    /**
     * All of K and the epilogue for one panel of four vectors. Sums go to scratch, and get bias and residual on their way into C: where K is short, another
     * pass over C takes a tenth of the time.
     */
    private static void finished(long a, long lda, int rows, long panel, int k, long c, long ldc, Epilogue e, long bias, long residual,
            long tile, long next, int step, long last) {
        float floor = e.floor();
        boolean all = e.endsInTile();
        long r = residual == 0 ? Memory.NOTHING : residual, ldr = residual == 0 ? 0 : ldc;
        for (int i = 0; i < rows; i += STRIP) {
            int end = Math.min(i + STRIP, rows);
            for (int j = i; j < end; j += ROWS) {
                int use = Math.min(ROWS, end - j);
                if (use < ROWS) whole(a + j * lda, lda, use, panel, 4, k, tile, 4 * V, true);
                else if (step == 0) WideTiles.first4x4(a + j * lda, lda, panel, tile, 4 * V, k, ROWS);
                else next = ahead(a + j * lda, lda, use, panel, k, tile, 4 * V, true, next, step, last, tile + SINK);
                WideTiles.finish(tile, use, c + j * ldc, ldc, bias, r + j * ldr, ldr, floor);
            }
            if (!all) e.afterTile(c + i * ldc, ldc, end - i, 4 * PackedB.LANES);
        }
    }

    /** One panel of four vectors, without the steps of A's zeros; B ends at {@code end}. */
    private static void sparse(long a, long lda, int rows, long panel, long end, int kc, long c, long ldc, boolean first, boolean last,
            Epilogue e, long bias, long residual, long masks) {
        long f = first ? Memory.ZEROS : c, ldf = first ? 0 : ldc;
        // Partial sums lie in C, which is fetched on the way, unless it holds the residual.
        boolean inPlace = c == residual;
        long words = SparseTiles.words(masks), order = SparseTiles.order(masks, rows), sink = SparseTiles.sink(masks);
        long sums = inPlace ? SparseTiles.sums(masks, rows) : c, lds = inPlace ? 4 * V : ldc;
        for (int left = kc;; left -= SparseTiles.STEPS) {
            long next = panel + SparseTiles.STEPS * 4L * V;
            boolean more = end - next >= (rows + 1) / 2 * SparseTiles.AHEAD;
            long ahead = more ? next : words;
            int step = more ? SparseTiles.AHEAD : 0;
            boolean done = left <= SparseTiles.STEPS;
            if (done && last) {
                SparseTiles.end(a, lda, panel, f, ldf, c, ldc, rows, words, order, bias, residual == 0 ? Memory.NOTHING : residual,
                        residual == 0 ? 0 : ldc, e.floor(), ahead, step, sink);
                if (!e.endsInTile()) e.afterTile(c, ldc, rows, 4 * PackedB.LANES);
            } else SparseTiles.add(a, lda, panel, f, ldf, done ? c : sums, done ? ldc : lds, rows, words, order, ahead, step, sink);
            if (done) return;
            a += SparseTiles.STEPS * 4L;
            panel = next;
            words += rows * 8L;
            order += rows * 4L;
            f = sums;
            ldf = lds;
        }
    }

    /** One panel of four vectors, without the steps in which four rows of A are zero. */
    private static void sparseRows(long a, long lda, int rows, long panel, int kc, long c, long ldc, boolean first, boolean last,
            Epilogue e, long bias, long residual, long masks) {
        long f = first ? Memory.ZEROS : c, ldf = first ? 0 : ldc, lds = 4 * V, sums = SparseTiles.sums(masks, rows),
                words = SparseTiles.words(masks);
        for (int left = kc; left > SparseTiles.STEPS; left -= SparseTiles.STEPS) {
            sparseRows(a, lda, rows, panel, SparseTiles.STEPS, f, ldf, sums, lds, words);
            a += SparseTiles.STEPS * 4L;
            panel += SparseTiles.STEPS * 4 * V;
            words += rows / SparseRows.SHARED * 8L;
            f = sums;
            ldf = lds;
        }
        int steps = (kc - 1) % SparseTiles.STEPS + 1;
        if (!last) {
            sparseRows(a, lda, rows, panel, steps, f, ldf, c, ldc, words);
            return;
        }
        long r = residual == 0 ? Memory.NOTHING : residual, ldr = residual == 0 ? 0 : ldc;
        for (int i = 0; i < rows; i += STRIP) {
            int use = Math.min(STRIP, rows - i);
            sparseRows(a + i * lda, lda, use, panel, steps, f + i * ldf, ldf, sums + i * lds, lds, words + i / SparseRows.SHARED * 8L);
            WideTiles.finish(sums + i * lds, use, c + i * ldc, ldc, bias, r + i * ldr, ldr, e.floor());
        }
        if (!e.endsInTile()) e.afterTile(c, ldc, rows, 4 * PackedB.LANES);
    }

    /** One pass of at most {@link SparseTiles#STEPS}. What is left of the rows has no marks and goes through a dense tile. */
    private static void sparseRows(long a, long lda, int rows, long panel, int steps, long f, long ldf, long c, long ldc, long words) {
        int shared = rows / SparseRows.SHARED * SparseRows.SHARED;
        SparseRows.add4x4(a, lda, panel, f, ldf, c, ldc, shared, words);
        if (shared < rows)
            WideTiles.add4x4(a + shared * lda, lda, panel, f + shared * ldf, ldf, c + shared * ldc, ldc, steps, rows - shared);
    }

    private static void edge(long a, long lda, int rows, long panel, int width, int columns, int kc, long c, long ldc, boolean first,
            long tile) {
        long ldt = width * V;
        for (int i = 0; i < rows;) {
            int step = step(rows - i, width), use = Math.min(step, rows - i);
            if (!first)
                for (int r = 0; r < use; r++)
                    Memory.copy(c + r * ldc, tile + r * ldt, columns * 4L);
            tile(a, lda, panel, width, first ? Memory.ZEROS : tile, first ? 0 : ldt, tile, ldt, kc, step, use);
            for (int r = 0; r < use; r++)
                Memory.copy(tile + r * ldt, c + r * ldc, columns * 4L);
            a += step * lda;
            c += step * ldc;
            i += step;
        }
    }

    /**
     * Rows of the next tile where {@code left} are left. A row of four vectors by itself has four accumulators, as many as hide the latency of a multiplication that
     * starts in every cycle (512 bits on Zen 4): two of them take half as long as a tile of four rows with two twice over. Where two start in a cycle a row would take half a tile's
     * time, and all of it where B comes from the second-level cache (Zen 5: 1.3 of 1.3 us with 512 steps).
     */
    private static int step(int left, int width) {
        if (left == 1 || Processor.ONE_MULTIPLICATION && width == 4 && left == 2) return 1;
        return WIDE ? width > 2 ? 4 : 6 : width == 3 ? 3 : width == 2 ? 4 : 6;
    }

    private static void tile(long a, long lda, long panel, int width, long f, long ldf, long c, long ldc, int k, int step, int rows) {
        if (!WIDE) {
            compact(a, lda, panel, width, f, ldf, c, ldc, k, step, rows);
            return;
        }
        switch (width) {
            case 4 -> {
                if (step == 4 && f == Memory.ZEROS) WideTiles.first4x4(a, lda, panel, c, ldc, k, rows);
                else if (step == 4) WideTiles.add4x4(a, lda, panel, f, ldf, c, ldc, k, rows);
                else WideTiles.add1x4(a, lda, panel, f, ldf, c, ldc, k);
            }
            case 3 -> {
                if (step == 4) WideTiles.add4x3(a, lda, panel, f, ldf, c, ldc, k, rows);
                else WideTiles.add1x3(a, lda, panel, f, ldf, c, ldc, k);
            }
            case 2 -> {
                if (step == 6) NarrowTiles.add6x2(a, lda, panel, f, ldf, c, ldc, k, rows);
                else NarrowTiles.add1x2(a, lda, panel, f, ldf, c, ldc, k);
            }
            default -> {
                if (step == 6) NarrowTiles.add6x1(a, lda, panel, f, ldf, c, ldc, k, rows);
                else NarrowTiles.add1x1(a, lda, panel, f, ldf, c, ldc, k);
            }
        }
    }

    private static void compact(long a, long lda, long panel, int width, long f, long ldf, long c, long ldc, int k, int step, int rows) {
        switch (width) {
            case 3 -> {
                if (step == 3) CompactTiles.add3x3(a, lda, panel, f, ldf, c, ldc, k, rows);
                else CompactTiles.add1x3(a, lda, panel, f, ldf, c, ldc, k);
            }
            case 2 -> {
                if (step == 4) CompactTiles.add4x2(a, lda, panel, f, ldf, c, ldc, k, rows);
                else CompactTiles.add1x2(a, lda, panel, f, ldf, c, ldc, k);
            }
            default -> {
                if (step == 6) CompactTiles.add6x1(a, lda, panel, f, ldf, c, ldc, k, rows);
                else CompactTiles.add1x1(a, lda, panel, f, ldf, c, ldc, k);
            }
        }
    }

    /** Writes A transposed ({@code k} rows of {@code m} floats) as m rows of k floats. */
    static void transpose(long from, int k, int m, long to) {
        for (int i0 = 0; i0 < m; i0 += 16)
            for (int p = 0; p < k; p++)
                for (int i = i0; i < Math.min(m, i0 + 16); i++)
                    ALL.set(F32, to + ((long) i * k + p) * 4, ALL.get(F32, from + ((long) p * m + i) * 4));
    }
}
