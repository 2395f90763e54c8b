package dev.reprise.ops.kernel;

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

    private static FloatVector load(long s, long i) { return Memory.load(s + (i << 2)); }

    private static float get(long s, long i) { return Memory.getFloat(s + (i << 2)); }

    static void addVV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            FloatVector vy = load(b, bi + i);
            vx.add(vy).intoMemorySegment(Memory.ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i), y = get(b, bi + i);
            Memory.putFloat(o + (oi + i << 2), x + y);
        }
    }

    static void addVS(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float y = get(b, bi);
        FloatVector vy = FloatVector.broadcast(S, y);
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            vx.add(vy).intoMemorySegment(Memory.ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i);
            Memory.putFloat(o + (oi + i << 2), x + y);
        }
    }

    static void addSV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float x = get(a, ai);
        FloatVector vx = FloatVector.broadcast(S, x);
        for (; i <= n - L; i += L) {
            FloatVector vy = load(b, bi + i);
            vx.add(vy).intoMemorySegment(Memory.ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float y = get(b, bi + i);
            Memory.putFloat(o + (oi + i << 2), x + y);
        }
    }

    static void subVV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            FloatVector vy = load(b, bi + i);
            vx.sub(vy).intoMemorySegment(Memory.ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i), y = get(b, bi + i);
            Memory.putFloat(o + (oi + i << 2), x - y);
        }
    }

    static void subVS(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float y = get(b, bi);
        FloatVector vy = FloatVector.broadcast(S, y);
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            vx.sub(vy).intoMemorySegment(Memory.ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i);
            Memory.putFloat(o + (oi + i << 2), x - y);
        }
    }

    static void subSV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float x = get(a, ai);
        FloatVector vx = FloatVector.broadcast(S, x);
        for (; i <= n - L; i += L) {
            FloatVector vy = load(b, bi + i);
            vx.sub(vy).intoMemorySegment(Memory.ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float y = get(b, bi + i);
            Memory.putFloat(o + (oi + i << 2), x - y);
        }
    }

    static void mulVV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            FloatVector vy = load(b, bi + i);
            vx.mul(vy).intoMemorySegment(Memory.ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i), y = get(b, bi + i);
            Memory.putFloat(o + (oi + i << 2), x * y);
        }
    }

    static void mulVS(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float y = get(b, bi);
        FloatVector vy = FloatVector.broadcast(S, y);
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            vx.mul(vy).intoMemorySegment(Memory.ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i);
            Memory.putFloat(o + (oi + i << 2), x * y);
        }
    }

    static void mulSV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float x = get(a, ai);
        FloatVector vx = FloatVector.broadcast(S, x);
        for (; i <= n - L; i += L) {
            FloatVector vy = load(b, bi + i);
            vx.mul(vy).intoMemorySegment(Memory.ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float y = get(b, bi + i);
            Memory.putFloat(o + (oi + i << 2), x * y);
        }
    }

    static void divVV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            FloatVector vy = load(b, bi + i);
            vx.div(vy).intoMemorySegment(Memory.ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i), y = get(b, bi + i);
            Memory.putFloat(o + (oi + i << 2), x / y);
        }
    }

    static void divVS(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float y = get(b, bi);
        FloatVector vy = FloatVector.broadcast(S, y);
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            vx.div(vy).intoMemorySegment(Memory.ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i);
            Memory.putFloat(o + (oi + i << 2), x / y);
        }
    }

    static void divSV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float x = get(a, ai);
        FloatVector vx = FloatVector.broadcast(S, x);
        for (; i <= n - L; i += L) {
            FloatVector vy = load(b, bi + i);
            vx.div(vy).intoMemorySegment(Memory.ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float y = get(b, bi + i);
            Memory.putFloat(o + (oi + i << 2), x / y);
        }
    }

    static void maxVV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            FloatVector vy = load(b, bi + i);
            vx.max(vy).intoMemorySegment(Memory.ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i), y = get(b, bi + i);
            Memory.putFloat(o + (oi + i << 2), Math.max(x, y));
        }
    }

    static void maxVS(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float y = get(b, bi);
        FloatVector vy = FloatVector.broadcast(S, y);
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            vx.max(vy).intoMemorySegment(Memory.ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i);
            Memory.putFloat(o + (oi + i << 2), Math.max(x, y));
        }
    }

    static void maxSV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float x = get(a, ai);
        FloatVector vx = FloatVector.broadcast(S, x);
        for (; i <= n - L; i += L) {
            FloatVector vy = load(b, bi + i);
            vx.max(vy).intoMemorySegment(Memory.ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float y = get(b, bi + i);
            Memory.putFloat(o + (oi + i << 2), Math.max(x, y));
        }
    }

    static void minVV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            FloatVector vy = load(b, bi + i);
            vx.min(vy).intoMemorySegment(Memory.ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i), y = get(b, bi + i);
            Memory.putFloat(o + (oi + i << 2), Math.min(x, y));
        }
    }

    static void minVS(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float y = get(b, bi);
        FloatVector vy = FloatVector.broadcast(S, y);
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            vx.min(vy).intoMemorySegment(Memory.ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i);
            Memory.putFloat(o + (oi + i << 2), Math.min(x, y));
        }
    }

    static void minSV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float x = get(a, ai);
        FloatVector vx = FloatVector.broadcast(S, x);
        for (; i <= n - L; i += L) {
            FloatVector vy = load(b, bi + i);
            vx.min(vy).intoMemorySegment(Memory.ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float y = get(b, bi + i);
            Memory.putFloat(o + (oi + i << 2), Math.min(x, y));
        }
    }

    static void preluVV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            FloatVector vy = load(b, bi + i);
            vx.blend(vx.mul(vy), vx.compare(VectorOperators.LT, 0f)).intoMemorySegment(Memory.ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i), y = get(b, bi + i);
            Memory.putFloat(o + (oi + i << 2), x < 0f ? x * y : x);
        }
    }

    static void preluVS(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float y = get(b, bi);
        FloatVector vy = FloatVector.broadcast(S, y);
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            vx.blend(vx.mul(vy), vx.compare(VectorOperators.LT, 0f)).intoMemorySegment(Memory.ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i);
            Memory.putFloat(o + (oi + i << 2), x < 0f ? x * y : x);
        }
    }

    static void preluSV(long a, long ai, long b, long bi, long o, long oi, int n) {
        int i = 0;
        float x = get(a, ai);
        FloatVector vx = FloatVector.broadcast(S, x);
        for (; i <= n - L; i += L) {
            FloatVector vy = load(b, bi + i);
            vx.blend(vx.mul(vy), vx.compare(VectorOperators.LT, 0f)).intoMemorySegment(Memory.ALL, o + (oi + i << 2), LE);
        }
        for (; i < n; i++) {
            float y = get(b, bi + i);
            Memory.putFloat(o + (oi + i << 2), x < 0f ? x * y : x);
        }
    }
}
