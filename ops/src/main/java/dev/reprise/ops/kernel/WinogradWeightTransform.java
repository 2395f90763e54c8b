package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.kernel.Memory.S;
import static dev.reprise.ops.kernel.Memory.V;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import jdk.incubator.vector.FloatVector;

/**
 * Winograd's transform {@code G g G^T} of 3 x 3 weights, both dimensions in registers: nine vectors are read {@code tap} bytes
 * apart, sixteen to thirty-six written {@code point} bytes apart, over {@code bytes} of channels. Where images are small this is
 * half of a convolution's time.
 *
 * <p>Written out row by row: vectors that are handed to methods may become objects. F(3, 3) and F(4, 3) take a loop for two lines of points: in one for all of them the
 * compiler put twenty-five or thirty-six stores at the end and read constants from memory instead of registers, a tenth slower. Points as in {@link WinogradTransform}.
 */
final class WinogradWeightTransform {
    /** Powers of a point over the product of its distances from the others: W0, W1 … of points 0, A and B. */
    private static final float W0 = 64 / 81f, WA0 = -128 / 243f, WA1 = -96 / 243f, WA2 = -72 / 243f, WB0 = 32 / 243f, WB1 = 48 / 243f,
            WB2 = 72 / 243f;
    /** The same of the points C and B, without 0; -C and -B have the opposite distances. */
    private static final float SC0 = -256 / 405f, SC1 = -96 / 405f, SC2 = -36 / 405f, SB0 = 64 / 405f, SB1 = 96 / 405f, SB2 = 144 / 405f;

    private WinogradWeightTransform() {}

    /** F(2, 3): g0, (g0 + g2 + g1) / 2, (g0 + g2 - g1) / 2, g2 of the columns, then of the rows. */
    static void points4(long at, long tap, long to, long point, long bytes) {
        FloatVector half = FloatVector.broadcast(S, 0.5f);
        for (long v = 0; v < bytes; v += V) {
            long o = at + v, t = to + v;
            FloatVector g00 = fromMemorySegment(S, ALL, o, LE), g01 = fromMemorySegment(S, ALL, o + tap, LE),
                    g02 = fromMemorySegment(S, ALL, o + 2 * tap, LE);
            FloatVector g10 = fromMemorySegment(S, ALL, o + 3 * tap, LE), g11 = fromMemorySegment(S, ALL, o + 4 * tap, LE),
                    g12 = fromMemorySegment(S, ALL, o + 5 * tap, LE);
            FloatVector g20 = fromMemorySegment(S, ALL, o + 6 * tap, LE), g21 = fromMemorySegment(S, ALL, o + 7 * tap, LE),
                    g22 = fromMemorySegment(S, ALL, o + 8 * tap, LE);
            FloatVector e0 = g00.add(g02);
            g00.intoMemorySegment(ALL, t, LE);
            e0.add(g01).mul(half).intoMemorySegment(ALL, t + point, LE);
            e0.sub(g01).mul(half).intoMemorySegment(ALL, t + 2 * point, LE);
            g02.intoMemorySegment(ALL, t + 3 * point, LE);
            FloatVector s0 = g00.add(g20), s1 = g01.add(g21), s2 = g02.add(g22);
            FloatVector u0 = s0.add(g10).mul(half), u1 = s1.add(g11).mul(half), u2 = s2.add(g12).mul(half);
            FloatVector e1 = u0.add(u2);
            u0.intoMemorySegment(ALL, t + 4 * point, LE);
            e1.add(u1).mul(half).intoMemorySegment(ALL, t + 5 * point, LE);
            e1.sub(u1).mul(half).intoMemorySegment(ALL, t + 6 * point, LE);
            u2.intoMemorySegment(ALL, t + 7 * point, LE);
            FloatVector d0 = s0.sub(g10).mul(half), d1 = s1.sub(g11).mul(half), d2 = s2.sub(g12).mul(half);
            FloatVector e2 = d0.add(d2);
            d0.intoMemorySegment(ALL, t + 8 * point, LE);
            e2.add(d1).mul(half).intoMemorySegment(ALL, t + 9 * point, LE);
            e2.sub(d1).mul(half).intoMemorySegment(ALL, t + 10 * point, LE);
            d2.intoMemorySegment(ALL, t + 11 * point, LE);
            FloatVector e3 = g20.add(g22);
            g20.intoMemorySegment(ALL, t + 12 * point, LE);
            e3.add(g21).mul(half).intoMemorySegment(ALL, t + 13 * point, LE);
            e3.sub(g21).mul(half).intoMemorySegment(ALL, t + 14 * point, LE);
            g22.intoMemorySegment(ALL, t + 15 * point, LE);
        }
    }

