package dev.reprise.ops.kernel;

import dev.reprise.ops.math.VectorMath;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
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

    private static FloatVector load(MemorySegment s, long i) { return FloatVector.fromMemorySegment(S, s, i << 2, LE); }

    private static float get(MemorySegment s, long i) { return s.get(Tensor.F32, i << 2); }

    static void addVV(MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment o, long oi, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            FloatVector vy = load(b, bi + i);
            vx.add(vy).intoMemorySegment(o, oi + i << 2, LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i), y = get(b, bi + i);
            o.set(Tensor.F32, oi + i << 2, x + y);
        }
    }

    static void addVS(MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment o, long oi, int n) {
        int i = 0;
        float y = get(b, bi);
        FloatVector vy = FloatVector.broadcast(S, y);
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            vx.add(vy).intoMemorySegment(o, oi + i << 2, LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i);
            o.set(Tensor.F32, oi + i << 2, x + y);
        }
    }

    static void addSV(MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment o, long oi, int n) {
        int i = 0;
        float x = get(a, ai);
        FloatVector vx = FloatVector.broadcast(S, x);
        for (; i <= n - L; i += L) {
            FloatVector vy = load(b, bi + i);
            vx.add(vy).intoMemorySegment(o, oi + i << 2, LE);
        }
        for (; i < n; i++) {
            float y = get(b, bi + i);
            o.set(Tensor.F32, oi + i << 2, x + y);
        }
    }

    static void subVV(MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment o, long oi, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            FloatVector vy = load(b, bi + i);
            vx.sub(vy).intoMemorySegment(o, oi + i << 2, LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i), y = get(b, bi + i);
            o.set(Tensor.F32, oi + i << 2, x - y);
        }
    }

    static void subVS(MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment o, long oi, int n) {
        int i = 0;
        float y = get(b, bi);
        FloatVector vy = FloatVector.broadcast(S, y);
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            vx.sub(vy).intoMemorySegment(o, oi + i << 2, LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i);
            o.set(Tensor.F32, oi + i << 2, x - y);
        }
    }

    static void subSV(MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment o, long oi, int n) {
        int i = 0;
        float x = get(a, ai);
        FloatVector vx = FloatVector.broadcast(S, x);
        for (; i <= n - L; i += L) {
            FloatVector vy = load(b, bi + i);
            vx.sub(vy).intoMemorySegment(o, oi + i << 2, LE);
        }
        for (; i < n; i++) {
            float y = get(b, bi + i);
            o.set(Tensor.F32, oi + i << 2, x - y);
        }
    }

    static void mulVV(MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment o, long oi, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            FloatVector vy = load(b, bi + i);
            vx.mul(vy).intoMemorySegment(o, oi + i << 2, LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i), y = get(b, bi + i);
            o.set(Tensor.F32, oi + i << 2, x * y);
        }
    }

    static void mulVS(MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment o, long oi, int n) {
        int i = 0;
        float y = get(b, bi);
        FloatVector vy = FloatVector.broadcast(S, y);
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            vx.mul(vy).intoMemorySegment(o, oi + i << 2, LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i);
            o.set(Tensor.F32, oi + i << 2, x * y);
        }
    }

    static void mulSV(MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment o, long oi, int n) {
        int i = 0;
        float x = get(a, ai);
        FloatVector vx = FloatVector.broadcast(S, x);
        for (; i <= n - L; i += L) {
            FloatVector vy = load(b, bi + i);
            vx.mul(vy).intoMemorySegment(o, oi + i << 2, LE);
        }
        for (; i < n; i++) {
            float y = get(b, bi + i);
            o.set(Tensor.F32, oi + i << 2, x * y);
        }
    }

    static void divVV(MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment o, long oi, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            FloatVector vy = load(b, bi + i);
            vx.div(vy).intoMemorySegment(o, oi + i << 2, LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i), y = get(b, bi + i);
            o.set(Tensor.F32, oi + i << 2, x / y);
        }
    }

    static void divVS(MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment o, long oi, int n) {
        int i = 0;
        float y = get(b, bi);
        FloatVector vy = FloatVector.broadcast(S, y);
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            vx.div(vy).intoMemorySegment(o, oi + i << 2, LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i);
            o.set(Tensor.F32, oi + i << 2, x / y);
        }
    }

    static void divSV(MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment o, long oi, int n) {
        int i = 0;
        float x = get(a, ai);
        FloatVector vx = FloatVector.broadcast(S, x);
        for (; i <= n - L; i += L) {
            FloatVector vy = load(b, bi + i);
            vx.div(vy).intoMemorySegment(o, oi + i << 2, LE);
        }
        for (; i < n; i++) {
            float y = get(b, bi + i);
            o.set(Tensor.F32, oi + i << 2, x / y);
        }
    }

    static void maxVV(MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment o, long oi, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            FloatVector vy = load(b, bi + i);
            vx.max(vy).intoMemorySegment(o, oi + i << 2, LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i), y = get(b, bi + i);
            o.set(Tensor.F32, oi + i << 2, Math.max(x, y));
        }
    }

    static void maxVS(MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment o, long oi, int n) {
        int i = 0;
        float y = get(b, bi);
        FloatVector vy = FloatVector.broadcast(S, y);
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            vx.max(vy).intoMemorySegment(o, oi + i << 2, LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i);
            o.set(Tensor.F32, oi + i << 2, Math.max(x, y));
        }
    }

    static void maxSV(MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment o, long oi, int n) {
        int i = 0;
        float x = get(a, ai);
        FloatVector vx = FloatVector.broadcast(S, x);
        for (; i <= n - L; i += L) {
            FloatVector vy = load(b, bi + i);
            vx.max(vy).intoMemorySegment(o, oi + i << 2, LE);
        }
        for (; i < n; i++) {
            float y = get(b, bi + i);
            o.set(Tensor.F32, oi + i << 2, Math.max(x, y));
        }
    }

    static void minVV(MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment o, long oi, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            FloatVector vy = load(b, bi + i);
            vx.min(vy).intoMemorySegment(o, oi + i << 2, LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i), y = get(b, bi + i);
            o.set(Tensor.F32, oi + i << 2, Math.min(x, y));
        }
    }

    static void minVS(MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment o, long oi, int n) {
        int i = 0;
        float y = get(b, bi);
        FloatVector vy = FloatVector.broadcast(S, y);
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            vx.min(vy).intoMemorySegment(o, oi + i << 2, LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i);
            o.set(Tensor.F32, oi + i << 2, Math.min(x, y));
        }
    }

    static void minSV(MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment o, long oi, int n) {
        int i = 0;
        float x = get(a, ai);
        FloatVector vx = FloatVector.broadcast(S, x);
        for (; i <= n - L; i += L) {
            FloatVector vy = load(b, bi + i);
            vx.min(vy).intoMemorySegment(o, oi + i << 2, LE);
        }
        for (; i < n; i++) {
            float y = get(b, bi + i);
            o.set(Tensor.F32, oi + i << 2, Math.min(x, y));
        }
    }

    static void preluVV(MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment o, long oi, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            FloatVector vy = load(b, bi + i);
            vx.blend(vx.mul(vy), vx.compare(VectorOperators.LT, 0f)).intoMemorySegment(o, oi + i << 2, LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i), y = get(b, bi + i);
            o.set(Tensor.F32, oi + i << 2, x < 0f ? x * y : x);
        }
    }

    static void preluVS(MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment o, long oi, int n) {
        int i = 0;
        float y = get(b, bi);
        FloatVector vy = FloatVector.broadcast(S, y);
        for (; i <= n - L; i += L) {
            FloatVector vx = load(a, ai + i);
            vx.blend(vx.mul(vy), vx.compare(VectorOperators.LT, 0f)).intoMemorySegment(o, oi + i << 2, LE);
        }
        for (; i < n; i++) {
            float x = get(a, ai + i);
            o.set(Tensor.F32, oi + i << 2, x < 0f ? x * y : x);
        }
    }

    static void preluSV(MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment o, long oi, int n) {
        int i = 0;
        float x = get(a, ai);
        FloatVector vx = FloatVector.broadcast(S, x);
        for (; i <= n - L; i += L) {
            FloatVector vy = load(b, bi + i);
            vx.blend(vx.mul(vy), vx.compare(VectorOperators.LT, 0f)).intoMemorySegment(o, oi + i << 2, LE);
        }
        for (; i < n; i++) {
            float y = get(b, bi + i);
            o.set(Tensor.F32, oi + i << 2, x < 0f ? x * y : x);
        }
    }
}
