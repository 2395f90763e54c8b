package dev.reprise.ops.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.ops.math.FloatMath;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reductions against a scalar reference, bit for bit, over every choice of axes. */
class ReduceTest {
    private static final long SEED = 4711;
    private static final float INF = Float.POSITIVE_INFINITY;

    @ParameterizedTest
    @ValueSource(strings = {"1", "7", "16", "17", "20000", "3 5", "5 130", "130 5", "33 257", "1 16 1", "2 1 19", "3 17 4", "2 35 131",
        "18 3 33", "2 3 5 7", "3 2 9 21", "1 4 1 70", "2 0 3"})
    void hasTheReferencesBits(String shape) {
        long[] dims = Stream.of(shape.split(" ")).mapToLong(Long::parseLong).toArray();
        Tensor x = KernelRun.normal(new Random(SEED), 0.1, 1, dims);
        for (int mask = 0; mask < 1 << dims.length; mask++) {
            boolean[] axes = axes(mask, dims.length);
            for (Reduce.Of of : Reduce.Of.values()) {
                float[] want = reference(of, x, axes);
                for (int threads = 1; threads <= 3; threads++) {
                    Tensor y = KernelRun.empty(want.length);
                    KernelRun.run(new Reduce(of, new ReducedAxes(x.shape(), axes)), threads, new Tensor[]{x}, y);
                    KernelRun.assertSameBits(y, want,
                            of + " of " + x.shape() + " over " + Arrays.toString(axes) + ", " + threads + " threads, seed " + SEED);
                }
            }
        }
    }

    private static boolean[] axes(int mask, int rank) {
        boolean[] axes = new boolean[rank];
        for (int i = 0; i < rank; i++)
            axes[i] = (mask >> i & 1) != 0;
        return axes;
    }

    /** For every output, in row-major order, the positions of its elements, in row-major order of the reduced axes. */
    private static long[][] groups(Shape s, boolean[] axes) {
        long outputs = 1, count = 1;
        for (int i = 0; i < axes.length; i++)
            if (axes[i]) count *= s.dim(i);
            else outputs *= s.dim(i);
        long[][] groups = new long[(int) outputs][(int) count];
        int[] filled = new int[(int) outputs];
        for (long i = 0; i < s.size(); i++) {
            long rest = i, output = 0, scale = 1;
            for (int a = axes.length - 1; a >= 0; a--) {
                if (!axes[a]) {
                    output += rest % s.dim(a) * scale;
                    scale *= s.dim(a);
                }
                rest /= s.dim(a);
            }
            groups[(int) output][filled[(int) output]++] = i;
        }
        return groups;
    }

    private static float[] reference(Reduce.Of of, Tensor x, boolean[] axes) {
        long[][] groups = groups(x.shape(), axes);
        float[] want = new float[groups.length];
        for (int o = 0; o < want.length; o++) {
            float[] v = new float[groups[o].length];
            for (int i = 0; i < v.length; i++)
                v[i] = x.getFloat(groups[o][i]);
            want[o] = reference(of, v);
        }
        return want;
    }