    /** F(3, 3): the values of the quadratic with coefficients g at the points, {@code g2}; columns, then rows. */
    static void points5(long at, long tap, long to, long point, long bytes) {
        pair5(at, tap, to, point, bytes, SC0, SC1, SC2);
        pair5(at, tap, to + 10 * point, point, bytes, SB0, SB1, SB2);
        line5(at + 6 * tap, tap, to + 20 * point, point, bytes);
    }

    /** F(4, 3): {@code W0 g0}, the values of the quadratic with coefficients g at the points, {@code g2}; columns, then rows. */
    static void points6(long at, long tap, long to, long point, long bytes) {
        line6(at, tap, to, point, bytes, W0);
        pair6(at, tap, to + 6 * point, point, bytes, WA0, WA1, WA2);
        pair6(at, tap, to + 18 * point, point, bytes, WB0, WB1, WB2);
        line6(at + 6 * tap, tap, to + 30 * point, point, bytes, 1);
    }

    /** Two lines of F(3, 3)'s points, those of a point and of its opposite. */
    static void pair5(long at, long tap, long to, long point, long bytes, float s0, float s1, float s2) {
        FloatVector a0 = FloatVector.broadcast(S, SC0), a1 = FloatVector.broadcast(S, SC1), a2 = FloatVector.broadcast(S, SC2),
                b0 = FloatVector.broadcast(S, SB0), b1 = FloatVector.broadcast(S, SB1), b2 = FloatVector.broadcast(S, SB2);
        FloatVector c0 = FloatVector.broadcast(S, s0), c1 = FloatVector.broadcast(S, s1), c2 = FloatVector.broadcast(S, s2);
        for (long v = 0; v < bytes; v += V) {
            long o = at + v, t = to + v, u = t + 5 * point;
            FloatVector g0 = fromMemorySegment(S, ALL, o, LE), g1 = fromMemorySegment(S, ALL, o + 1 * tap, LE),
                    g2 = fromMemorySegment(S, ALL, o + 2 * tap, LE);
            FloatVector h0 = fromMemorySegment(S, ALL, o + 3 * tap, LE), h1 = fromMemorySegment(S, ALL, o + 4 * tap, LE),
                    h2 = fromMemorySegment(S, ALL, o + 5 * tap, LE);
            FloatVector k0 = fromMemorySegment(S, ALL, o + 6 * tap, LE), k1 = fromMemorySegment(S, ALL, o + 7 * tap, LE),
                    k2 = fromMemorySegment(S, ALL, o + 8 * tap, LE);
            FloatVector x0 = g0.fma(c0, k0.mul(c2)), x1 = g1.fma(c0, k1.mul(c2)), x2 = g2.fma(c0, k2.mul(c2));
            FloatVector y0 = h0.mul(c1), y1 = h1.mul(c1), y2 = h2.mul(c1);
            FloatVector q0 = x0.add(y0), q1 = x1.add(y1), q2 = x2.add(y2);
            FloatVector e0 = q0.fma(a0, q2.mul(a2)), o0 = q1.mul(a1);
            e0.add(o0).intoMemorySegment(ALL, t, LE);
            o0.sub(e0).intoMemorySegment(ALL, t + point, LE);
            FloatVector f0 = q0.fma(b0, q2.mul(b2)), p0 = q1.mul(b1);
            f0.add(p0).intoMemorySegment(ALL, t + 2 * point, LE);
            p0.sub(f0).intoMemorySegment(ALL, t + 3 * point, LE);
            q2.intoMemorySegment(ALL, t + 4 * point, LE);
            FloatVector r0 = y0.sub(x0), r1 = y1.sub(x1), r2 = y2.sub(x2);
            FloatVector e1 = r0.fma(a0, r2.mul(a2)), o1 = r1.mul(a1);
            e1.add(o1).intoMemorySegment(ALL, u, LE);
            o1.sub(e1).intoMemorySegment(ALL, u + point, LE);
            FloatVector f1 = r0.fma(b0, r2.mul(b2)), p1 = r1.mul(b1);
            f1.add(p1).intoMemorySegment(ALL, u + 2 * point, LE);
            p1.sub(f1).intoMemorySegment(ALL, u + 3 * point, LE);
            r2.intoMemorySegment(ALL, u + 4 * point, LE);
        }
    }

