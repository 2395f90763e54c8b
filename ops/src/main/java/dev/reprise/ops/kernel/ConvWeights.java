package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.lines;
import static dev.reprise.ops.tensor.Tensor.F32;
import static dev.reprise.ops.tensor.Tensor.I32;

import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;

/** Rearranges convolution weights (M, C / group, taps) for the kernels. */
final class ConvWeights {
    /** Bytes behind the matrices of {@link ConvAlgorithm#DIRECT}, which begin with {@link #FINITE} where no weight is infinite or NaN. */
    private static final long MARK_BYTES = 64;
    private static final int FINITE = 1;
    /** The bits of a float that are all set in infinities and NaN alone. */
    private static final int EXPONENT = 0x7F800000;

    private ConvWeights() {}

    /** Bytes of the packed form. */
    static long packedBytes(ConvShape s, ConvAlgorithm a) {
        if (a.winograd()) return WinogradWeights.bytes(s);
        if (a == ConvAlgorithm.WINOGRAD3_PHASES) return ConvPhases.weightBytes(s);
        return a == ConvAlgorithm.DEPTHWISE ? (long) s.taps() * s.m() * 4 : matricesBytes(s) + MARK_BYTES;
    }

    private static long matricesBytes(ConvShape s) { return (long) s.group() * PackedB.bytes(s.k(), s.groupM()); }

    /** Whether all weights that were packed for {@link ConvAlgorithm#DIRECT} are finite. */
    static boolean finite(ConvShape s, long packed) {
        return ALL.get(I32, packed + matricesBytes(s)) == FINITE;
    }

    /** Bytes of scratch that {@link #pack} needs. */
    static long scratchBytes(ConvShape s, ConvAlgorithm a) {
        if (a.winograd()) return WinogradWeights.packScratchBytes(s);
        return a == ConvAlgorithm.DEPTHWISE || a == ConvAlgorithm.WINOGRAD3_PHASES || s.taps() == 1
                ? 0
                : lines((long) s.m() * s.k() * 4);
    }

    static String form(ConvShape s, ConvAlgorithm a) { return "conv/" + a + "/" + s.group() + "/" + PackedB.form(); }

    static Packing packing(ConvShape s, ConvAlgorithm a) {
        return new Packing(packedBytes(s, a) / 4, (w, to) -> {
            try (Arena own = Arena.ofConfined()) {
                long bytes = scratchBytes(s, a);
                pack(w.address(), s, a, to.address(), bytes == 0 ? 0 : own.allocate(bytes, Tensor.ALIGNMENT).address());
            }
        });
    }

    /** Winograd: see {@link WinogradWeights}. Depthwise: [tap][channel]. Otherwise for each group a {@link PackedB} of K = (tap, channel) rows. */
    static void pack(long w, ConvShape s, ConvAlgorithm a, long to, long scratch) {
        int taps = s.taps();
        if (a.winograd()) {
            WinogradWeights.pack(w, s, to, scratch);
            return;
        }
        if (a == ConvAlgorithm.WINOGRAD3_PHASES) {
            ConvPhases.pack(w, s, to);
            return;
        }
        if (a == ConvAlgorithm.DEPTHWISE) {
            for (int m = 0; m < s.m(); m++)
                for (int t = 0; t < taps; t++)
                    ALL.set(F32, to + ((long) t * s.m() + m) * 4, ALL.get(F32, w + ((long) m * taps + t) * 4));
            return;
        }
        packMatrices(w, s, to, scratch);
        ALL.set(I32, to + matricesBytes(s), allFinite(w, (long) s.m() * s.k()) ? FINITE : 0);
    }

    private static boolean allFinite(long w, long n) {
        boolean all = true;
        for (long i = 0; i < n; i++)
            all &= (ALL.get(I32, w + i * 4) & EXPONENT) != EXPONENT;
        return all;
    }

    /** The matrices, whether or not the convolution is depthwise; needs as much scratch as the weights are large, and none for one tap. */
    static void packMatrices(long w, ConvShape s, long to, long scratch) {
        int taps = s.taps(), gc = s.groupC();
        long rows = taps == 1 ? w : scratch;
        if (taps > 1)
            for (int m = 0; m < s.m(); m++)
                for (int t = 0; t < taps; t++)
                    for (int c = 0; c < gc; c++)
                        ALL.set(F32, scratch + (((long) m * taps + t) * gc + c) * 4,
                                ALL.get(F32, w + (((long) m * gc + c) * taps + t) * 4));
        int k = s.k(), n = s.groupM();
        for (int g = 0; g < s.group(); g++)
            PackedB.pack(rows + (long) g * n * k * 4, 1, k, k, n, to + g * PackedB.bytes(k, n), 0, PackedB.panels(n));
    }
}