    private static float reference(Reduce.Of of, float[] v) {
        float max = -INF, min = INF;
        for (float f : v) {
            max = Math.max(max, f);
            min = Math.min(min, f);
        }
        float[] lanes = new float[16];
        if (of == Reduce.Of.PROD) Arrays.fill(lanes, 1);
        for (int i = 0; i < v.length; i++)
            lanes[i % 16] = switch (of) {
                case L1 -> lanes[i % 16] + Math.abs(v[i]);
                case L2, SUM_SQUARE -> Math.fma(v[i], v[i], lanes[i % 16]);
                case LOG_SUM_EXP -> lanes[i % 16] + FloatMath.expNonPositive(v[i] - max);
                case PROD -> lanes[i % 16] * v[i];
                default -> lanes[i % 16] + v[i];
            };
        for (int w = 8; w > 0; w /= 2)
            for (int j = 0; j < w; j++)
                lanes[j] = of == Reduce.Of.PROD ? lanes[j] * lanes[j + w] : lanes[j] + lanes[j + w];
        return switch (of) {
            case SUM, L1, SUM_SQUARE, PROD -> lanes[0];
            case MEAN -> lanes[0] / v.length;
            case L2 -> (float) Math.sqrt(lanes[0]);
            case LOG_SUM -> FloatMath.log(lanes[0]);
            case LOG_SUM_EXP -> v.length == 0 ? -INF : max + FloatMath.log(lanes[0]);
            case MAX -> max;
            case MIN -> min;
        };
    }

    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"FLOAT64", "INT32", "UINT32", "INT64", "UINT64", "INT8", "UINT8", "BOOL"})
    void otherTypesAgreeWithPlainArithmetic(DType t) {
        Random random = new Random(SEED);
        Shape s = Shape.of(5, 3, 41);
        Tensor x = Tensor.allocate(Arena.ofAuto(), t, s);
        for (long i = 0; i < s.size(); i++)
            x.setDouble(i, t == DType.FLOAT64
                    ? random.nextGaussian()
                    : t.kind() == DType.Kind.SIGNED
                            ? random.nextInt(-50, 50)
                            : t == DType.BOOL ? random.nextInt(20) / 19 : random.nextInt(100));
        for (int mask = 0; mask < 8; mask++) {
            boolean[] axes = axes(mask, 3);
            long[][] groups = groups(s, axes);
            for (Reduce.Of of : Reduce.Of.values()) {
                boolean extreme = of == Reduce.Of.MAX || of == Reduce.Of.MIN;
                // Products and sums of bytes have no operator; products of many numbers overflow.
                if (t.bytes() == 1 && !extreme || of == Reduce.Of.PROD && t != DType.FLOAT64) continue;
                Tensor y = Tensor.allocate(Arena.ofAuto(), t, Shape.of(groups.length));
                KernelRun.run(new ReducePlain(of, new ReducedAxes(s, axes)), 1 + mask % 3, new Tensor[]{x}, y);
                for (int o = 0; o < groups.length; o++) {
                    double want = exact(of, Arrays.stream(groups[o]).mapToDouble(x::getDouble).toArray());
                    if (t != DType.FLOAT64) {
                        Tensor w = Tensor.allocate(Arena.ofAuto(), t, Shape.SCALAR);
                        w.setDouble(0, want);
                        want = w.getDouble(0);
                    }
                    String what = of + " of " + t + ", output " + o + " over " + Arrays.toString(axes) + ", seed " + SEED;
                    if (Double.isNaN(want)) assertThat(y.getDouble(o)).as(what).isNaN();
                    else
                        assertThat(y.getDouble(o)).as(what).isCloseTo(want,
                                org.assertj.core.data.Offset.offset(t == DType.FLOAT64 ? 1e-11 * Math.max(1, Math.abs(want)) : 0));
                }
            }
        }
    }

    private static double exact(Reduce.Of of, double[] v) {
        double sum = 0, abs = 0, squares = 0, product = 1, exp = 0;
        for (double d : v) {
            sum += d;
            abs += Math.abs(d);
            squares += d * d;
            product *= d;
            exp += StrictMath.exp(d);
        }
        return switch (of) {
            case SUM -> sum;
            case MEAN -> sum / v.length;
            case L1 -> abs;
            case L2 -> Math.sqrt(squares);
            case SUM_SQUARE -> squares;
            case LOG_SUM -> StrictMath.log(sum);
            case LOG_SUM_EXP -> StrictMath.log(exp);
            case MAX -> Arrays.stream(v).max().orElseThrow();
            case MIN -> Arrays.stream(v).min().orElseThrow();
            case PROD -> product;
        };
    }

    @Test
    void anInfiniteMaximumIsTheLogSumExp() {
        assertThat(logSumExp(1, 2, -INF)).isCloseTo((float) StrictMath.log(Math.E + Math.E * Math.E),
                org.assertj.core.data.Offset.offset(1e-6f));
        assertThat(logSumExp(-INF, -INF)).isEqualTo(-INF);
        assertThat(logSumExp(3, INF)).isEqualTo(INF);
        assertThat(logSumExp(3, Float.NaN, INF)).isNaN();
        assertThat(logSumExp(1000, 1000)).isCloseTo(1000.6931f, org.assertj.core.data.Offset.offset(1e-4f));
    }

    private static float logSumExp(float... v) {
        Tensor y = KernelRun.empty(1);
        KernelRun.run(new Reduce(Reduce.Of.LOG_SUM_EXP, new ReducedAxes(Shape.of(v.length), true)), 1,
                new Tensor[]{Tensor.of(Arena.ofAuto(), Shape.of(v.length), v)}, y);
        return y.getFloat(0);
    }

    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"FLOAT32", "FLOAT64", "INT64", "UINT64", "INT8", "FLOAT16"})
    void positionsOfExtremes(DType t) {
        Random random = new Random(SEED);
        Shape s = Shape.of(3, 37, 40);
        Tensor x = Tensor.allocate(Arena.ofAuto(), t, s);
        for (long i = 0; i < s.size(); i++)
            x.setDouble(i, t.isFloat() && random.nextInt(200) == 0 ? Double.NaN : random.nextInt(12) - (t == DType.UINT64 ? 0 : 6));
        for (int axis = 0; axis < 3; axis++)
            for (int flags = 0; flags < 4; flags++) {
                boolean largest = (flags & 1) != 0, last = (flags & 2) != 0;
                boolean[] axes = axes(1 << axis, 3);
                long[][] groups = groups(s, axes);
                Tensor y = Tensor.allocate(Arena.ofAuto(), DType.INT64, Shape.of(groups.length));
                KernelRun.run(new ArgExtreme(s.product(0, axis), s.dim(axis), s.product(axis + 1, 3), largest, last), 1 + flags % 3,
                        new Tensor[]{x}, y);
                for (int o = 0; o < groups.length; o++) {
                    double[] v = Arrays.stream(groups[o]).mapToDouble(x::getDouble).toArray();
                    double best = largest ? Arrays.stream(v).max().orElseThrow() : Arrays.stream(v).min().orElseThrow();
                    int[] where = IntStream.range(0, v.length).filter(i -> Double.isNaN(best) ? Double.isNaN(v[i]) : v[i] == best)
                            .toArray();
                    assertThat(y.getLong(o)).as("%s axis %d, largest %s, last %s, output %d, seed %d", t, axis, largest, last, o, SEED)
                            .isEqualTo(where[last ? where.length - 1 : 0]);
                }
            }
    }

    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"FLOAT32", "FLOAT64", "INT32", "UINT64"})
    void runningSums(DType t) {
        Random random = new Random(SEED);
        Shape s = Shape.of(4, 9, 300);
        Tensor x = Tensor.allocate(Arena.ofAuto(), t, s);
        for (long i = 0; i < s.size(); i++)
            x.setDouble(i, t.isFloat() ? random.nextGaussian() : random.nextInt(1 << 30));
        for (int axis = 0; axis < 3; axis++)
            for (int flags = 0; flags < 4; flags++) {
                boolean exclusive = (flags & 1) != 0, reverse = (flags & 2) != 0;
                Tensor y = Tensor.allocate(Arena.ofAuto(), t, s), want = Tensor.allocate(Arena.ofAuto(), t, s);
                KernelRun.run(new CumSum(s.product(0, axis), s.dim(axis), s.product(axis + 1, 3), exclusive, reverse), 1 + flags % 3,
                        new Tensor[]{x}, y);
                for (long[] g : groups(s, axes(1 << axis, 3))) {
                    double d = 0;
                    long l = 0;
                    for (int k = 0; k < g.length; k++) {
                        long i = g[reverse ? g.length - 1 - k : k];
                        if (exclusive) set(want, i, d, l);
                        // A float sum is the double sum of two floats, rounded.
                        if (t.isFloat()) d = t == DType.FLOAT32 ? (float) (d + x.getDouble(i)) : d + x.getDouble(i);
                        else l += x.getLong(i);
                        if (!exclusive) set(want, i, d, l);
                    }
                }
                assertThat(y.sha256()).as("%s axis %d, exclusive %s, reverse %s, seed %d", t, axis, exclusive, reverse, SEED)
                        .isEqualTo(want.sha256());
            }
    }

    private static void set(Tensor t, long i, double d, long l) {
        if (t.dtype().isFloat()) t.setDouble(i, d);
        else t.setLong(i, l);
    }
}
