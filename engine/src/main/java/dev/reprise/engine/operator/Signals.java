package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.CosineWindow;
import dev.reprise.ops.kernel.FourierTransform;
import dev.reprise.ops.kernel.FourierTransform.Kind;
import dev.reprise.ops.kernel.FourierTransform.Layout;
import dev.reprise.ops.kernel.MelWeights;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;

/** DFT (since 17; since 20 its axis is an input), STFT, the window functions and MelWeightMatrix (since 17). */
final class Signals {
    private static final int MAX_LENGTH = 1 << 24;

    private Signals() {}

    static void register(Registry r) {
        r.add("DFT", 17, Halves.of(c -> dft(c, c.attributes().integer("axis", 1))), "axis", "inverse", "onesided");
        r.add("DFT", 20, Halves.of(c -> dft(c, c.has(2) ? scalar(c, 2) : -2)), "inverse", "onesided");
        r.add("STFT", 17, Halves.of(Signals::stft), "onesided");
        r.add("HannWindow", 17, c -> window(c, 0.5, 0.5, 0), "output_datatype", "periodic");
        r.add("HammingWindow", 17, c -> window(c, 25 / 46.0, 21 / 46.0, 0), "output_datatype", "periodic");
        r.add("BlackmanWindow", 17, c -> window(c, 0.42, 0.5, 0.08), "output_datatype", "periodic");
        r.add("MelWeightMatrix", 17, Signals::mel, "output_datatype");
    }

    private static Binding dft(BindContext c, long axisGiven) {
        Shape x = c.shape(0);
        int rank = x.rank(), parts = parts(c, x);
        c.require(rank >= 2, "the input must have a dimension before that of real and imaginary part, found shape " + x);
        int axis = Shape.axis(axisGiven, rank);
        c.require(axis < rank - 1, "axis " + axisGiven + " is that of real and imaginary part");
        boolean inverse = c.attributes().flag("inverse", false), half = c.attributes().flag("onesided", false);
        boolean fromHalf = inverse && half;
        if (fromHalf && c.opset() < 20) throw c.unsupported("an inverse onesided DFT before operator set 20");
        c.require(!half || fromHalf || parts == 1, "a onesided DFT needs real input, found shape " + x);
        c.require(!fromHalf || parts == 2, "an inverse onesided DFT needs complex input, found shape " + x);
        int n = length(c, c.has(1) ? scalar(c, 1) : fromHalf ? 2 * (x.dim(axis) - 1) : x.dim(axis));
        long bins = half && !inverse ? n / 2 + 1 : n;
        int to = fromHalf ? 1 : 2;
        long outer = x.product(0, axis), inner = x.product(axis + 1, rank - 1);
        Kind kind = fromHalf ? Kind.INVERSE_OF_HALF : inverse ? Kind.INVERSE : Kind.FORWARD;
        return Binding.of(c.dtype(0), x.with(axis, bins).with(-1, to),
                new FourierTransform(outer, inner, new Layout(x.dim(axis) * inner * parts, parts, inner * parts, parts),
                        new Layout(bins * inner * to, to, inner * to, to), x.dim(axis), n, bins, kind, -1));
    }

    private static Binding stft(BindContext c) {
        Shape x = c.shape(0);
        c.require(x.rank() == 3, "the signal must be (batch, length, 1 or 2), found shape " + x);
        int parts = parts(c, x);
        long step = scalar(c, 1);
        c.require(step >= 1, "frame_step must be at least 1, found " + step);
        c.require(c.has(2) || c.has(3), "a window or frame_length is needed");
        int n = length(c, c.has(3) ? scalar(c, 3) : c.shape(2).size());
        c.require(!c.has(2) || c.rank(2) == 1 && c.shape(2).dim(0) == n,
                "the window must have " + n + " values, found shape " + (c.has(2) ? c.shape(2) : null));
        c.require(!c.has(2) || c.dtype(2) == c.dtype(0), "the window must be " + c.dtype(0));
        c.require(n <= x.dim(1), "a frame of " + n + " is longer than the signal of shape " + x);
        boolean half = c.attributes().flag("onesided", true);
        c.require(!half || parts == 1, "a onesided STFT needs a real signal, found shape " + x);
        long frames = 1 + (x.dim(1) - n) / step, bins = half ? n / 2 + 1 : n;
        return Binding.of(c.dtype(0), Shape.of(x.dim(0), frames, bins, 2),
                new FourierTransform(x.dim(0), frames, new Layout(x.dim(1) * parts, step * parts, parts, parts),
                        new Layout(frames * bins * 2, bins * 2, 2, 2), n, n, bins,
                        Kind.FORWARD, c.has(2) ? 2 : -1));
    }

    private static Binding window(BindContext c, double a0, double a1, double a2) {
        long size = scalar(c, 0);
        c.require(size >= 0, "size must not be negative, found " + size);
        return Binding.of(type(c), Shape.of(size),
                new CosineWindow(a0, a1, a2, c.attributes().flag("periodic", true) ? size : Math.max(size - 1, 0)));
    }

    private static Binding mel(BindContext c) {
        long bands = scalar(c, 0), length = scalar(c, 1), rate = scalar(c, 2);
        double low = real(c, 3), high = real(c, 4);
        c.require(bands >= 1 && bands < MAX_LENGTH && length >= 1 && length <= MAX_LENGTH && rate >= 1,
                "num_mel_bins, dft_length and sample_rate must be positive, found " + bands + ", " + length + ", " + rate);
        c.require(low >= 0 && high > low && high <= rate / 2.0 + 1,
                "edges must be 0 <= lower < upper <= sample_rate / 2, found " + low + " and " + high);
        int[] edges = MelWeights.edges((int) bands, length, rate, low, high);
        long rows = length / 2 + 1;
        c.require(edges[(int) bands] < rows && edges[(int) bands + 1] <= rows, "upper_edge_hertz " + high + " lies beyond the spectrum");
        return Binding.of(type(c), Shape.of(rows, bands), new MelWeights((int) bands, edges));
    }

    private static int parts(BindContext c, Shape x) {
        c.require(c.dtype(0).isFloat() && x.rank() >= 1 && (x.dim(-1) == 1 || x.dim(-1) == 2),
                "the input must be of a float type, its last dimension 1 (real) or 2 (complex), found " + c.dtype(0) + x);
        return (int) x.dim(-1);
    }

    private static int length(BindContext c, long n) {
        c.require(n >= 1 && n <= MAX_LENGTH, "the length of the transform must be in [1, " + MAX_LENGTH + "], found " + n);
        return (int) n;
    }

    private static DType type(BindContext c) {
        long code = c.attributes().integer("output_datatype", DType.FLOAT32.code());
        if (!DType.knows((int) code) || code == DType.BOOL.code()) throw c.unsupported("output_datatype " + code);
        return DType.ofCode((int) code);
    }

    private static long scalar(BindContext c, int i) {
        c.require(c.shape(i).size() == 1 && c.dtype(i).isInteger(),
                "input " + i + " must be one integer, found " + c.dtype(i) + c.shape(i));
        return c.constant(i).getLong(0);
    }

    private static double real(BindContext c, int i) {
        c.require(c.shape(i).size() == 1 && c.dtype(i).isFloat(), "input " + i + " must be one float, found " + c.dtype(i) + c.shape(i));
        return c.constant(i).getDouble(0);
    }
}
