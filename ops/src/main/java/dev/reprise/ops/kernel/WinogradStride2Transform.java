package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.kernel.Memory.S;
import static dev.reprise.ops.kernel.Memory.V;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import jdk.incubator.vector.FloatVector;

/**
 * Transforms of 3 x 3 convolutions with stride 2. Along a line the even inputs meet the outer taps, a convolution of two taps with
 * stride 1 that Winograd's F(m, 2) takes, and the odd inputs the tap in the middle, products that are added to its outputs:
 * {@code y[i] = (w0 x[2i] + w2 x[2i + 2]) + w1 x[2i + 1]}. F(2, 2) has the points 0, 1 and infinity, F(3, 2) 0, 1, -1 and infinity
 * and the inputs of {@link WinogradTransform#input4}. In two dimensions F(3, 2) takes 49 products for 9 outputs instead of 81, and
 * errs half as much as the direct sum.
 */
final class WinogradStride2Transform {
    private WinogradStride2Transform() {}

    static void input3(long at, long tile, long step, int count, long to, long toTile, long toStep, long bytes) {
        long v = 0;
        for (int i = 0, n = count * (int) (bytes / V); i < n; i++) {
            long o = at + v, t = to + v;
            v += V;
            if (v == bytes) {
                v = 0;
                at += tile;
                to += toTile;
            }
            FloatVector d0 = fromMemorySegment(S, ALL, o, LE), d1 = fromMemorySegment(S, ALL, o + step, LE),
                    d2 = fromMemorySegment(S, ALL, o + 2 * step, LE);
            d0.sub(d1).intoMemorySegment(ALL, t, LE);
            d1.intoMemorySegment(ALL, t + toStep, LE);
            d2.sub(d1).intoMemorySegment(ALL, t + 2 * toStep, LE);
        }
    }

    /** F(2, 2) of the products at {@code at}, and to each output one of those at {@code odd}. Parameters as in {@link WinogradTransform}. */
    static void output2(long at, long tile, long step, long odd, long oddTile, long oddStep, int count, long to, long toTile, long toStep,
            long bytes) {
        long v = 0;
        for (int i = 0, n = count * (int) (bytes / V); i < n; i++) {
            long o = at + v, p = odd + v, t = to + v;
            v += V;
            if (v == bytes) {
                v = 0;
                at += tile;
                odd += oddTile;
                to += toTile;
            }
            FloatVector m0 = fromMemorySegment(S, ALL, o, LE), m1 = fromMemorySegment(S, ALL, o + step, LE),
                    m2 = fromMemorySegment(S, ALL, o + 2 * step, LE);
            m0.add(m1).add(fromMemorySegment(S, ALL, p, LE)).intoMemorySegment(ALL, t, LE);
            m1.add(m2).add(fromMemorySegment(S, ALL, p + oddStep, LE)).intoMemorySegment(ALL, t + toStep, LE);
        }
    }

    /** F(3, 2). */
    static void output3(long at, long tile, long step, long odd, long oddTile, long oddStep, int count, long to, long toTile, long toStep,
            long bytes) {
        long v = 0;
        for (int i = 0, n = count * (int) (bytes / V); i < n; i++) {
            long o = at + v, p = odd + v, t = to + v;
            v += V;
            if (v == bytes) {
                v = 0;
                at += tile;
                odd += oddTile;
                to += toTile;
            }
            FloatVector m1 = fromMemorySegment(S, ALL, o + step, LE), m2 = fromMemorySegment(S, ALL, o + 2 * step, LE),
                    sum = m1.add(m2);
            fromMemorySegment(S, ALL, o, LE).add(sum).add(fromMemorySegment(S, ALL, p, LE)).intoMemorySegment(ALL, t, LE);
            m1.sub(m2).add(fromMemorySegment(S, ALL, p + oddStep, LE)).intoMemorySegment(ALL, t + toStep, LE);
            sum.sub(fromMemorySegment(S, ALL, o + 3 * step, LE)).add(fromMemorySegment(S, ALL, p + 2 * oddStep, LE))
                    .intoMemorySegment(ALL, t + 2 * toStep, LE);
        }
    }

