package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Fills output 0, (length / 2 + 1, bands), with the triangular filters of ONNX's MelWeightMatrix: column b rises from edge b
 * to edge b + 1 and falls to edge b + 2, the edges being equally far from each other on the mel scale.
 *
 * @param edges bands + 2 ascending rows
 */
public record MelWeights(int bands, int[] edges) implements Kernel {
    /** The rows of the edges for a transform of that length; low and high are in hertz. */
    public static int[] edges(int bands, long length, long rate, double low, double high) {
        double from = mel(low), step = (mel(high) - from) / (bands + 2);
        int[] rows = new int[bands + 2];
        for (int i = 0; i < rows.length; i++) {
            double hertz = 700 * (StrictMath.pow(10, (i * step + from) / 2595) - 1);
            rows[i] = (int) Math.floor((length + 1) * hertz / rate);
        }
        return rows;
    }

    private static double mel(double hertz) { return 2595 * StrictMath.log10(1 + hertz / 700); }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        Tensor w = out[0];
        w.data().fill((byte) 0);
        for (int b = 0; b < bands; b++) {
            int low = edges[b], centre = edges[b + 1], high = edges[b + 2];
            if (low == centre) w.setDouble((long) centre * bands + b, 1);
            else
                for (int row = low; row <= centre; row++)
                    w.setDouble((long) row * bands + b, (double) (row - low) / (centre - low));
            for (int row = centre; row < high; row++)
                w.setDouble((long) row * bands + b, (double) (high - row) / (high - centre));
        }
    }
}
