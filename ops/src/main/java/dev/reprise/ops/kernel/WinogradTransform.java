package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.kernel.Memory.S;
import static dev.reprise.ops.kernel.Memory.V;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import jdk.incubator.vector.FloatVector;

/**
 * One-dimensional Winograd transforms of inputs and outputs, applied to {@code bytes} of channels of {@code count} tiles (or pixels) at once: number i of tile t is read at
 * {@code at + t * tile + i * step}, result j stored at {@code to + t * toTile + j * toStep}. One loop for all, since loops over a few vectors cost as much to begin as to run.
 * Two-dimensional ones apply them to columns and then to rows. F(2, 3) has the points 0, 1, -1 and infinity; F(3, 3) has 3/8, -3/8, 3/2, -3/2 and infinity, which loses half as much as
 * with 0 among them; F(4, 3) has 0, 3/4, -3/4, 3/2, -3/2 and infinity, which loses half as much as the usual 0, 1, -1, 2, -2
 * (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015, use those). The constants of inputs and outputs are
 * exact.
 */
final class WinogradTransform {
    static final float A = 0.75f, B = 1.5f;
    /** A², B², A² B² and A² + B². */
    static final float AA = 0.5625f, BB = 2.25f, AABB = 1.265625f, SUM = 2.8125f;
    /** A³ and B³. */
    static final float AAA = 0.421875f, BBB = 3.375f;

    /** The smaller point of F(3, 3), whose larger one is B; C², C² B² and C² + B². */
    static final float C = 0.375f, CC = 0.140625f, CCBB = 0.31640625f, CSUM = 2.390625f;

    private WinogradTransform() {}

