package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.lines;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Batched float32 matrix products C[i] = A[i] * B[i] followed by an {@link Epilogue}. Inputs 0 and 1 are A and B; output
 * 0 is C, {@code a.length} row-major matrices of m x n one after the other. The bits of an element depend on its row of A,
 * its column of B and the epilogue alone ({@link GemmReference} says which).
 *
 * @param m        rows of A and C
 * @param n        columns of B and C
 * @param k        columns of A, rows of B
 * @param transA   A is stored as k x m
 * @param transB   B is stored as n x k
 * @param a        element offset of the A of each product
 * @param b        which of B's matrices each product takes
 * @param bCount   how many matrices B holds
 * @param packed   B in the layout of {@link PackedB}, or null: then input 1 is packed in every run
 * @param epilogue what happens to the sums
 * @param bias     the input that holds n floats for the columns, or -1
 * @param residual the input that holds a tensor laid out as C, or -1
 */
public record Gemm(int m, int n, int k, boolean transA, boolean transB, long[] a, int[] b, int bCount, Tensor packed, Epilogue epilogue,
        int bias,
        int residual) implements Kernel {
    /** Rows of A in one block: with {@link GemmBlock#KC} columns 384 or 192 KiB, which leaves room for a panel of B in the second-level cache. */
    private static final int MC = 192;
    /** Below this many operations in all, threads cost more than they bring. */
    private static final long SMALL = 100_000;

    /** One product of row-major matrices without an epilogue. */
    public static Gemm of(int m, int n, int k) {
        return new Gemm(m, n, k, false, false, new long[1], new int[1], 1, null, Epilogue.NONE, -1, -1);
    }

    @Override
    public boolean repeatable() { return true; }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment memory, Workers workers) {
        long scratch = memory.address();
        if (out[0].size() == 0) return;
        int threads = workers.threads();
        long bm = packed != null ? packed.address() : scratch;
        long matrix = PackedB.bytes(k, n);
        int panels = PackedB.panels(n);
        if (packed == null) {
            long src = in[1].address();
            workers.run((long) bCount * panels, grain(k * (long) PackedB.PANEL_COLUMNS), (begin, end, _) -> {
                for (long t = begin; t < end; t++) {
                    long i = t / panels;
                    int j = (int) (t % panels);
                    PackedB.pack(src + i * k * n * 4, transB ? 1 : n, transB ? k : 1, k, n, scratch + i * matrix, j, j + 1);
                }
            });
        }
        long x = in[0].address(), am = transA ? scratch + packedBytes() : x;
        if (transA) workers.run(a.length, grain((long) m * k), (begin, end, _) -> {
            for (long t = begin; t < end; t++)
                GemmBlock.transpose(x + a[(int) t] * 4, k, m, am + t * m * k * 4);
        });
        // Blocks of rows; where those are too few for the threads, groups of panels as well.
        int blocks = Math.ceilDiv(m, MC);
        if (blocks > 1) blocks = Math.ceilDiv(blocks, threads) * threads;
        int mBlocks = GemmBlock.blocks(m, blocks);
        long units = (long) mBlocks * a.length;
        int groups = (int) Math.min(panels, Math.ceilDiv(GemmBlock.ITEMS * threads, units));
        long c = out[0].address(), bs = bias < 0 ? 0 : in[bias].address(), rs = residual < 0 ? 0 : in[residual].address();
        long common = packedBytes() + transposedBytes(), tiles = scratch + common,
                share = Memory.share(memory, common, threads, GemmBlock.TILE_BYTES);
        long work = flops() / (units * groups);
        workers.balance(units * groups, grain(work), GemmBlock.piece(work), (begin, end, worker, _) -> {
            for (long t = begin, next; t < end; t = next) {
                int g = (int) (t % groups), i = (int) (t / groups / mBlocks), block = (int) (t / groups % mBlocks);
                int r0 = GemmBlock.row(m, block, mBlocks), rows = GemmBlock.row(m, block + 1, mBlocks) - r0;
                long rowsOfA = am + (transA ? ((long) i * m + r0) * k : a[i] + (long) r0 * k) * 4;
                long at = ((long) i * m + r0) * n * 4;
                next = Math.min(end, t - g + groups);
                int from = (int) ((long) panels * g / groups), to = (int) (panels * (g + next - t) / groups);
                int k0 = 0;
                do {
                    int kc = Math.min(GemmBlock.KC, k - k0);
                    GemmBlock.run(rowsOfA + k0 * 4L, k * 4L, rows, bm + b[i] * matrix, k, n, k0, kc, from, to, c + at,
                            n * 4L,
                            epilogue, bs, rs == 0 ? 0 : rs + at, tiles + worker * share, true, 0);
                    k0 += kc;
                } while (k0 < k);
            }
        });
    }

    private static long grain(long work) { return Math.max(1, SMALL / 2 / Math.max(1, work)); }

    private long packedBytes() { return packed != null ? 0 : bCount * PackedB.bytes(k, n); }

    private long transposedBytes() { return transA ? lines((long) a.length * m * k * 4) : 0; }

    @Override
    public long scratchBytes(int threads) { return packedBytes() + transposedBytes() + threads * GemmBlock.TILE_BYTES; }

    /** The residual, where nothing but results is stored. */
    @Override
    public int inPlace() { return GemmBlock.finishes(k, n, epilogue) ? residual : -1; }

    @Override
    public long flops() { return 2L * m * n * k * a.length; }
}
