package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.lines;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * What ONNX's Attention does around the computation: appends keys and values to those of the past, and turns its mask into
 * floats for all keys. Inputs q, k, v, mask, past key, past value, used keys (from the fourth on each may be absent); outputs
 * y, present key, present value, scores.
 *
 * @param inner   {@link Attention} or {@link AttentionPlain}, on present keys and values where {@code present}, else on inputs 1 and 2
 * @param key     the present key's type and shape (B, Hk, past + Lk, D), {@code keys} the strides of input 1; likewise for values
 * @param mask    the shape of the float mask where the one given is bool or covers too few keys; else null
 */
public record AttentionCache(Kernel inner, DType type, boolean present, long past, Shape key, Attention.Strides keys, Shape value,
        Attention.Strides values, Shape mask) implements Kernel {
    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        long at = lines(inner.scratchBytes(workers.threads()));
        MemorySegment own = scratch.asSlice(0, at);
        Tensor[] x = {in[0], in[1], in[2], input(in, 3), input(in, 6)};
        if (present) {
            x[1] = append(in[1], keys, input(in, 4), output(out, 1), key, scratch, at);
            at += lines(key.size() * type.bytes());
            x[2] = append(in[2], values, input(in, 5), output(out, 2), value, scratch, at);
            at += lines(value.size() * type.bytes());
        }
        if (mask != null) x[3] = bias(in[3], new Tensor(type, mask, scratch.asSlice(at, mask.size() * type.bytes())));
        inner.run(x, new Tensor[]{out[0], output(out, 3)}, own, workers);
    }

    private static Tensor input(Tensor[] in, int i) { return i < in.length ? in[i] : null; }

    private static Tensor output(Tensor[] out, int i) { return i < out.length ? out[i] : null; }

    private Tensor append(Tensor x, Attention.Strides s, Tensor before, Tensor wanted, Shape shape, MemorySegment scratch, long at) {
        Tensor all = wanted != null ? wanted : new Tensor(type, shape, scratch.asSlice(at, shape.size() * type.bytes()));
        int size = type.bytes();
        long width = shape.dim(3) * size, heads = shape.dim(1), total = shape.dim(2);
        for (long b = 0; b < shape.dim(0); b++)
            for (long h = 0; h < heads; h++) {
                long to = (b * heads + h) * total * width;
                if (before != null) MemorySegment.copy(before.data(), (b * heads + h) * past * width, all.data(), to, past * width);
                for (long l = past; l < total; l++)
                    MemorySegment.copy(x.data(), (b * s.batch() + h * s.head() + (l - past) * s.row()) * size, all.data(), to + l * width,
                            width);
            }
        return all;
    }

    /** False and what is missing at the end become -∞, true 0. */
    private static Tensor bias(Tensor mask, Tensor to) {
        long have = mask.shape().dim(-1), want = to.shape().dim(-1);
        for (long i = 0; i < to.size(); i++) {
            long row = i / want, j = i % want;
            double v = j >= have
                    ? Double.NEGATIVE_INFINITY
                    : mask.dtype() != DType.BOOL
                            ? mask.getDouble(row * have + j)
                            : mask.getLong(row * have + j) != 0 ? 0 : Double.NEGATIVE_INFINITY;
            to.setDouble(i, v);
        }
        return to;
    }

    @Override
    public long scratchBytes(int threads) {
        long n = lines(inner.scratchBytes(threads));
        if (present) n += lines(key.size() * type.bytes()) + lines(value.size() * type.bytes());
        return mask == null ? n : n + lines(mask.size() * type.bytes());
    }

    @Override
    public long flops() { return inner.flops(); }
}
