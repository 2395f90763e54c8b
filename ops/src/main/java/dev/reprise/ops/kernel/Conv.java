package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.lines;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A float32 convolution and an {@link Epilogue}. Inputs: 0 the image, 1 the weights (M, C / group, kernel…), 2 a bias (M)
 * or null, 3 a residual laid out as the output, or null. Both layouts give the same bits: one accumulator for each output
 * element, fma over (kd, kh, kw, c) ascending, the zeros of the padding taking part; Winograd ({@link ConvAlgorithm}) has its own
 * definition, with sums over c ascending.
 *
 * @param packed       the weights as {@link #packing} makes them, or null: then input 1 is packed in every run
 * @param channelsLast image, residual and output are (N, spatial…, channels); otherwise (N, channels, spatial…)
 */
public record Conv(ConvShape shape, ConvAlgorithm algorithm, Tensor packed, Epilogue epilogue, boolean channelsLast) implements Kernel {
    public Conv {
        // The next convolution will meet zeros; until it does, their loop can be compiled.
        if (epilogue.activation() == Activation.RELU) WarmUp.startSparse();
    }

    /** {@link #packing} of these weights. */
    public static Tensor pack(Arena arena, Tensor weights, ConvShape shape, ConvAlgorithm algorithm) {
        return packing(shape, algorithm).pack(arena, weights);
    }

    /** The form of the weights this kernel reads; {@link #form} names it. */
    public static Packing packing(ConvShape shape, ConvAlgorithm algorithm) {
        return ConvWeights.packing(shape, algorithm);
    }

    /** A name for what {@link #packing} makes of these sizes. */
    public static String form(ConvShape shape, ConvAlgorithm algorithm) {
        return ConvWeights.form(shape, algorithm);
    }

    @Override
    public boolean repeatable() { return packed != null; }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment memory, Workers workers) {
        long scratch = memory.address();
        if (out[0].size() == 0) return;
        ConvShape s = shape;
        int threads = workers.threads();
        long own = workerBytes(threads), share = Memory.share(memory, scratchBytes(threads) - threads * own, threads, own),
                at = scratch + share * threads,
                w = packed == null ? at : packed.address();
        if (packed == null) {
            at += lines(ConvWeights.packedBytes(s, algorithm));
            ConvWeights.pack(in[1].address(), s, algorithm, w, at);
            at += ConvWeights.scratchBytes(s, algorithm);
        }
        long x = in[0].address(), y = out[0].address(), bias = optional(in, 2), residual = optional(in, 3);
        if (channelsLast) {
            channelsLast(x, w, bias, residual, y, scratch, share, workers);
            return;
        }
        long xt = at, yt = xt + lines(in[0].byteSize()), rt = residual == 0 ? 0 : yt + lines(out[0].byteSize());
        Layout.channelsLast(x, s.batch(), s.c(), s.inPixels(), xt, workers);
        if (residual != 0) Layout.channelsLast(residual, s.batch(), s.m(), s.outPixels(), rt, workers);
        channelsLast(xt, w, bias, rt, yt, scratch, share, workers);
        Layout.channelsFirst(yt, s.batch(), s.m(), s.outPixels(), y, workers);
    }

    private void channelsLast(long x, long w, long bias, long residual, long y, long scratch, long share, Workers workers) {
        switch (algorithm) {
            case DEPTHWISE -> ConvDepthwise.run(shape, x, w, bias, residual, epilogue, y, workers);
            case DIRECT -> ConvDirect.run(shape, x, w, bias, residual, epilogue, y, scratch, share, workers);
            case WINOGRAD2, WINOGRAD3, WINOGRAD4, WINOGRAD2_STRIDE2, WINOGRAD3_STRIDE2 ->
                new ConvWinograd(shape, algorithm, workers.threads()).run(x, w, bias, residual, epilogue, y, scratch, share, workers);
            case WINOGRAD3_PHASES -> new ConvPhases(shape).run(x, w, bias, residual, epilogue, y, scratch, share, workers);
        }
    }

    /** Scratch of the algorithm itself for one of so many threads. */
    private long workerBytes(int threads) {
        return switch (algorithm) {
            case DEPTHWISE -> 0;
            case DIRECT -> ConvDirect.WORKER_BYTES;
            case WINOGRAD2, WINOGRAD3, WINOGRAD4, WINOGRAD2_STRIDE2, WINOGRAD3_STRIDE2 ->
                new ConvWinograd(shape, algorithm, threads).scratchBytes(1);
            case WINOGRAD3_PHASES -> new ConvPhases(shape).scratchBytes(1);
        };
    }

    private static long optional(Tensor[] in, int i) { return i < in.length && in[i] != null ? in[i].address() : 0; }

    @Override
    public long scratchBytes(int threads) {
        ConvShape s = shape;
        long n = threads * workerBytes(threads);
        if (packed == null) n += lines(ConvWeights.packedBytes(s, algorithm)) + ConvWeights.scratchBytes(s, algorithm);
        if (!channelsLast) n += lines(4L * s.batch() * s.c() * s.inPixels()) + 2 * lines(4L * s.batch() * s.m() * s.outPixels());
        return n;
    }

    /** The residual, where nothing but results is stored. Then memory is fetched once to be read and written. */
    @Override
    public int inPlace() {
        boolean direct = algorithm == ConvAlgorithm.DIRECT && channelsLast;
        return direct && GemmBlock.finishes(shape.k(), shape.groupM(), epilogue) ? 3 : -1;
    }

    @Override
    public long flops() { return shape.flops(); }
}
