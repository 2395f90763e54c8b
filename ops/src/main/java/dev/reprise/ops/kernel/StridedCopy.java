package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.tensor.Tensor.I32;
import static dev.reprise.ops.tensor.Tensor.I64;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Copies a box of elements between two strided arrays: Transpose, Slice, Expand, Tile, Concat, Split and DepthToSpace
 * are all this with other strides. Axes that are adjacent on both sides are merged, short contiguous runs become wider
 * elements, and what remains is copied in one of three ways: contiguous runs, tiles of a transpose, or element by element.
 */
public final class StridedCopy implements Kernel {
    private enum Way {
        RUNS, TILES, ELEMENTS
    }

    /** Tiles are 16 × 16 elements: one cache line of floats a side, few enough lines to survive strides that alias. */
    private static final int TILE = 16;

    private final int bytes;
    private final long[] dims, from, to;
    private final long source, target;
    private final Way way;
    /** The number of independent rows (or, for TILES, of planes), and the axes that count them: all but the inner two. */
    private final long rows;

    private StridedCopy(int bytes, long[] dims, long[] from, long source, long[] to, long target, Way way) {
        this.bytes = bytes;
        this.dims = dims;
        this.from = from;
        this.source = source;
        this.to = to;
        this.target = target;
        this.way = way;
        long n = 1;
        for (int i = 0; i < dims.length - (way == Way.TILES ? 2 : 1); i++)
            n *= dims[i];
        rows = n;
    }