    /** The weights of F(2, 2): g0, g0 + g2, g2 and, for the odd inputs, g1; columns, then rows. */
    static void points4(long at, long tap, long to, long point, long bytes) {
        for (long v = 0; v < bytes; v += V) {
            long o = at + v, t = to + v;
            FloatVector g00 = fromMemorySegment(S, ALL, o, LE), g01 = fromMemorySegment(S, ALL, o + tap, LE),
                    g02 = fromMemorySegment(S, ALL, o + 2 * tap, LE);
            FloatVector g10 = fromMemorySegment(S, ALL, o + 3 * tap, LE), g11 = fromMemorySegment(S, ALL, o + 4 * tap, LE),
                    g12 = fromMemorySegment(S, ALL, o + 5 * tap, LE);
            FloatVector g20 = fromMemorySegment(S, ALL, o + 6 * tap, LE), g21 = fromMemorySegment(S, ALL, o + 7 * tap, LE),
                    g22 = fromMemorySegment(S, ALL, o + 8 * tap, LE);
            g00.intoMemorySegment(ALL, t, LE);
            g00.add(g02).intoMemorySegment(ALL, t + point, LE);
            g02.intoMemorySegment(ALL, t + 2 * point, LE);
            g01.intoMemorySegment(ALL, t + 3 * point, LE);
            FloatVector s0 = g00.add(g20), s1 = g01.add(g21), s2 = g02.add(g22);
            s0.intoMemorySegment(ALL, t + 4 * point, LE);
            s0.add(s2).intoMemorySegment(ALL, t + 5 * point, LE);
            s2.intoMemorySegment(ALL, t + 6 * point, LE);
            s1.intoMemorySegment(ALL, t + 7 * point, LE);
            g20.intoMemorySegment(ALL, t + 8 * point, LE);
            g20.add(g22).intoMemorySegment(ALL, t + 9 * point, LE);
            g22.intoMemorySegment(ALL, t + 10 * point, LE);
            g21.intoMemorySegment(ALL, t + 11 * point, LE);
            g10.intoMemorySegment(ALL, t + 12 * point, LE);
            g10.add(g12).intoMemorySegment(ALL, t + 13 * point, LE);
            g12.intoMemorySegment(ALL, t + 14 * point, LE);
            g11.intoMemorySegment(ALL, t + 15 * point, LE);
        }
    }

    /** The weights of F(3, 2): g0, (g0 + g2) / 2, (g0 - g2) / 2, g2 and, for the odd inputs, g1; columns, then rows. */
    static void points5(long at, long tap, long to, long point, long bytes) {
        line5(at, tap, to, point, bytes);
        mixed5(at, tap, to + 5 * point, point, bytes);
        line5(at + 6 * tap, tap, to + 15 * point, point, bytes);
        line5(at + 3 * tap, tap, to + 20 * point, point, bytes);
    }

    private static void line5(long at, long tap, long to, long point, long bytes) {
        FloatVector half = FloatVector.broadcast(S, 0.5f);
        for (long v = 0; v < bytes; v += V) {
            long o = at + v, t = to + v;
            FloatVector g0 = fromMemorySegment(S, ALL, o, LE), g1 = fromMemorySegment(S, ALL, o + tap, LE),
                    g2 = fromMemorySegment(S, ALL, o + 2 * tap, LE);
            g0.intoMemorySegment(ALL, t, LE);
            g0.add(g2).mul(half).intoMemorySegment(ALL, t + point, LE);
            g0.sub(g2).mul(half).intoMemorySegment(ALL, t + 2 * point, LE);
            g2.intoMemorySegment(ALL, t + 3 * point, LE);
            g1.intoMemorySegment(ALL, t + 4 * point, LE);
        }
    }

    /** The lines of (g0 + g2) / 2 and (g0 - g2) / 2. All five lines in one loop were more than C2 keeps in registers without fail. */
    private static void mixed5(long at, long tap, long to, long point, long bytes) {
        FloatVector half = FloatVector.broadcast(S, 0.5f);
        for (long v = 0; v < bytes; v += V) {
            long o = at + v, t = to + v;
            FloatVector g00 = fromMemorySegment(S, ALL, o, LE), g01 = fromMemorySegment(S, ALL, o + tap, LE),
                    g02 = fromMemorySegment(S, ALL, o + 2 * tap, LE);
            FloatVector g20 = fromMemorySegment(S, ALL, o + 6 * tap, LE), g21 = fromMemorySegment(S, ALL, o + 7 * tap, LE),
                    g22 = fromMemorySegment(S, ALL, o + 8 * tap, LE);
            FloatVector s0 = g00.add(g20).mul(half), s1 = g01.add(g21).mul(half), s2 = g02.add(g22).mul(half);
            s0.intoMemorySegment(ALL, t, LE);
            s0.add(s2).mul(half).intoMemorySegment(ALL, t + point, LE);
            s0.sub(s2).mul(half).intoMemorySegment(ALL, t + 2 * point, LE);
            s2.intoMemorySegment(ALL, t + 3 * point, LE);
            s1.intoMemorySegment(ALL, t + 4 * point, LE);
            FloatVector d0 = g00.sub(g20).mul(half), d1 = g01.sub(g21).mul(half), d2 = g02.sub(g22).mul(half);
            d0.intoMemorySegment(ALL, t + 5 * point, LE);
            d0.add(d2).mul(half).intoMemorySegment(ALL, t + 6 * point, LE);
            d0.sub(d2).mul(half).intoMemorySegment(ALL, t + 7 * point, LE);
            d2.intoMemorySegment(ALL, t + 8 * point, LE);
            d1.intoMemorySegment(ALL, t + 9 * point, LE);
        }
    }
}
