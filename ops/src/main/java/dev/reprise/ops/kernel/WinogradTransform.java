package dev.reprise.ops.kernel;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * One-dimensional Winograd transforms, applied to {@code bytes} of channels at once: vector i is read at
 * {@code at + i * step}, result j stored at {@code toAt + j * toStep}. Two-dimensional ones apply them to columns and then to
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

    private static FloatVector load(MemorySegment m, long at) { return FloatVector.fromMemorySegment(WideTiles.S, m, at, WideTiles.LE); }

    static void input4(MemorySegment x, long at, long step, MemorySegment to, long toAt, long toStep, long bytes) {
        for (long v = 0; v < bytes; v += WideTiles.V) {
            long o = at + v, t = toAt + v;
            FloatVector d0 = load(x, o), d1 = load(x, o + step), d2 = load(x, o + 2 * step), d3 = load(x, o + 3 * step);
            d0.sub(d2).intoMemorySegment(to, t, WideTiles.LE);
            d1.add(d2).intoMemorySegment(to, t + toStep, WideTiles.LE);
            d2.sub(d1).intoMemorySegment(to, t + 2 * toStep, WideTiles.LE);
            d1.sub(d3).intoMemorySegment(to, t + 3 * toStep, WideTiles.LE);
        }
    }

    static void output4(MemorySegment x, long at, long step, MemorySegment to, long toAt, long toStep, long bytes) {
        for (long v = 0; v < bytes; v += WideTiles.V) {
            long o = at + v, t = toAt + v;
            FloatVector m0 = load(x, o), m1 = load(x, o + step), m2 = load(x, o + 2 * step), m3 = load(x, o + 3 * step);
            m0.add(m1).add(m2).intoMemorySegment(to, t, WideTiles.LE);
            m1.sub(m2).sub(m3).intoMemorySegment(to, t + toStep, WideTiles.LE);
        }
    }

    static void input6(MemorySegment x, long at, long step, MemorySegment to, long toAt, long toStep, long bytes) {
        FloatVector a = FloatVector.broadcast(WideTiles.S, A), b = FloatVector.broadcast(WideTiles.S, B),
                na = FloatVector.broadcast(WideTiles.S, -A),
                nb = FloatVector.broadcast(WideTiles.S, -B), naa = FloatVector.broadcast(WideTiles.S, -AA),
                nbb = FloatVector.broadcast(WideTiles.S, -BB),
                aabb = FloatVector.broadcast(WideTiles.S, AABB), ns = FloatVector.broadcast(WideTiles.S, -SUM);
        for (long v = 0; v < bytes; v += WideTiles.V) {
            long o = at + v, t = toAt + v;
            FloatVector d1 = load(x, o + step), d2 = load(x, o + 2 * step), d3 = load(x, o + 3 * step), d4 = load(x, o + 4 * step);
            load(x, o).fma(aabb, d2.fma(ns, d4)).intoMemorySegment(to, t, WideTiles.LE);
            FloatVector even = d2.fma(nbb, d4), odd = d1.fma(nbb, d3);
            odd.fma(a, even).intoMemorySegment(to, t + toStep, WideTiles.LE);
            odd.fma(na, even).intoMemorySegment(to, t + 2 * toStep, WideTiles.LE);
            even = d2.fma(naa, d4);
            odd = d1.fma(naa, d3);
            odd.fma(b, even).intoMemorySegment(to, t + 3 * toStep, WideTiles.LE);
            odd.fma(nb, even).intoMemorySegment(to, t + 4 * toStep, WideTiles.LE);
            d1.fma(aabb, d3.fma(ns, load(x, o + 5 * step))).intoMemorySegment(to, t + 5 * toStep, WideTiles.LE);
        }
    }

    static void output6(MemorySegment x, long at, long step, MemorySegment to, long toAt, long toStep, long bytes) {
        for (long v = 0; v < bytes; v += WideTiles.V) {
            long o = at + v, t = toAt + v;
            FloatVector m1 = load(x, o + step), m2 = load(x, o + 2 * step), m3 = load(x, o + 3 * step), m4 = load(x, o + 4 * step);
            FloatVector s1 = m1.add(m2), d1 = m1.sub(m2), s2 = m3.add(m4), d2 = m3.sub(m4);
            load(x, o).add(s1).add(s2).intoMemorySegment(to, t, WideTiles.LE);
            d2.fma(FloatVector.broadcast(WideTiles.S, B), d1.mul(A)).intoMemorySegment(to, t + toStep, WideTiles.LE);
            s2.fma(FloatVector.broadcast(WideTiles.S, BB), s1.mul(AA)).intoMemorySegment(to, t + 2 * toStep, WideTiles.LE);
            d2.fma(FloatVector.broadcast(WideTiles.S, BBB), d1.fma(FloatVector.broadcast(WideTiles.S, AAA), load(x, o + 5 * step)))
                    .intoMemorySegment(to, t + 3 * toStep,
                            WideTiles.LE);
        }
    }
}
