package dev.reprise.ops.math;

import static dev.reprise.ops.math.FloatMath.*;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The functions of {@link FloatMath} on vectors of the preferred width: each the same operations in the same order, so that a
 * lane has the bits of the scalar function. Use at most one function with an exponential in a loop body: two pass C2's node
 * budget, which then boxes the vectors.
 */
public final class VectorMath {
    public static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

    private VectorMath() {}

    private static FloatVector all(float v) { return FloatVector.broadcast(SPECIES, v); }

    public static FloatVector exp(FloatVector x) {
        FloatVector t = x.fma(all(LOG2_E), all(ROUND)), n = t.sub(all(ROUND));
        FloatVector r = n.fma(all(-LN2_LOW), n.fma(all(-LN2_HIGH), x));
        FloatVector p = all(E6).fma(r, all(E5)).fma(r, all(E4)).fma(r, all(E3)).fma(r, all(E2)).fma(r, all(1f)).fma(r, all(1f));
        IntVector i = t.reinterpretAsInts().sub(0x4b400000), half = i.lanewise(VectorOperators.ASHR, 1);
        FloatVector a = half.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
        FloatVector b = i.sub(half).add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
        FloatVector y = p.mul(a).mul(b).blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, EXP_INFINITE));
        return y.blend(0f, x.compare(VectorOperators.LT, EXP_ZERO));
    }

    public static FloatVector expNonPositive(FloatVector x) {
        FloatVector t = x.fma(all(LOG2_E), all(ROUND_BIASED)), n = t.sub(all(ROUND_BIASED));
        FloatVector r = n.fma(all(-LN2_LOW), n.fma(all(-LN2_HIGH), x));
        FloatVector p = all(E6).fma(r, all(E5)).fma(r, all(E4)).fma(r, all(E3)).fma(r, all(E2)).fma(r, all(1f)).fma(r, all(1f));
        FloatVector y = p.mul(t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
        return y.blend(0f, x.compare(VectorOperators.LT, EXP_NORMAL));
    }

    public static FloatVector expm1NonPositive(FloatVector x) {
        FloatVector t = x.fma(all(LOG2_E), all(ROUND_BIASED)), n = t.sub(all(ROUND_BIASED));
        FloatVector r = n.fma(all(-LN2_LOW), n.fma(all(-LN2_HIGH), x));
        FloatVector q = all(M7).fma(r, all(M6)).fma(r, all(M5)).fma(r, all(M4)).fma(r, all(M3)).fma(r, all(M2));
        FloatVector p = q.fma(r.mul(r), r), s = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
        return s.fma(p, s.sub(all(1f))).blend(-1f, x.compare(VectorOperators.LT, EXP_NORMAL));
    }

    public static FloatVector log(FloatVector x) {
        VectorMask<Float> tiny = x.compare(VectorOperators.LT, Float.MIN_NORMAL);
        IntVector bits = x.blend(x.mul(all(8388608f)), tiny).reinterpretAsInts();
        IntVector e = bits.sub(SQRT_HALF_BITS).lanewise(VectorOperators.ASHR, 23);
        FloatVector f = bits.sub(e.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats().sub(all(1f));
        FloatVector n = (FloatVector) e.sub(23, tiny.cast(IntVector.SPECIES_PREFERRED)).convert(VectorOperators.I2F, 0);
        FloatVector y = n.fma(all(LN2_HIGH), n.fma(all(LN2_LOW), logNearOne(f)));
        y = x.blend(y, x.compare(VectorOperators.LT, Float.POSITIVE_INFINITY)).blend(Float.NEGATIVE_INFINITY,
                x.compare(VectorOperators.EQ, 0f));
        return y.blend(Float.NaN, x.compare(VectorOperators.LT, 0f));
    }

    public static FloatVector log1pUnit(FloatVector e) {
        VectorMask<Float> high = e.compare(VectorOperators.GT, SQRT2_MINUS_1);
        FloatVector f = e.blend(e.fma(all(0.5f), all(-0.5f)), high);
        return logNearOne(f).add(all(0f).blend(LN2_HIGH, high));
    }

    private static FloatVector logNearOne(FloatVector f) {
        FloatVector q = all(L10).fma(f, all(L9)).fma(f, all(L8)).fma(f, all(L7)).fma(f, all(L6)).fma(f, all(L5)).fma(f, all(L4)).fma(f,
                all(L3));
        return f.mul(f).fma(q.fma(f, all(-0.5f)), f);
    }

    public static FloatVector tanh(FloatVector x) {
        FloatVector z = x.mul(x), a = x.abs();
        FloatVector p = all(T11).fma(z, all(T9)).fma(z, all(T7)).fma(z, all(T5)).fma(z, all(T3));
        FloatVector small = x.mul(z).fma(p, x), e = expNonPositive(a.mul(all(-2f)));
        FloatVector y = all(1f).sub(e.add(e).div(e.add(all(1f))));
        return y.blend(y.neg(), x.compare(VectorOperators.LT, 0f)).blend(small, a.compare(VectorOperators.LT, TANH_SMALL));
    }

    public static FloatVector erf(FloatVector x) {
        FloatVector z = x.mul(x);
        FloatVector p = all(RP5).fma(z, all(RP4)).fma(z, all(RP3)).fma(z, all(RP2)).fma(z, all(RP1)).fma(z, all(RP0));
        FloatVector q = all(RQ5).fma(z, all(RQ4)).fma(z, all(RQ3)).fma(z, all(RQ2)).fma(z, all(RQ1)).fma(z, all(1f));
        FloatVector y = x.mul(p).div(q).blend(1f, x.compare(VectorOperators.GT, ERF_ONE));
        return y.blend(-1f, x.compare(VectorOperators.LT, -ERF_ONE));
    }

    public static FloatVector sigmoid(FloatVector x) {
        FloatVector e = expNonPositive(x.abs().neg());
        return all(1f).blend(e, x.compare(VectorOperators.LT, 0f)).div(e.add(all(1f)));
    }

    public static FloatVector silu(FloatVector x) { return gate(x, x); }

    private static FloatVector gate(FloatVector x, FloatVector w) {
        FloatVector e = expNonPositive(w.abs().neg());
        return x.blend(x.mul(e), w.compare(VectorOperators.LT, 0f)).div(e.add(all(1f)));
    }

    public static FloatVector swish(FloatVector x, float alpha) { return gate(x, x.mul(alpha)); }

    public static FloatVector geluTanh(FloatVector x) { return gate(x, x.mul(x.mul(x).fma(all(GELU_3), all(GELU_1)))); }

    public static FloatVector geluErf(FloatVector x) {
        FloatVector h = x.mul(all(0.5f));
        return h.fma(erf(x.mul(all(SQRT_HALF))), h);
    }

    public static FloatVector softplus(FloatVector x) {
        FloatVector e = expNonPositive(x.abs().neg());
        return all(0f).blend(x, x.compare(VectorOperators.GT, 0f)).add(log1pUnit(e));
    }

    public static FloatVector mish(FloatVector x) {
        FloatVector e = expNonPositive(x.abs().neg()), d = e.add(e);
        FloatVector p = e.fma(e, d), m = e.fma(all(2f), all(1f));
        VectorMask<Float> negative = x.compare(VectorOperators.LT, 0f);
        return x.mul(m.blend(p, negative)).div(d.fma(e, m).blend(p.add(all(2f)), negative));
    }

    public static FloatVector elu(FloatVector x, float alpha) {
        return expm1NonPositive(x).mul(alpha).blend(x, x.compare(VectorOperators.GT, 0f));
    }
}