    /** The line of F(3, 3)'s last point, which takes the last line of weights as it is. */
    static void line5(long at, long tap, long to, long point, long bytes) {
        FloatVector a0 = FloatVector.broadcast(S, SC0), a1 = FloatVector.broadcast(S, SC1), a2 = FloatVector.broadcast(S, SC2),
                b0 = FloatVector.broadcast(S, SB0), b1 = FloatVector.broadcast(S, SB1), b2 = FloatVector.broadcast(S, SB2);
        for (long v = 0; v < bytes; v += V) {
            long o = at + v, t = to + v;
            FloatVector g0 = fromMemorySegment(S, ALL, o, LE), g1 = fromMemorySegment(S, ALL, o + 1 * tap, LE),
                    g2 = fromMemorySegment(S, ALL, o + 2 * tap, LE);
            FloatVector e0 = g0.fma(a0, g2.mul(a2)), o0 = g1.mul(a1);
            e0.add(o0).intoMemorySegment(ALL, t, LE);
            o0.sub(e0).intoMemorySegment(ALL, t + point, LE);
            FloatVector f0 = g0.fma(b0, g2.mul(b2)), p0 = g1.mul(b1);
            f0.add(p0).intoMemorySegment(ALL, t + 2 * point, LE);
            p0.sub(f0).intoMemorySegment(ALL, t + 3 * point, LE);
            g2.intoMemorySegment(ALL, t + 4 * point, LE);
        }
    }