    static void input4(long at, long tile, long step, int count, long to, long toTile, long toStep, long bytes) {
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
                    d2 = fromMemorySegment(S, ALL, o + 2 * step, LE), d3 = fromMemorySegment(S, ALL, o + 3 * step, LE);
            d0.sub(d2).intoMemorySegment(ALL, t, LE);
            d1.add(d2).intoMemorySegment(ALL, t + toStep, LE);
            d2.sub(d1).intoMemorySegment(ALL, t + 2 * toStep, LE);
            d1.sub(d3).intoMemorySegment(ALL, t + 3 * toStep, LE);
        }
    }

    static void output4(long at, long tile, long step, int count, long to, long toTile, long toStep, long bytes) {
        long v = 0;
        for (int i = 0, n = count * (int) (bytes / V); i < n; i++) {
            long o = at + v, t = to + v;
            v += V;
            if (v == bytes) {
                v = 0;
                at += tile;
                to += toTile;
            }
            FloatVector m0 = fromMemorySegment(S, ALL, o, LE), m1 = fromMemorySegment(S, ALL, o + step, LE),
                    m2 = fromMemorySegment(S, ALL, o + 2 * step, LE), m3 = fromMemorySegment(S, ALL, o + 3 * step, LE);
            m0.add(m1).add(m2).intoMemorySegment(ALL, t, LE);
            m1.sub(m2).sub(m3).intoMemorySegment(ALL, t + toStep, LE);
        }
    }

    /** {@link #output4}, and {@code max(y + bias, floor)} of it. */
    static void output4(long at, long tile, long step, int count, long to, long toTile, long toStep, long bytes, long bias, float floor) {
        FloatVector low = FloatVector.broadcast(S, floor);
        long v = 0;
        for (int i = 0, n = count * (int) (bytes / V); i < n; i++) {
            long o = at + v, t = to + v;
            FloatVector b = fromMemorySegment(S, ALL, bias + v, LE);
            v += V;
            if (v == bytes) {
                v = 0;
                at += tile;
                to += toTile;
            }
            FloatVector m0 = fromMemorySegment(S, ALL, o, LE), m1 = fromMemorySegment(S, ALL, o + step, LE),
                    m2 = fromMemorySegment(S, ALL, o + 2 * step, LE), m3 = fromMemorySegment(S, ALL, o + 3 * step, LE);
            FloatVector y0 = m0.add(m1).add(m2).add(b);
            y0.max(low).intoMemorySegment(ALL, t, LE);
            FloatVector y1 = m1.sub(m2).sub(m3).add(b);
            y1.max(low).intoMemorySegment(ALL, t + toStep, LE);
        }
    }

    static void input5(long at, long tile, long step, int count, long to, long toTile, long toStep, long bytes) {
        FloatVector c = FloatVector.broadcast(S, C), b = FloatVector.broadcast(S, B), nc = FloatVector.broadcast(S, -C),
                nb = FloatVector.broadcast(S, -B), ncc = FloatVector.broadcast(S, -CC), nbb = FloatVector.broadcast(S, -BB),
                ccbb = FloatVector.broadcast(S, CCBB), ns = FloatVector.broadcast(S, -CSUM);
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
                    d2 = fromMemorySegment(S, ALL, o + 2 * step, LE), d3 = fromMemorySegment(S, ALL, o + 3 * step, LE);
            FloatVector even = d0.fma(nbb, d2), odd = d1.fma(nbb, d3);
            even.fma(c, odd).intoMemorySegment(ALL, t, LE);
            even.fma(nc, odd).intoMemorySegment(ALL, t + toStep, LE);
            even = d0.fma(ncc, d2);
            odd = d1.fma(ncc, d3);
            even.fma(b, odd).intoMemorySegment(ALL, t + 2 * toStep, LE);
            even.fma(nb, odd).intoMemorySegment(ALL, t + 3 * toStep, LE);
            d0.fma(ccbb, d2.fma(ns, fromMemorySegment(S, ALL, o + 4 * step, LE))).intoMemorySegment(ALL, t + 4 * toStep, LE);
        }
    }

    static void output5(long at, long tile, long step, int count, long to, long toTile, long toStep, long bytes) {
        long v = 0;
        for (int i = 0, n = count * (int) (bytes / V); i < n; i++) {
            long o = at + v, t = to + v;
            v += V;
            if (v == bytes) {
                v = 0;
                at += tile;
                to += toTile;
            }
            FloatVector m0 = fromMemorySegment(S, ALL, o, LE), m1 = fromMemorySegment(S, ALL, o + step, LE),
                    m2 = fromMemorySegment(S, ALL, o + 2 * step, LE), m3 = fromMemorySegment(S, ALL, o + 3 * step, LE);
            FloatVector s1 = m0.add(m1), d1 = m0.sub(m1), s2 = m2.add(m3), d2 = m2.sub(m3);
            s1.add(s2).intoMemorySegment(ALL, t, LE);
            d2.fma(FloatVector.broadcast(S, B), d1.mul(C)).intoMemorySegment(ALL, t + toStep, LE);
            s2.fma(FloatVector.broadcast(S, BB), s1.fma(FloatVector.broadcast(S, CC), fromMemorySegment(S, ALL, o + 4 * step, LE)))
                    .intoMemorySegment(ALL, t + 2 * toStep, LE);
        }
    }

    /** {@link #output5}, and {@code max(y + bias, floor)} of it. */
    static void output5(long at, long tile, long step, int count, long to, long toTile, long toStep, long bytes, long bias, float floor) {
        FloatVector low = FloatVector.broadcast(S, floor);
        long v = 0;
        for (int i = 0, n = count * (int) (bytes / V); i < n; i++) {
            long o = at + v, t = to + v;
            FloatVector b = fromMemorySegment(S, ALL, bias + v, LE);
            v += V;
            if (v == bytes) {
                v = 0;
                at += tile;
                to += toTile;
            }
            FloatVector m0 = fromMemorySegment(S, ALL, o, LE), m1 = fromMemorySegment(S, ALL, o + step, LE),
                    m2 = fromMemorySegment(S, ALL, o + 2 * step, LE), m3 = fromMemorySegment(S, ALL, o + 3 * step, LE);
            FloatVector s1 = m0.add(m1), d1 = m0.sub(m1), s2 = m2.add(m3), d2 = m2.sub(m3);
            FloatVector y0 = s1.add(s2).add(b);
            y0.max(low).intoMemorySegment(ALL, t, LE);
            FloatVector y1 = d2.fma(FloatVector.broadcast(S, B), d1.mul(C)).add(b);
            y1.max(low).intoMemorySegment(ALL, t + toStep, LE);
            FloatVector y2 = s2
                    .fma(FloatVector.broadcast(S, BB), s1.fma(FloatVector.broadcast(S, CC), fromMemorySegment(S, ALL, o + 4 * step, LE)))
                    .add(b);
            y2.max(low).intoMemorySegment(ALL, t + 2 * toStep, LE);
        }
    }

    static void input6(long at, long tile, long step, int count, long to, long toTile, long toStep, long bytes) {
        FloatVector a = FloatVector.broadcast(S, A), b = FloatVector.broadcast(S, B),
                na = FloatVector.broadcast(S, -A),
                nb = FloatVector.broadcast(S, -B), naa = FloatVector.broadcast(S, -AA),
                nbb = FloatVector.broadcast(S, -BB),
                aabb = FloatVector.broadcast(S, AABB), ns = FloatVector.broadcast(S, -SUM);
        long v = 0;
        for (int i = 0, n = count * (int) (bytes / V); i < n; i++) {
            long o = at + v, t = to + v;
            v += V;
            if (v == bytes) {
                v = 0;
                at += tile;
                to += toTile;
            }
            FloatVector d1 = fromMemorySegment(S, ALL, o + step, LE), d2 = fromMemorySegment(S, ALL, o + 2 * step, LE),
                    d3 = fromMemorySegment(S, ALL, o + 3 * step, LE),
                    d4 = fromMemorySegment(S, ALL, o + 4 * step, LE);
            fromMemorySegment(S, ALL, o, LE).fma(aabb, d2.fma(ns, d4)).intoMemorySegment(ALL, t, LE);
            FloatVector even = d2.fma(nbb, d4), odd = d1.fma(nbb, d3);
            odd.fma(a, even).intoMemorySegment(ALL, t + toStep, LE);
            odd.fma(na, even).intoMemorySegment(ALL, t + 2 * toStep, LE);
            even = d2.fma(naa, d4);
            odd = d1.fma(naa, d3);
            odd.fma(b, even).intoMemorySegment(ALL, t + 3 * toStep, LE);
            odd.fma(nb, even).intoMemorySegment(ALL, t + 4 * toStep, LE);
            d1.fma(aabb, d3.fma(ns, fromMemorySegment(S, ALL, o + 5 * step, LE))).intoMemorySegment(ALL, t + 5 * toStep, LE);
        }
    }

    static void output6(long at, long tile, long step, int count, long to, long toTile, long toStep, long bytes) {
        long v = 0;
        for (int i = 0, n = count * (int) (bytes / V); i < n; i++) {
            long o = at + v, t = to + v;
            v += V;
            if (v == bytes) {
                v = 0;
                at += tile;
                to += toTile;
            }
            FloatVector m1 = fromMemorySegment(S, ALL, o + step, LE), m2 = fromMemorySegment(S, ALL, o + 2 * step, LE),
                    m3 = fromMemorySegment(S, ALL, o + 3 * step, LE),
                    m4 = fromMemorySegment(S, ALL, o + 4 * step, LE);
            FloatVector s1 = m1.add(m2), d1 = m1.sub(m2), s2 = m3.add(m4), d2 = m3.sub(m4);
            fromMemorySegment(S, ALL, o, LE).add(s1).add(s2).intoMemorySegment(ALL, t, LE);
            d2.fma(FloatVector.broadcast(S, B), d1.mul(A)).intoMemorySegment(ALL, t + toStep, LE);
            s2.fma(FloatVector.broadcast(S, BB), s1.mul(AA)).intoMemorySegment(ALL, t + 2 * toStep, LE);
            d2.fma(FloatVector.broadcast(S, BBB), d1.fma(FloatVector.broadcast(S, AAA), fromMemorySegment(S, ALL, o + 5 * step, LE)))
                    .intoMemorySegment(ALL, t + 3 * toStep, LE);
        }
    }

    /** {@link #output6}, and {@code max(y + bias, floor)} of it. */
    static void output6(long at, long tile, long step, int count, long to, long toTile, long toStep, long bytes, long bias, float floor) {
        FloatVector low = FloatVector.broadcast(S, floor);
        long v = 0;
        for (int i = 0, n = count * (int) (bytes / V); i < n; i++) {
            long o = at + v, t = to + v;
            FloatVector b = fromMemorySegment(S, ALL, bias + v, LE);
            v += V;
            if (v == bytes) {
                v = 0;
                at += tile;
                to += toTile;
            }
            FloatVector m1 = fromMemorySegment(S, ALL, o + step, LE), m2 = fromMemorySegment(S, ALL, o + 2 * step, LE),
                    m3 = fromMemorySegment(S, ALL, o + 3 * step, LE),
                    m4 = fromMemorySegment(S, ALL, o + 4 * step, LE);
            FloatVector s1 = m1.add(m2), d1 = m1.sub(m2), s2 = m3.add(m4), d2 = m3.sub(m4);
            FloatVector y0 = fromMemorySegment(S, ALL, o, LE).add(s1).add(s2).add(b);
            y0.max(low).intoMemorySegment(ALL, t, LE);
            FloatVector y1 = d2.fma(FloatVector.broadcast(S, B), d1.mul(A)).add(b);
            y1.max(low).intoMemorySegment(ALL, t + toStep, LE);
            FloatVector y2 = s2.fma(FloatVector.broadcast(S, BB), s1.mul(AA)).add(b);
            y2.max(low).intoMemorySegment(ALL, t + 2 * toStep, LE);
            FloatVector y3 = d2
                    .fma(FloatVector.broadcast(S, BBB), d1.fma(FloatVector.broadcast(S, AAA), fromMemorySegment(S, ALL, o + 5 * step, LE)))
                    .add(b);
            y3.max(low).intoMemorySegment(ALL, t + 3 * toStep, LE);
        }
    }

    /** F(3, 4), which has the points and the inputs of F(4, 3). */
    static void output3(long at, long tile, long step, int count, long to, long toTile, long toStep, long bytes) {
        long v = 0;
        for (int i = 0, n = count * (int) (bytes / V); i < n; i++) {
            long o = at + v, t = to + v;
            v += V;
            if (v == bytes) {
                v = 0;
                at += tile;
                to += toTile;
            }
            FloatVector m1 = fromMemorySegment(S, ALL, o + step, LE), m2 = fromMemorySegment(S, ALL, o + 2 * step, LE),
                    m3 = fromMemorySegment(S, ALL, o + 3 * step, LE), m4 = fromMemorySegment(S, ALL, o + 4 * step, LE);
            FloatVector s1 = m1.add(m2), d1 = m1.sub(m2), s2 = m3.add(m4), d2 = m3.sub(m4);
            fromMemorySegment(S, ALL, o, LE).add(s1).add(s2).intoMemorySegment(ALL, t, LE);
            d2.fma(FloatVector.broadcast(S, B), d1.mul(A)).intoMemorySegment(ALL, t + toStep, LE);
            s2.fma(FloatVector.broadcast(S, BB), s1.fma(FloatVector.broadcast(S, AA), fromMemorySegment(S, ALL, o + 5 * step, LE)))
                    .intoMemorySegment(ALL, t + 2 * toStep, LE);
        }
    }

    /**
     * {@link #output3}, and {@code max(y + bias, floor)} of it.
     *
     * @param bias {@code bytes} of it
     */
    static void output3(long at, long tile, long step, int count, long to, long toTile, long toStep, long bytes, long bias, float floor) {
        FloatVector low = FloatVector.broadcast(S, floor);
        long v = 0;
        for (int i = 0, n = count * (int) (bytes / V); i < n; i++) {
            long o = at + v, t = to + v;
            FloatVector b = fromMemorySegment(S, ALL, bias + v, LE);
            v += V;
            if (v == bytes) {
                v = 0;
                at += tile;
                to += toTile;
            }
            FloatVector m1 = fromMemorySegment(S, ALL, o + step, LE), m2 = fromMemorySegment(S, ALL, o + 2 * step, LE),
                    m3 = fromMemorySegment(S, ALL, o + 3 * step, LE), m4 = fromMemorySegment(S, ALL, o + 4 * step, LE);
            FloatVector s1 = m1.add(m2), d1 = m1.sub(m2), s2 = m3.add(m4), d2 = m3.sub(m4);
            FloatVector y0 = fromMemorySegment(S, ALL, o, LE).add(s1).add(s2).add(b);
            y0.max(low).intoMemorySegment(ALL, t, LE);
            FloatVector y1 = d2.fma(FloatVector.broadcast(S, B), d1.mul(A)).add(b);
            y1.max(low).intoMemorySegment(ALL, t + toStep, LE);
            FloatVector y2 = s2
                    .fma(FloatVector.broadcast(S, BB), s1.fma(FloatVector.broadcast(S, AA), fromMemorySegment(S, ALL, o + 5 * step, LE)))
                    .add(b);
            y2.max(low).intoMemorySegment(ALL, t + 2 * toStep, LE);
        }
    }

    /**
     * The weights of F(3, 4) at point p: the cubic with these coefficients over the product of the point's distances from the others, in doubles.
     *
     * @param p 0 to 5
     */
    static double value(int p, double g0, double g1, double g2, double g3) {
        if (p == 0) return g0 / AABB;
        if (p == 5) return g3;
        double x = (p % 2 == 0 ? -1 : 1) * (p < 3 ? A : B), even = g0 + x * x * g2, odd = x * (g1 + x * x * g3);
        return (even + odd) / (2 * x * x * (p < 3 ? AA - BB : BB - AA));
    }
}
