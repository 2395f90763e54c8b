package dev.reprise.metrics;

import dev.reprise.ops.kernel.Epilogue;
import dev.reprise.ops.kernel.Gemm;
import dev.reprise.ops.kernel.Kernel;
import dev.reprise.ops.kernel.PackedB;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The most similar of many descriptors to each of some, exhaustively, as blocked matrix products: 10 000 queries among 50 000
 * descriptors of 512 numbers are 512 GFLOP. The base is given in as many parts as one likes and not kept: the memory is that of the queries and
 * of one block of each. The result does not depend on the parts, the blocks or the threads.
 */
public final class NearestSearch implements AutoCloseable {
    /** Rows of the base and of the queries in one product: 8 MB of similarities. */
    private static final int BASE_BLOCK = 2048, QUERY_BLOCK = 1024;

    private final Arena arena = Arena.ofShared();
    private final Workers workers;
    private final Tensor queries, block, products;
    private final int[] index;
    private final float[] best;
    private int seen;

    /**
     * Begins a search.
     *
     * @param queries float32 (N, D), rows of any length but 0
     */
    public NearestSearch(Tensor queries, Workers workers) {
        this.workers = workers;
        this.queries = Similarity.normalize(queries, arena);
        int n = queries.shape().dimInt(0), k = queries.shape().dimInt(1);
        block = Tensor.allocate(arena, DType.FLOAT32, Shape.of(BASE_BLOCK, k));
        products = Tensor.allocate(arena, DType.FLOAT32, Shape.of(Math.min(QUERY_BLOCK, n), BASE_BLOCK));
        index = new int[n];
        best = new float[n];
        Arrays.fill(best, Float.NEGATIVE_INFINITY);
    }

    /**
     * Searches more descriptors; their numbers go on from those before.
     *
     * @param base float32 (M, D), rows of any length but 0
     */
    public void add(Tensor base) {
        if (base.shape().rank() != 2 || base.shape().dim(1) != queries.shape().dim(1))
            throw new IllegalArgumentException("cannot search " + queries.shape() + " in " + base.shape());
        int m = base.shape().dimInt(0);
        for (int from = 0; from < m; from += BASE_BLOCK)
            search(base.rows(from, Math.min(m, from + BASE_BLOCK)));
    }

    private void search(Tensor base) {
        int n = queries.shape().dimInt(0), k = queries.shape().dimInt(1), rows = base.shape().dimInt(0), first = seen;
        Tensor unit = block.rows(0, rows);
        Similarity.normalize(base, unit, first);
        try (Arena own = Arena.ofShared()) {
            Tensor packed = PackedB.pack(own, unit, 1, k, rows, 1, k);
            MemorySegment scratch = null;
            for (int q = 0; q < n; q += QUERY_BLOCK) {
                int count = Math.min(QUERY_BLOCK, n - q), at = q;
                Kernel gemm = new Gemm(count, rows, k, false, true, new long[1], new int[1], 1, packed, Epilogue.NONE, -1, -1);
                if (scratch == null) scratch = own.allocate(Math.max(1, gemm.scratchBytes(workers.threads())), Tensor.ALIGNMENT);
                Tensor c = new Tensor(DType.FLOAT32, Shape.of(count, rows), products.data().asSlice(0, 4L * count * rows));
                gemm.run(new Tensor[]{queries.rows(q, q + count), unit}, new Tensor[]{c}, scratch, workers);
                workers.run(count, 16, (begin, end, _) -> {
                    float[] row = new float[rows];
                    for (int i = (int) begin; i < end; i++) {
                        MemorySegment.copy(c.data(), Tensor.F32, 4L * i * rows, row, 0, rows);
                        take(row, first, at + i);
                    }
                });
            }
        }
        seen = Math.addExact(seen, rows);
    }

    /** Strictly greater, so that the first of equal rows wins whatever the blocks. */
    private void take(float[] row, int first, int q) {
        float b = best[q];
        int at = -1;
        for (int j = 0; j < row.length; j++)
            if (row[j] > b) {
                b = row[j];
                at = j;
            }
        if (at < 0) return;
        best[q] = b;
        index[q] = first + at;
    }

    /**
     * What was found so far.
     *
     * @throws IllegalStateException where nothing was searched
     */
    public Similarity.Nearest result() {
        if (seen == 0) throw new IllegalStateException("there are no descriptors to search");
        return new Similarity.Nearest(index.clone(), best.clone());
    }

    @Override
    public void close() { arena.close(); }
}