    /** Two lines of F(4, 3)'s points. */
    static void pair6(long at, long tap, long to, long point, long bytes, float s0, float s1, float s2) {
        FloatVector w0 = FloatVector.broadcast(S, W0), a0 = FloatVector.broadcast(S, WA0), a1 = FloatVector.broadcast(S, WA1),
                a2 = FloatVector.broadcast(S, WA2), b0 = FloatVector.broadcast(S, WB0), b1 = FloatVector.broadcast(S, WB1),
                b2 = FloatVector.broadcast(S, WB2);
        FloatVector c0 = FloatVector.broadcast(S, s0), c1 = FloatVector.broadcast(S, s1), c2 = FloatVector.broadcast(S, s2);
        for (long v = 0; v < bytes; v += V) {
            long o = at + v, t = to + v, u = t + 6 * point;
            FloatVector g0 = fromMemorySegment(S, ALL, o, LE), g1 = fromMemorySegment(S, ALL, o + 1 * tap, LE),
                    g2 = fromMemorySegment(S, ALL, o + 2 * tap, LE);
            FloatVector h0 = fromMemorySegment(S, ALL, o + 3 * tap, LE), h1 = fromMemorySegment(S, ALL, o + 4 * tap, LE),
                    h2 = fromMemorySegment(S, ALL, o + 5 * tap, LE);
            FloatVector k0 = fromMemorySegment(S, ALL, o + 6 * tap, LE), k1 = fromMemorySegment(S, ALL, o + 7 * tap, LE),
                    k2 = fromMemorySegment(S, ALL, o + 8 * tap, LE);
            FloatVector x0 = g0.fma(c0, k0.mul(c2)), x1 = g1.fma(c0, k1.mul(c2)), x2 = g2.fma(c0, k2.mul(c2));
            FloatVector y0 = h0.mul(c1), y1 = h1.mul(c1), y2 = h2.mul(c1);
            FloatVector q0 = x0.add(y0), q1 = x1.add(y1), q2 = x2.add(y2);
            q0.mul(w0).intoMemorySegment(ALL, t, LE);
            FloatVector e0 = q0.fma(a0, q2.mul(a2)), o0 = q1.mul(a1);
            e0.add(o0).intoMemorySegment(ALL, t + point, LE);
            e0.sub(o0).intoMemorySegment(ALL, t + 2 * point, LE);
            FloatVector f0 = q0.fma(b0, q2.mul(b2)), p0 = q1.mul(b1);
            f0.add(p0).intoMemorySegment(ALL, t + 3 * point, LE);
            f0.sub(p0).intoMemorySegment(ALL, t + 4 * point, LE);
            q2.intoMemorySegment(ALL, t + 5 * point, LE);
            FloatVector r0 = x0.sub(y0), r1 = x1.sub(y1), r2 = x2.sub(y2);
            r0.mul(w0).intoMemorySegment(ALL, u, LE);
            FloatVector e1 = r0.fma(a0, r2.mul(a2)), o1 = r1.mul(a1);
            e1.add(o1).intoMemorySegment(ALL, u + point, LE);
            e1.sub(o1).intoMemorySegment(ALL, u + 2 * point, LE);
            FloatVector f1 = r0.fma(b0, r2.mul(b2)), p1 = r1.mul(b1);
            f1.add(p1).intoMemorySegment(ALL, u + 3 * point, LE);
            f1.sub(p1).intoMemorySegment(ALL, u + 4 * point, LE);
            r2.intoMemorySegment(ALL, u + 5 * point, LE);
        }
    }

    /** The first or the last line of F(4, 3)'s points, the first or last line of weights times {@code scale}. */
    static void line6(long at, long tap, long to, long point, long bytes, float scale) {
        FloatVector w0 = FloatVector.broadcast(S, W0), a0 = FloatVector.broadcast(S, WA0), a1 = FloatVector.broadcast(S, WA1),
                a2 = FloatVector.broadcast(S, WA2), b0 = FloatVector.broadcast(S, WB0), b1 = FloatVector.broadcast(S, WB1),
                b2 = FloatVector.broadcast(S, WB2);
        FloatVector s = FloatVector.broadcast(S, scale);
        for (long v = 0; v < bytes; v += V) {
            long o = at + v, t = to + v;
            FloatVector g0 = fromMemorySegment(S, ALL, o, LE), g1 = fromMemorySegment(S, ALL, o + 1 * tap, LE),
                    g2 = fromMemorySegment(S, ALL, o + 2 * tap, LE);
            FloatVector h0 = g0.mul(s), h1 = g1.mul(s), h2 = g2.mul(s);
            h0.mul(w0).intoMemorySegment(ALL, t, LE);
            FloatVector e0 = h0.fma(a0, h2.mul(a2)), o0 = h1.mul(a1);
            e0.add(o0).intoMemorySegment(ALL, t + point, LE);
            e0.sub(o0).intoMemorySegment(ALL, t + 2 * point, LE);
            FloatVector f0 = h0.fma(b0, h2.mul(b2)), p0 = h1.mul(b1);
            f0.add(p0).intoMemorySegment(ALL, t + 3 * point, LE);
            f0.sub(p0).intoMemorySegment(ALL, t + 4 * point, LE);
            h2.intoMemorySegment(ALL, t + 5 * point, LE);
        }
    }
}
