package dev.reprise.ops.kernel;

import jdk.incubator.vector.FloatVector;

/**
 * One-dimensional Winograd transforms, applied to {@code bytes} of channels at once: vector i is read at
 * {@code at + i * step}, result j stored at {@code to + j * toStep}. Two-dimensional ones apply them to columns and then to
 * rows. F(2, 3) has the points 0, 1, -1 and infinity; F(4, 3) has 0, 3/4, -3/4, 3/2, -3/2 and infinity, which loses half as much
 * as the usual 0, 1, -1, 2, -2 (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015, use those). Every
 * constant here is exact.
 */
final class WinogradTransform {
    static final float A = 0.75f, B = 1.5f;
    /** A², B², A² B² and A² + B². */
    static final float AA = 0.5625f, BB = 2.25f, AABB = 1.265625f, SUM = 2.8125f;
    /** A³ and B³. */
    static final float AAA = 0.421875f, BBB = 3.375f;

    private WinogradTransform() {}

    static void input4(long at, long step, long to, long toStep, long bytes) {
        for (long v = 0; v < bytes; v += Memory.V) {
            long o = at + v, t = to + v;
            FloatVector d0 = Memory.load(o), d1 = Memory.load(o + step), d2 = Memory.load(o + 2 * step), d3 = Memory.load(o + 3 * step);
            Memory.store(d0.sub(d2), t);
            Memory.store(d1.add(d2), t + toStep);
            Memory.store(d2.sub(d1), t + 2 * toStep);
            Memory.store(d1.sub(d3), t + 3 * toStep);
        }
    }

    static void output4(long at, long step, long to, long toStep, long bytes) {
        for (long v = 0; v < bytes; v += Memory.V) {
            long o = at + v, t = to + v;
            FloatVector m0 = Memory.load(o), m1 = Memory.load(o + step), m2 = Memory.load(o + 2 * step), m3 = Memory.load(o + 3 * step);
            Memory.store(m0.add(m1).add(m2), t);
            Memory.store(m1.sub(m2).sub(m3), t + toStep);
        }
    }

    static void input6(long at, long step, long to, long toStep, long bytes) {
        FloatVector a = FloatVector.broadcast(Memory.S, A), b = FloatVector.broadcast(Memory.S, B),
                na = FloatVector.broadcast(Memory.S, -A),
                nb = FloatVector.broadcast(Memory.S, -B), naa = FloatVector.broadcast(Memory.S, -AA),
                nbb = FloatVector.broadcast(Memory.S, -BB),
                aabb = FloatVector.broadcast(Memory.S, AABB), ns = FloatVector.broadcast(Memory.S, -SUM);
        for (long v = 0; v < bytes; v += Memory.V) {
            long o = at + v, t = to + v;
            FloatVector d1 = Memory.load(o + step), d2 = Memory.load(o + 2 * step), d3 = Memory.load(o + 3 * step),
                    d4 = Memory.load(o + 4 * step);
            Memory.store(Memory.load(o).fma(aabb, d2.fma(ns, d4)), t);
            FloatVector even = d2.fma(nbb, d4), odd = d1.fma(nbb, d3);
            Memory.store(odd.fma(a, even), t + toStep);
            Memory.store(odd.fma(na, even), t + 2 * toStep);
            even = d2.fma(naa, d4);
            odd = d1.fma(naa, d3);
            Memory.store(odd.fma(b, even), t + 3 * toStep);
            Memory.store(odd.fma(nb, even), t + 4 * toStep);
            Memory.store(d1.fma(aabb, d3.fma(ns, Memory.load(o + 5 * step))), t + 5 * toStep);
        }
    }

    static void output6(long at, long step, long to, long toStep, long bytes) {
        for (long v = 0; v < bytes; v += Memory.V) {
            long o = at + v, t = to + v;
            FloatVector m1 = Memory.load(o + step), m2 = Memory.load(o + 2 * step), m3 = Memory.load(o + 3 * step),
                    m4 = Memory.load(o + 4 * step);
            FloatVector s1 = m1.add(m2), d1 = m1.sub(m2), s2 = m3.add(m4), d2 = m3.sub(m4);
            Memory.store(Memory.load(o).add(s1).add(s2), t);
            Memory.store(d2.fma(FloatVector.broadcast(Memory.S, B), d1.mul(A)), t + toStep);
            Memory.store(s2.fma(FloatVector.broadcast(Memory.S, BB), s1.mul(AA)), t + 2 * toStep);
            Memory.store(
                    d2.fma(FloatVector.broadcast(Memory.S, BBB), d1.fma(FloatVector.broadcast(Memory.S, AAA), Memory.load(o + 5 * step))),
                    t + 3 * toStep);
        }
    }
}
