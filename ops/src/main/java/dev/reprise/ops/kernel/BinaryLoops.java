package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.tensor.Tensor.F32;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.reprise.ops.math.VectorMath;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loops over rows of two float32 operands, indices in elements: {@code addVV} on two contiguous rows, {@code addVS} where
 * the second operand is one value along the row, {@code addSV} where the first is.
 */
final class BinaryLoops {
    private static final VectorSpecies<Float> S = VectorMath.SPECIES;
    private static final int L = S.length();
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

    private BinaryLoops() {}

    private static float get(long s, long i) { return ALL.get(F32, s + (i << 2)); }

    static void addVV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector vx = fromMemorySegment(S, ALL, a + (ai + i << 2), LE);
            FloatVector vy = fromMemorySegment(S, ALL, b + (bi + i << 2), LE);
            vx.add(vy).intoMemorySegment(ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i), y = get(b, bi + i);
            ALL.set(F32, o + (oi + i << 2), x + y);
        }
    }

    static void addVS(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float y = get(b, bi);
        FloatVector vy = FloatVector.broadcast(S, y);
        for (; i <= n - L; i += L) {
            FloatVector vx = fromMemorySegment(S, ALL, a + (ai + i << 2), LE);
            vx.add(vy).intoMemorySegment(ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i);
            ALL.set(F32, o + (oi + i << 2), x + y);
        }
    }

    static void addSV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float x = get(a, ai);
        FloatVector vx = FloatVector.broadcast(S, x);
        for (; i <= n - L; i += L) {
            FloatVector vy = fromMemorySegment(S, ALL, b + (bi + i << 2), LE);
            vx.add(vy).intoMemorySegment(ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float y = get(b, bi + i);
            ALL.set(F32, o + (oi + i << 2), x + y);
        }
    }

    static void subVV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector vx = fromMemorySegment(S, ALL, a + (ai + i << 2), LE);
            FloatVector vy = fromMemorySegment(S, ALL, b + (bi + i << 2), LE);
            vx.sub(vy).intoMemorySegment(ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i), y = get(b, bi + i);
            ALL.set(F32, o + (oi + i << 2), x - y);
        }
    }

    static void subVS(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float y = get(b, bi);
        FloatVector vy = FloatVector.broadcast(S, y);
        for (; i <= n - L; i += L) {
            FloatVector vx = fromMemorySegment(S, ALL, a + (ai + i << 2), LE);
            vx.sub(vy).intoMemorySegment(ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i);
            ALL.set(F32, o + (oi + i << 2), x - y);
        }
    }

    static void subSV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float x = get(a, ai);
        FloatVector vx = FloatVector.broadcast(S, x);
        for (; i <= n - L; i += L) {
            FloatVector vy = fromMemorySegment(S, ALL, b + (bi + i << 2), LE);
            vx.sub(vy).intoMemorySegment(ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float y = get(b, bi + i);
            ALL.set(F32, o + (oi + i << 2), x - y);
        }
    }

    static void mulVV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector vx = fromMemorySegment(S, ALL, a + (ai + i << 2), LE);
            FloatVector vy = fromMemorySegment(S, ALL, b + (bi + i << 2), LE);
            vx.mul(vy).intoMemorySegment(ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i), y = get(b, bi + i);
            ALL.set(F32, o + (oi + i << 2), x * y);
        }
    }

    static void mulVS(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float y = get(b, bi);
        FloatVector vy = FloatVector.broadcast(S, y);
        for (; i <= n - L; i += L) {
            FloatVector vx = fromMemorySegment(S, ALL, a + (ai + i << 2), LE);
            vx.mul(vy).intoMemorySegment(ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i);
            ALL.set(F32, o + (oi + i << 2), x * y);
        }
    }

    static void mulSV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float x = get(a, ai);
        FloatVector vx = FloatVector.broadcast(S, x);
        for (; i <= n - L; i += L) {
            FloatVector vy = fromMemorySegment(S, ALL, b + (bi + i << 2), LE);
            vx.mul(vy).intoMemorySegment(ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float y = get(b, bi + i);
            ALL.set(F32, o + (oi + i << 2), x * y);
        }
    }

    static void divVV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector vx = fromMemorySegment(S, ALL, a + (ai + i << 2), LE);
            FloatVector vy = fromMemorySegment(S, ALL, b + (bi + i << 2), LE);
            vx.div(vy).intoMemorySegment(ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i), y = get(b, bi + i);
            ALL.set(F32, o + (oi + i << 2), x / y);
        }
    }

    static void divVS(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float y = get(b, bi);
        FloatVector vy = FloatVector.broadcast(S, y);
        for (; i <= n - L; i += L) {
            FloatVector vx = fromMemorySegment(S, ALL, a + (ai + i << 2), LE);
            vx.div(vy).intoMemorySegment(ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i);
            ALL.set(F32, o + (oi + i << 2), x / y);
        }
    }

    static void divSV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float x = get(a, ai);
        FloatVector vx = FloatVector.broadcast(S, x);
        for (; i <= n - L; i += L) {
            FloatVector vy = fromMemorySegment(S, ALL, b + (bi + i << 2), LE);
            vx.div(vy).intoMemorySegment(ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float y = get(b, bi + i);
            ALL.set(F32, o + (oi + i << 2), x / y);
        }
    }

    static void maxVV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector vx = fromMemorySegment(S, ALL, a + (ai + i << 2), LE);
            FloatVector vy = fromMemorySegment(S, ALL, b + (bi + i << 2), LE);
            vx.max(vy).intoMemorySegment(ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i), y = get(b, bi + i);
            ALL.set(F32, o + (oi + i << 2), Math.max(x, y));
        }
    }

    static void maxVS(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float y = get(b, bi);
        FloatVector vy = FloatVector.broadcast(S, y);
        for (; i <= n - L; i += L) {
            FloatVector vx = fromMemorySegment(S, ALL, a + (ai + i << 2), LE);
            vx.max(vy).intoMemorySegment(ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i);
            ALL.set(F32, o + (oi + i << 2), Math.max(x, y));
        }
    }

    static void maxSV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float x = get(a, ai);
        FloatVector vx = FloatVector.broadcast(S, x);
        for (; i <= n - L; i += L) {
            FloatVector vy = fromMemorySegment(S, ALL, b + (bi + i << 2), LE);
            vx.max(vy).intoMemorySegment(ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float y = get(b, bi + i);
            ALL.set(F32, o + (oi + i << 2), Math.max(x, y));
        }
    }

    static void minVV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector vx = fromMemorySegment(S, ALL, a + (ai + i << 2), LE);
            FloatVector vy = fromMemorySegment(S, ALL, b + (bi + i << 2), LE);
            vx.min(vy).intoMemorySegment(ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i), y = get(b, bi + i);
            ALL.set(F32, o + (oi + i << 2), Math.min(x, y));
        }
    }

    static void minVS(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float y = get(b, bi);
        FloatVector vy = FloatVector.broadcast(S, y);
        for (; i <= n - L; i += L) {
            FloatVector vx = fromMemorySegment(S, ALL, a + (ai + i << 2), LE);
            vx.min(vy).intoMemorySegment(ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i);
            ALL.set(F32, o + (oi + i << 2), Math.min(x, y));
        }
    }

    static void minSV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float x = get(a, ai);
        FloatVector vx = FloatVector.broadcast(S, x);
        for (; i <= n - L; i += L) {
            FloatVector vy = fromMemorySegment(S, ALL, b + (bi + i << 2), LE);
            vx.min(vy).intoMemorySegment(ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float y = get(b, bi + i);
            ALL.set(F32, o + (oi + i << 2), Math.min(x, y));
        }
    }

    static void preluVV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector vx = fromMemorySegment(S, ALL, a + (ai + i << 2), LE);
            FloatVector vy = fromMemorySegment(S, ALL, b + (bi + i << 2), LE);
            vx.blend(vx.mul(vy), vx.compare(VectorOperators.LT, 0f)).intoMemorySegment(ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i), y = get(b, bi + i);
            ALL.set(F32, o + (oi + i << 2), x < 0f ? x * y : x);
        }
    }

    static void preluVS(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float y = get(b, bi);
        FloatVector vy = FloatVector.broadcast(S, y);
        for (; i <= n - L; i += L) {
            FloatVector vx = fromMemorySegment(S, ALL, a + (ai + i << 2), LE);
            vx.blend(vx.mul(vy), vx.compare(VectorOperators.LT, 0f)).intoMemorySegment(ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i);
            ALL.set(F32, o + (oi + i << 2), x < 0f ? x * y : x);
        }
    }

    static void preluSV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float x = get(a, ai);
        FloatVector vx = FloatVector.broadcast(S, x);
        for (; i <= n - L; i += L) {
            FloatVector vy = fromMemorySegment(S, ALL, b + (bi + i << 2), LE);
            vx.blend(vx.mul(vy), vx.compare(VectorOperators.LT, 0f)).intoMemorySegment(ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float y = get(b, bi + i);
            ALL.set(F32, o + (oi + i << 2), x < 0f ? x * y : x);
        }
    }
}
