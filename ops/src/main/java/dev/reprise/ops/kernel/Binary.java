package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.tensor.Tensor.F32;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Functions of two float32 values that run as vectors over broadcast operands. */
public enum Binary {
    ADD(BinaryLoops::addVV, BinaryLoops::addVS, BinaryLoops::addSV), //
    SUB(BinaryLoops::subVV, BinaryLoops::subVS, BinaryLoops::subSV), //
    MUL(BinaryLoops::mulVV, BinaryLoops::mulVS, BinaryLoops::mulSV), //
    DIV(BinaryLoops::divVV, BinaryLoops::divVS, BinaryLoops::divSV), //
    /** As {@link Math#max}: a NaN wins, and 0 is above -0. */
    MAX(BinaryLoops::maxVV, BinaryLoops::maxVS, BinaryLoops::maxSV), //
    /** As {@link Math#min}. */
    MIN(BinaryLoops::minVV, BinaryLoops::minVS, BinaryLoops::minSV), //
    /** x where it is not negative, else x times the slope y. */
    PRELU(BinaryLoops::preluVV, BinaryLoops::preluVS, BinaryLoops::preluSV);

    @FunctionalInterface
    interface Loop {
        void run(long a, long ai, long b, long bi, long o, long oi, int n);
    }

    private final Loop vv;
    private final Loop vs;
    private final Loop sv;

    Binary(Loop vv, Loop vs, Loop sv) {
        this.vv = vv;
        this.vs = vs;
        this.sv = sv;
    }

    /** @param inPlace the operand whose memory the result may take over (same shape as the output), or -1 */
    public Kernel kernel(Broadcast layout, int inPlace) {
        return new Kernel() {
            @Override
            public boolean repeatable() { return true; }

            @Override
            public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
                apply(layout, in[0].address(), in[1].address(), out[0].address(), workers);
            }

            @Override
            public int inPlace() { return inPlace; }

            @Override
            public long flops() { return layout.shape().size(); }
        };
    }

    void apply(Broadcast layout, long a, long b, long o, Workers workers) {
        if (few(layout)) {
            int da = layout.step(0), db = layout.step(1);
            layout.run(workers, Broadcast.GRAIN, (ai, bi, _, oi, n) -> {
                for (int i = 0; i < n; i++)
                    ALL.set(F32, o + (oi + i << 2), of(ALL.get(F32, a + (ai + i * da << 2)), ALL.get(F32, b + (bi + i * db << 2))));
            });
            return;
        }
        Loop loop = layout.repeats(0) ? sv : layout.repeats(1) ? vs : vv;
        layout.run(workers, Broadcast.GRAIN, (ai, bi, _, oi, n) -> loop.run(a, ai, b, bi, o, oi, n));
    }

    /** {@link Elements#FEW} results in short rows, or a quarter of it. */
    private static boolean few(Broadcast layout) {
        long size = layout.shape().size();
        return size <= Elements.FEW / 4 || size <= Elements.FEW && layout.inner() <= 256;
    }

    /** The function of two values, with the bits that the vector loops give. */
    public float of(float x, float y) {
        return switch (this) {
            case ADD -> x + y;
            case SUB -> x - y;
            case MUL -> x * y;
            case DIV -> x / y;
            case MAX -> Math.max(x, y);
            case MIN -> Math.min(x, y);
            case PRELU -> x < 0f ? x * y : x;
        };
    }
}
