package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** One time step of one sample of a recurrent network: reads the input, replaces the state. */
public sealed interface RecurrentCell {
    /** How many vectors of the hidden size the weights hold. */
    int gates();

    void step(Frame f);

    /**
     * Where a cell finds its numbers. All offsets are in bytes; {@code w} and {@code r} are transposed, (input, gates ·
     * hidden) and (hidden, gates · hidden), so that vectors run along the gates.
     */
    final class Frame {
        final int input, hidden;
        final float clip;
        final MemorySegment scratch;
        final long w, r, gates, more, h, c;
        MemorySegment x, bias, peephole;
        long xAt, biasAt, peepholeAt;

        /** @param own the start of this worker's part of the scratch memory: room for 2 · gates + 2 vectors of the hidden size */
        Frame(int input, int hidden, int gates, float clip, MemorySegment scratch, long w, long r, long own) {
            this.input = input;
            this.hidden = hidden;
            this.clip = clip;
            this.scratch = scratch;
            this.w = w;
            this.r = r;
            this.gates = own;
            more = own + 4L * gates * hidden;
            h = more + 4L * gates * hidden;
            c = h + 4L * hidden;
        }

        float get(long at, int i) { return scratch.get(Tensor.F32, at + 4L * i); }

        void set(long at, int i, float v) { scratch.set(Tensor.F32, at + 4L * i, v); }

        /** Number i of the bias, 0 without one: first those of the input, then those of the state. */
        float bias(int i) {
            return bias == null ? 0 : bias.get(Tensor.F32, biasAt + 4L * i);
        }

        float peephole(int i) { return peephole == null ? 0 : peephole.get(Tensor.F32, peepholeAt + 4L * i); }

        float clip(float v) { return Float.isNaN(v) ? v : Math.clamp(v, -clip, clip); }

        /** gates = bias + x · W for all gates. */
        void fromInput(int all) {
            for (int i = 0; i < all; i++)
                set(gates, i, bias(i));
            addProduct(x, xAt, input, w, 4L * all, gates, all);
        }

        /** {@code to[j] += Σ v[k] · m[k][j]} for j in [0, n): one accumulator each, k ascending. */
        void addProduct(MemorySegment v, long vAt, int length, long m, long pitch, long to, int n) {
            int j = 0;
            for (; j <= n - LANES; j += LANES)
                vector(v, vAt, length, m + 4L * j, pitch, to + 4L * j);
            for (; j < n; j++) {
                float sum = get(to, j);
                for (int k = 0; k < length; k++)
                    sum = Math.fma(v.get(Tensor.F32, vAt + 4L * k), scratch.get(Tensor.F32, m + k * pitch + 4L * j), sum);
                set(to, j, sum);
            }
        }

        private void vector(MemorySegment v, long vAt, int length, long m, long pitch, long to) {
            FloatVector sum = FloatVector.fromMemorySegment(S, scratch, to, Tensor.F32.order());
            for (int k = 0; k < length; k++)
                sum = FloatVector.broadcast(S, v.get(Tensor.F32, vAt + 4L * k))
                        .fma(FloatVector.fromMemorySegment(S, scratch, m + k * pitch, Tensor.F32.order()), sum);
            sum.intoMemorySegment(scratch, to, Tensor.F32.order());
        }

        private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
        private static final int LANES = S.length();
    }

    /** {@code h = f(x·W + h·R + b)}. */
    record Rnn(CellActivation f) implements RecurrentCell {
        @Override
        public int gates() { return 1; }

        @Override
        public void step(Frame a) {
            int n = a.hidden;
            a.fromInput(n);
            a.addProduct(a.scratch, a.h, n, a.r, 4L * n, a.gates, n);
            for (int i = 0; i < n; i++)
                a.set(a.h, i, f.apply(a.clip(a.get(a.gates, i) + a.bias(n + i))));
        }
    }

    /** Gates z, r, h. {@code linearFirst}: the reset gate applies after the state's product, not before. */
    record Gru(CellActivation f, CellActivation g, boolean linearFirst) implements RecurrentCell {
        @Override
        public int gates() { return 3; }

        @Override
        public void step(Frame a) {
            int n = a.hidden;
            a.fromInput(3 * n);
            // more = state's bias + h · R, at first without the third gate unless the reset comes after it.
            for (int i = 0; i < 3 * n; i++)
                a.set(a.more, i, a.bias(3 * n + i));
            a.addProduct(a.scratch, a.h, n, a.r, 12L * n, a.more, linearFirst ? 3 * n : 2 * n);
            for (int i = 0; i < 2 * n; i++)
                a.set(a.gates, i, f.apply(a.clip(a.get(a.gates, i) + a.get(a.more, i))));
            long reset = a.gates + 4L * n, candidate = a.gates + 8L * n, state = a.more + 8L * n;
            if (!linearFirst) {
                for (int i = 0; i < n; i++)
                    a.set(a.more, i, a.get(reset, i) * a.get(a.h, i));
                a.addProduct(a.scratch, a.more, n, a.r + 8L * n, 12L * n, state, n);
            }
            for (int i = 0; i < n; i++) {
                float s = a.get(state, i), z = a.get(a.gates, i);
                float v = g.apply(a.clip(linearFirst ? Math.fma(a.get(reset, i), s, a.get(candidate, i)) : a.get(candidate, i) + s));
                a.set(a.h, i, Math.fma(z, a.get(a.h, i), (1 - z) * v));
            }
        }
    }

    /** Gates i, o, f, c; peepholes i, o, f. {@code coupled}: the forget gate is 1 - i. */
    record Lstm(CellActivation f, CellActivation g, CellActivation h, boolean coupled) implements RecurrentCell {
        @Override
        public int gates() { return 4; }

        @Override
        public void step(Frame a) {
            int n = a.hidden;
            a.fromInput(4 * n);
            a.addProduct(a.scratch, a.h, n, a.r, 16L * n, a.gates, 4 * n);
            for (int i = 0; i < n; i++) {
                float c = a.get(a.c, i);
                float in = f.apply(a.clip(Math.fma(a.peephole(i), c, gate(a, i))));
                float forget = coupled ? 1 - in : f.apply(a.clip(Math.fma(a.peephole(2 * n + i), c, gate(a, 2 * n + i))));
                float next = Math.fma(forget, c, in * g.apply(a.clip(gate(a, 3 * n + i))));
                float out = f.apply(a.clip(Math.fma(a.peephole(n + i), next, gate(a, n + i))));
                a.set(a.c, i, next);
                a.set(a.h, i, out * h.apply(next));
            }
        }

        private static float gate(Frame a, int i) { return a.get(a.gates, i) + a.bias(4 * a.hidden + i); }
    }
}
