package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Kernel;
import dev.reprise.ops.kernel.Widen;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives a float32 operator its float16 and bfloat16 forms: inputs are widened, the kernel runs in float32, and what it
 * says is float32 is rounded to the half type once at the end.
 */
final class Halves {
    private Halves() {}

    /**
     * @param keep outputs that stay float32 whatever the inputs are (LayerNormalization's Mean …)
     */
    static Operator.Static of(Operator.Static operator, int... keep) {
        return c -> {
            DType half = null;
            for (int i = 0; i < c.inputs() && half == null; i++)
                if (c.has(i) && c.dtype(i).isHalf()) half = c.dtype(i);
            return half == null ? operator.bind(c) : bind(operator, c, half, keep);
        };
    }

    private static Binding bind(Operator.Static operator, BindContext c, DType half, int[] keep) {
        int n = c.inputs();
        BindContext.Input[] wide = new BindContext.Input[n];
        Tensor[] constants = new Tensor[n];
        long[] scratch = new long[n];
        for (int i = 0; i < n; i++) {
            if (!c.has(i)) continue;
            boolean widen = c.dtype(i).isHalf();
            Tensor constant = c.isConstant(i) ? c.constant(i) : null;
            if (widen && constant != null) constant = constants[i] = c.packed(i, "float32", (arena, t) -> {
                Tensor w = Tensor.allocate(arena, DType.FLOAT32, t.shape());
                Widen.toFloat32(t, w);
                return w;
            });
            if (widen && constant == null) scratch[i] = c.shape(i).size() * 4;
            wide[i] = new BindContext.Input(widen ? DType.FLOAT32 : c.dtype(i), c.shape(i), constant);
        }
        Binding inner = operator.bind(c.withInputs(wide));
        List<Binding.Output> outputs = new ArrayList<>();
        for (int i = 0; i < inner.outputs().size(); i++) {
            Binding.Output o = inner.outputs().get(i);
            boolean kept = o == null || o.dtype() != DType.FLOAT32;
            for (int k : keep)
                kept |= k == i;
            outputs.add(kept ? o : new Binding.Output(half, o.shape()));
        }
        return Binding.of(outputs, new Wide(inner, outputs, constants, scratch));
    }

    private record Wide(Binding inner, List<Binding.Output> outputs, Tensor[] constants, long[] widened) implements Kernel {
        @Override
        public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
            long at = round(inner.kernel().scratchBytes(workers.threads()));
            MemorySegment own = scratch.asSlice(0, at);
            Tensor[] wideIn = in.clone(), wideOut = out.clone();
            for (int i = 0; i < in.length; i++) {
                if (constants[i] != null) wideIn[i] = constants[i];
                if (widened[i] == 0) continue;
                wideIn[i] = new Tensor(DType.FLOAT32, in[i].shape(), scratch.asSlice(at, widened[i]));
                at += round(widened[i]);
                Widen.toFloat32(in[i], wideIn[i]);
            }
            for (int i = 0; i < out.length; i++) {
                if (out[i] == null || out[i].dtype() == inner.outputs().get(i).dtype()) continue;
                long bytes = out[i].size() * 4;
                wideOut[i] = new Tensor(DType.FLOAT32, out[i].shape(), scratch.asSlice(at, bytes));
                at += round(bytes);
            }
            inner.kernel().run(wideIn, wideOut, own, workers);
            for (int i = 0; i < out.length; i++)
                if (out[i] != wideOut[i]) Widen.fromFloat32(wideOut[i], out[i]);
        }

        @Override
        public long scratchBytes(int threads) {
            long n = round(inner.kernel().scratchBytes(threads));
            for (long w : widened)
                n += round(w);
            for (int i = 0; i < outputs.size(); i++)
                if (outputs.get(i) != null && outputs.get(i).dtype() != inner.outputs().get(i).dtype())
                    n += round(outputs.get(i).shape().size() * 4);
            return n;
        }

        @Override
        public long flops() { return inner.kernel().flops(); }

        private static long round(long bytes) { return bytes + Tensor.ALIGNMENT - 1 & -Tensor.ALIGNMENT; }
    }
}