    /** Fills a contiguous output of {@code dims} from input strides and offset given in elements; strides may be 0 or negative. */
    public static StridedCopy toContiguous(int elementBytes, long[] dims, long[] strides, long offset) {
        long[] to = new long[dims.length];
        long n = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
            to[i] = n;
            n *= dims[i];
        }
        return of(elementBytes, dims, strides, offset, to, 0);
    }

    /** Copies {@code rows} runs of {@code run} bytes; pitches and offsets in bytes. */
    public static StridedCopy rows(long rows, long run, long fromPitch, long source, long toPitch, long target) {
        if (rows == 0 || run == 0) return new StridedCopy(1, new long[]{0, 0}, new long[2], 0, new long[2], 0, Way.RUNS);
        if (fromPitch == run && toPitch == run) {
            run *= rows;
            rows = 1;
        }
        return new StridedCopy(1, new long[]{rows, run}, new long[]{fromPitch, 1}, source, new long[]{toPitch, 1}, target, Way.RUNS);
    }

    /** Copies a box of {@code dims} elements. Strides and offsets are in elements; the last output stride must be 1 unless its axis has length 1. */
    public static StridedCopy of(int elementBytes, long[] dims, long[] fromStrides, long source, long[] toStrides, long target) {
        int e = elementBytes, r = 0;
        long[] d = new long[dims.length + 2], f = new long[dims.length + 2], t = new long[dims.length + 2];
        for (int i = 0; i < dims.length; i++) {
            if (dims[i] == 0) return rows(0, 0, 0, 0, 0, 0);
            if (dims[i] == 1) continue;
            long fi = fromStrides[i] * e, ti = toStrides[i] * e;
            if (r > 0 && f[r - 1] == fi * dims[i] && t[r - 1] == ti * dims[i]) {
                r--;
                d[r] *= dims[i];
            } else d[r] = dims[i];
            f[r] = fi;
            t[r] = ti;
            r++;
        }
        source *= e;
        target *= e;
        while (r > 0 && f[r - 1] == e && t[r - 1] == e && d[r - 1] * e <= 8 && Long.bitCount(d[r - 1]) == 1) {
            e *= (int) d[r - 1];
            r--;
        }
        if (r == 0 || t[r - 1] != e) {
            // Nothing left but single elements: let them be runs of one.
            d[r] = 1;
            f[r] = t[r] = e;
            r++;
        }
        Way way = Way.ELEMENTS;
        if (f[r - 1] == e) way = Way.RUNS;
        else
            for (int k = 0; k < r - 1; k++)
                if (f[k] == e) {
                    way = Way.TILES;
                    // The axis that is contiguous in the input goes next to the last, which is contiguous in the output.
                    for (long[] a : new long[][]{d, f, t}) {
                        long x = a[k];
                        System.arraycopy(a, k + 1, a, k, r - 2 - k);
                        a[r - 2] = x;
                    }
                    break;
                }
        if (r == 1) {
            d[1] = d[0];
            f[1] = f[0];
            t[1] = t[0];
            d[0] = 1;
            f[0] = t[0] = 0;
            r = 2;
        }
        return new StridedCopy(e, Arrays.copyOf(d, r), Arrays.copyOf(f, r), source, Arrays.copyOf(t, r), target, way);
    }

    /** True where the copy is one contiguous run from the start to the start: the output could share the input's memory. */
    public boolean isPlain() {
        return way == Way.RUNS && rows == 1 && source == 0 && target == 0;
    }

    @Override
    public boolean repeatable() { return true; }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) { copy(in[0].address(), out[0].address(), workers); }

    /** Copies between native segments. */
    public void copy(MemorySegment in, MemorySegment out, Workers workers) {
        copy(in.address(), out.address(), workers);
    }

    void copy(long in, long out, Workers workers) {
        if (rows == 0) return;
        int last = dims.length - 1;
        long row = dims[last] * bytes;
        switch (way) {
            case RUNS -> {
                if (rows == 1)
                    workers.run(row, Elements.GRAIN_BYTES,
                            (begin, end, _) -> Memory.copy(in + source + begin, out + target + begin, end - begin));
                else
                    workers.run(rows, Math.max(1, Elements.GRAIN_BYTES / row), (begin, end, _) -> runs(in, out, begin, end));
            }
            case ELEMENTS ->
                workers.run(rows, Math.max(1, Elements.GRAIN_BYTES / 2 / row), (begin, end, _) -> elements(in, out, begin, end));
            case TILES -> {
                long tiles = rows * ((dims[last - 1] + TILE - 1) / TILE) * ((dims[last] + TILE - 1) / TILE);
                workers.run(tiles, Math.max(1, Elements.GRAIN_BYTES / 2 / (TILE * TILE * bytes)),
                        (begin, end, _) -> tiles(in, out, begin, end));
            }
        }
    }

    private void runs(long in, long out, long begin, long end) {
        int j = dims.length - 2;
        long run = dims[j + 1] * bytes, f = from[j], t = to[j];
        for (long row = begin; row < end;) {
            long first = row % dims[j], count = Math.min(dims[j] - first, end - row), plane = row / dims[j];
            long s = offset(plane, j, from, source) + first * f, d = offset(plane, j, to, target) + first * t;
            for (long i = 0; i < count; i++, s += f, d += t)
                Memory.copy(in + s, out + d, run);
            row += count;
        }
    }

    private void elements(long in, long out, long begin, long end) {
        int j = dims.length - 2;
        long n = dims[j + 1], f = from[j], t = to[j], step = from[j + 1];
        for (long row = begin; row < end;) {
            long first = row % dims[j], count = Math.min(dims[j] - first, end - row), plane = row / dims[j];
            long s = offset(plane, j, from, source) + first * f, d = offset(plane, j, to, target) + first * t;
            for (long i = 0; i < count; i++, s += f, d += t)
                if (step == 0)
                    for (long k = 0; k < n; k++)
                        Memory.copyElement(in + s, out + d + k * bytes, bytes);
                else
                    if (bytes == 4) row4(in, s, step, out, d, n);
                    else if (bytes == 8) row8(in, s, step, out, d, n);
                    else
                        for (long k = 0; k < n; k++)
                            Memory.copyElement(in + s + k * step, out + d + k * bytes, bytes);
            row += count;
        }
    }

    private static void row4(long in, long s, long step, long out, long d, long n) {
        for (long k = 0; k < n; k++)
            ALL.set(I32, out + d + (k << 2), ALL.get(I32, in + s + k * step));
    }

    private static void row8(long in, long s, long step, long out, long d, long n) {
        for (long k = 0; k < n; k++)
            ALL.set(I64, out + d + (k << 3), ALL.get(I64, in + s + k * step));
    }

    private void tiles(long in, long out, long begin, long end) {
        int k = dims.length - 2, l = k + 1;
        long across = (dims[l] + TILE - 1) / TILE, down = (dims[k] + TILE - 1) / TILE;
        if (bytes == 4 && dims[l] == Interleave.PLANES && to[k] == Interleave.PLANES * 4) {
            pixels(in, out, begin, end);
            return;
        }
        for (long tile = begin; tile < end; tile++) {
            long l0 = tile % across * TILE, rest = tile / across, k0 = rest % down * TILE, plane = rest / down;
            int nk = (int) Math.min(TILE, dims[k] - k0), nl = (int) Math.min(TILE, dims[l] - l0);
            long s = offset(plane, k, from, source) + k0 * bytes + l0 * from[l];
            long d = offset(plane, k, to, target) + k0 * to[k] + l0 * bytes;
            if (bytes == 4 && nk == TILE && nl == TILE && Transpose8.WORTHWHILE) tile16(in, s, from[l], out, d, to[k]);
            else if (bytes == 4) tile4(in, s, from[l], nl, out, d, to[k], nk);
            else if (bytes == 8) tile8(in, s, from[l], nl, out, d, to[k], nk);
            else
                for (int a = 0; a < nk; a++)
                    for (int b = 0; b < nl; b++)
                        Memory.copyElement(in + s + a * (long) bytes + b * from[l], out + d + a * to[k] + b * (long) bytes, bytes);
        }
    }

    /** {@link #tiles} where each is as wide as a pixel, as many of an image at once as there are. */
    private void pixels(long in, long out, long begin, long end) {
        int k = dims.length - 2;
        long down = (dims[k] + TILE - 1) / TILE, step = from[k + 1], pitch = to[k];
        for (long tile = begin, count; tile < end; tile += count) {
            long k0 = tile % down * TILE, plane = tile / down;
            count = Math.min(end - tile, down - tile % down);
            long s = offset(plane, k, from, source) + k0 * bytes, d = offset(plane, k, to, target) + k0 * pitch;
            long n = Math.min(count * TILE, dims[k] - k0), vectors = n / Memory.LANES, done = vectors * Memory.LANES;
            Interleave.run(in + s, step, out + d, vectors);
            tile4(in, s + done * bytes, step, Interleave.PLANES, out, d + done * pitch, pitch, (int) (n - done));
        }
    }

    private static void tile16(long in, long s, long step, long out, long d, long pitch) {
        for (int l = 0; l < TILE; l += Transpose8.SIDE)
            for (int k = 0; k < TILE; k += Transpose8.SIDE)
                Transpose8.block(in, s + l * step + (k << 2), step, out, d + k * pitch + (l << 2), pitch);
    }

    /** Two floats a load and two a store: 2 × 2 blocks are transposed in two 64-bit registers. */
    private static void tile4(long in, long s, long step, int nl, long out, long d, long pitch, int nk) {
        int l = 0;
        for (; l + 1 < nl; l += 2, s += 2 * step, d += 8) {
            long t = d;
            int k = 0;
            for (; k + 1 < nk; k += 2, t += 2 * pitch) {
                long x = ALL.get(I64, in + s + (k << 2)), y = ALL.get(I64, in + s + step + (k << 2));
                ALL.set(I64, out + t, x & 0xffff_ffffL | y << 32);
                ALL.set(I64, out + t + pitch, x >>> 32 | y & 0xffff_ffff_0000_0000L);
            }
            if (k < nk) {
                ALL.set(I32, out + t, ALL.get(I32, in + s + (k << 2)));
                ALL.set(I32, out + t + 4, ALL.get(I32, in + s + step + (k << 2)));
            }
        }
        if (l < nl)
            for (int k = 0; k < nk; k++)
                ALL.set(I32, out + d + k * pitch, ALL.get(I32, in + s + (k << 2)));
    }

    private static void tile8(long in, long s, long step, int nl, long out, long d, long pitch, int nk) {
        for (int k = 0; k < nk; k++)
            for (int l = 0; l < nl; l++)
                ALL.set(I64, out + d + k * pitch + (l << 3), ALL.get(I64, in + s + (k << 3) + l * step));
    }

    /** The byte offset of the row-major {@code index} over axes [0, axes). */
    private long offset(long index, int axes, long[] strides, long offset) {
        for (int a = axes - 1; a >= 0 && index != 0; a--) {
            long n = dims[a], q = index / n;
            offset += (index - q * n) * strides[a];
            index = q;
        }
        return offset;
    }
}
