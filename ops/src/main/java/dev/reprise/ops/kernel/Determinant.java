package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Determinants of n x n float matrices by elimination with partial pivoting in float64, rounded once. */
public record Determinant(int n) implements Kernel {
    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        for (long i = 0; i < out[0].size(); i++) {
            for (long j = 0; j < (long) n * n; j++)
                scratch.set(Tensor.F64, j * 8, in[0].getDouble(i * n * n + j));
            out[0].setDouble(i, eliminate(scratch));
        }
    }

    private double eliminate(MemorySegment a) {
        double det = 1;
        for (int c = 0; c < n; c++) {
            int pivot = c;
            for (int r = c + 1; r < n; r++)
                if (Math.abs(get(a, r, c)) > Math.abs(get(a, pivot, c))) pivot = r;
            double p = get(a, pivot, c);
            if (pivot != c) {
                det = -det;
                for (int j = 0; j < n; j++) {
                    double v = get(a, c, j);
                    a.set(Tensor.F64, ((long) c * n + j) * 8, get(a, pivot, j));
                    a.set(Tensor.F64, ((long) pivot * n + j) * 8, v);
                }
            }
            det *= p;
            if (p == 0) return det;
            for (int r = c + 1; r < n; r++) {
                double f = get(a, r, c) / p;
                for (int j = c; j < n; j++)
                    a.set(Tensor.F64, ((long) r * n + j) * 8, get(a, r, j) - f * get(a, c, j));
            }
        }
        return det;
    }

    private double get(MemorySegment a, int r, int c) { return a.get(Tensor.F64, ((long) r * n + c) * 8); }

    @Override
    public long scratchBytes(int threads) { return 8L * n * n; }
}
