package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.tensor.Tensor.F32;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * float32 average and maximum over windows, in channels-first (outer = N·C planes, inner = 1) and channels-last layout
 * (outer = N, inner = C). Every output is one accumulator over its window in row-major order, so both layouts give the
 * same bits.
 *
 * @param outer planes
 * @param inner channels that lie side by side at each pixel
 */
public record Pool(boolean average, PoolWindow window, long outer, int inner) implements Kernel {
    private static final VectorSpecies<Float> V = FloatVector.SPECIES_PREFERRED;
    private static final int L = V.length();

    @Override
    public boolean repeatable() { return true; }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        long x = in[0].address(), y = out[0].address();
        int rows = window.rows;
        long work = Math.max(1, window.taps() / Math.max(rows, 1)) * inner;
        workers.run(outer * rows, Math.max(1, 16384 / work), (begin, end, _) -> {
            for (long r = begin; r < end; r++) {
                long plane = r / rows * window.inPixels * inner << 2, to = r * window.columns * inner << 2;
                int row = (int) (r % rows);
                if (inner == 1 && average) averageRow(x, plane, y, to, window, row);
                else if (inner == 1) maxRow(x, plane, y, to, window, row);
                else if (average) averagePixels(x, plane, y, to, window, row, inner);
                else maxPixels(x, plane, y, to, window, row, inner);
            }
        });
    }

    private static void averageRow(long x, long plane, long y, long to, PoolWindow w, int row) {
        int begin = w.rowBegin[row], end = w.rowBegin[row + 1], count = w.rowCount[row];
        long step = (long) w.step << 2;
        for (int c = 0; c < w.columns; c++) {
            float sum = 0;
            int taps = w.columnTaps[c];
            for (int r = begin; r < end; r++) {
                long at = plane + ((long) w.rowAt[r] + w.columnAt[c] << 2);
                for (int t = 0; t < taps; t++, at += step)
                    sum += ALL.get(F32, x + at);
            }
            ALL.set(F32, y + to + ((long) c << 2), sum / (count * w.columnCount[c]));
        }
    }

    private static void maxRow(long x, long plane, long y, long to, PoolWindow w, int row) {
        int begin = w.rowBegin[row], end = w.rowBegin[row + 1];
        long step = (long) w.step << 2;
        for (int c = 0; c < w.columns; c++) {
            float max = Float.NEGATIVE_INFINITY;
            int taps = w.columnTaps[c];
            for (int r = begin; r < end; r++) {
                long at = plane + ((long) w.rowAt[r] + w.columnAt[c] << 2);
                for (int t = 0; t < taps; t++, at += step)
                    max = Math.max(max, ALL.get(F32, x + at));
            }
            ALL.set(F32, y + to + ((long) c << 2), max);
        }
    }

    /** One loop over the taps and not two: a vector carried through nested loops may become an object, as the JIT compiler pleases. */
    private static void averagePixels(long x, long plane, long y, long to, PoolWindow w, int row, int channels) {
        int begin = w.rowBegin[row], end = w.rowBegin[row + 1];
        long pixel = (long) channels << 2, step = w.step * pixel;
        for (int c = 0; c < w.columns; c++, to += pixel) {
            int taps = w.columnTaps[c];
            float count = w.rowCount[row] * w.columnCount[c];
            long from = plane + w.columnAt[c] * pixel;
            int k = 0;
            for (; k <= channels - L; k += L) {
                FloatVector sum = FloatVector.zero(V);
                for (int r = begin, t = 0; r < end && taps > 0;) {
                    long at = from + w.rowAt[r] * pixel + t * step + ((long) k << 2);
                    sum = FloatVector.fromMemorySegment(V, ALL, x + at, ByteOrder.LITTLE_ENDIAN).add(sum);
                    if (++t == taps) {
                        t = 0;
                        r++;
                    }
                }
                sum.div(count).intoMemorySegment(ALL, y + to + ((long) k << 2), ByteOrder.LITTLE_ENDIAN);
            }
            for (; k < channels; k++) {
                float sum = 0;
                for (int r = begin; r < end; r++) {
                    long at = from + w.rowAt[r] * pixel + ((long) k << 2);
                    for (int t = 0; t < taps; t++, at += step)
                        sum += ALL.get(F32, x + at);
                }
                ALL.set(F32, y + to + ((long) k << 2), sum / count);
            }
        }
    }

    private static void maxPixels(long x, long plane, long y, long to, PoolWindow w, int row, int channels) {
        int begin = w.rowBegin[row], end = w.rowBegin[row + 1];
        long pixel = (long) channels << 2, step = w.step * pixel;
        for (int c = 0; c < w.columns; c++, to += pixel) {
            int taps = w.columnTaps[c];
            long from = plane + w.columnAt[c] * pixel;
            int k = 0;
            for (; k <= channels - L; k += L) {
                FloatVector max = FloatVector.broadcast(V, Float.NEGATIVE_INFINITY);
                for (int r = begin, t = 0; r < end && taps > 0;) {
                    long at = from + w.rowAt[r] * pixel + t * step + ((long) k << 2);
                    max = FloatVector.fromMemorySegment(V, ALL, x + at, ByteOrder.LITTLE_ENDIAN).max(max);
                    if (++t == taps) {
                        t = 0;
                        r++;
                    }
                }
                max.intoMemorySegment(ALL, y + to + ((long) k << 2), ByteOrder.LITTLE_ENDIAN);
            }
            for (; k < channels; k++) {
                float max = Float.NEGATIVE_INFINITY;
                for (int r = begin; r < end; r++) {
                    long at = from + w.rowAt[r] * pixel + ((long) k << 2);
                    for (int t = 0; t < taps; t++, at += step)
                        max = Math.max(max, ALL.get(F32, x + at));
                }
                ALL.set(F32, y + to + ((long) k << 2), max);
            }
        }
    }

    @Override
    public long flops() { return window.taps() * outer * inner; }
}
