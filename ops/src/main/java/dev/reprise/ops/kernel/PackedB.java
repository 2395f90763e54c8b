package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.V;
import static dev.reprise.ops.tensor.Tensor.F32;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;

/**
 * The layout in which the tiles read the right-hand matrix B (k rows, n columns) of a float32 product: panels of
 * {@link #PANEL} vectors of columns (the last one of as many vectors as are left, its columns beyond n zero); inside a
 * panel row by row. So a tile reads B as one stream, and every vector of an aligned matrix is aligned.
 *
 * <p>The layout depends on this machine's vector width; it is never written to a file.
 */
public final class PackedB {
    static final int LANES = Memory.LANES;
    /** AVX-512 and AArch64 have 32 vector registers, which hold tiles four vectors wide; 16 hold three ({@link CompactTiles}). */
    static final int PANEL = LANES >= 16 || System.getProperty("os.arch").equals("aarch64") ? 4 : 3;
    static final int PANEL_COLUMNS = PANEL * LANES;

    private PackedB() {}

    static int vectors(int n) { return (n + LANES - 1) / LANES; }

    static int panels(int n) { return (n + PANEL_COLUMNS - 1) / PANEL_COLUMNS; }

    /** Vectors across panel j. */
    static int width(int n, int j) { return Math.min(PANEL, vectors(n) - j * PANEL); }

    /** Bytes of a packed matrix. */
    public static long bytes(int k, int n) { return (long) k * vectors(n) * V; }

    /** Part of a name for {@code BindContext.packed}: tells layouts of different vector widths apart. */
    public static String form() {
        return "panels/" + PANEL + "x" + LANES;
    }

    /**
     * The packed form of float32 matrices.
     *
     * @param count     how many matrices there are in {@code b}, one after the other
     * @param rowStride elements between B[p][j] and B[p+1][j]
     * @param colStride elements between B[p][j] and B[p][j+1]
     */
    public static Packing packing(int count, int k, int n, long rowStride, long colStride) {
        long one = bytes(k, n);
        return new Packing(count * one / 4, (b, to) -> {
            for (int i = 0; i < count; i++)
                pack(b.address() + (long) i * k * n * 4, rowStride, colStride, k, n, to.address() + i * one, 0, panels(n));
        });
    }

    /** {@link #packing} of these matrices. */
    public static Tensor pack(Arena arena, Tensor b, int count, int k, int n, long rowStride, long colStride) {
        return packing(count, k, n, rowStride, colStride).pack(arena, b);
    }

    /** Packs panels [from, toPanel) of the matrix at {@code b} into the one at {@code to}. */
    static void pack(long b, long rowStride, long colStride, int k, int n, long to, int from, int toPanel) {
        for (int j = from; j < toPanel; j++) {
            int columns = width(n, j) * LANES, valid = Math.min(columns, n - j * PANEL_COLUMNS);
            long base = to + (long) j * PANEL_COLUMNS * k * 4, src = b + (long) j * PANEL_COLUMNS * colStride * 4;
            if (colStride == 1) packRows(src, rowStride * 4, k, valid, columns, base);
            else packColumns(src, rowStride * 4, colStride * 4, k, valid, columns, base);
        }
    }

    private static void packRows(long src, long rowBytes, int k, int valid, int columns, long base) {
        for (int p = 0; p < k; p++) {
            long o = base + (long) p * columns * 4;
            Memory.copy(src + p * rowBytes, o, valid * 4L);
            for (int c = valid; c < columns; c++)
                ALL.set(F32, o + c * 4L, 0f);
        }
    }

    private static void packColumns(long src, long rowBytes, long colBytes, int k, int valid, int columns, long base) {
        int side = Transpose8.SIDE, ready = 0;
        if (rowBytes == 4 && Transpose8.WORTHWHILE) {
            ready = valid & -side;
            for (int c = 0; c < ready; c += side) {
                int p = 0;
                for (; p <= k - side; p += side)
                    Transpose8.block(src, c * colBytes + p * 4L, colBytes, base, (p * (long) columns + c) * 4, columns * 4L);
                columns(src, 4, colBytes, p, k, c, c + side, valid, columns, base);
            }
        }
        // Sixteen rows at a time: a column of B is contiguous where it is transposed, and a cache line holds sixteen of it.
        for (int p = 0; p < k; p += 16)
            columns(src, rowBytes, colBytes, p, Math.min(k, p + 16), ready, columns, valid, columns, base);
    }

    /** Rows [p0, p1) of the columns [from, to), one element after the other. */
    private static void columns(long src, long rowBytes, long colBytes, int p0, int p1, int from, int to, int valid, int columns,
            long base) {
        for (int c = from; c < to; c++) {
            long s = src + c * colBytes, o = base + c * 4L;
            for (int p = p0; p < p1; p++)
                ALL.set(F32, o + (long) p * columns * 4, c < valid ? ALL.get(F32, s + p * rowBytes) : 0f);
        }
    }
}
