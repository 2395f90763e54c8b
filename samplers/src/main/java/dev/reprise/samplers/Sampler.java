package dev.reprise.samplers;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.solver.Progress;
import dev.reprise.samplers.solver.Solver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;

/**
 * A solver with a name, ready to turn noise into images.
 *
 * @param name   the name in {@link Samplers}, for reports
 * @param solver what it runs
 * @param batch  samples that advance together; more of them need more memory, and change no bit of any sample
 */
public record Sampler(String name, Solver solver, int batch) {
    public Sampler { if (batch < 1) throw new IllegalArgumentException("batch must be at least 1, found " + batch); }

    /** This sampler with another batch size. */
    public Sampler withBatch(int batch) { return new Sampler(name, solver, batch); }

    /**
     * Samples. Sample i depends on row i of the noise (and its class) alone.
     *
     * @param d        the denoiser of the whole batch of N rows
     * @param k        the kernel to solve along, most often the model's own
     * @param noise    standard normal, float32 or float64, (N, sample shape…)
     * @param arena    owns the result
     * @param progress hears the part done of the whole
     * @return float32, of the shape of the noise, in the model's own range
     */
    public Tensor sample(Denoiser d, Schedule k, Tensor noise, Arena arena, Progress progress) {
        if (noise.shape().rank() < 1) throw new IllegalArgumentException("noise needs a batch dimension, found shape " + noise.shape());
        int n = noise.shape().dimInt(0);
        Tensor out = Tensor.allocate(arena, DType.FLOAT32, noise.shape());
        for (int at = 0; at < n; at += batch) {
            int begin = at, count = Math.min(batch, n - at);
            double[][] x = prior(k, noise, begin, count);
            Denoiser rows = count == n ? d : d.rows(IntStream.range(begin, begin + count).toArray());
            solver.solve(rows, k, x, done -> progress.at((begin + done * count) / n));
            for (int i = 0; i < count; i++) {
                MemorySegment row = out.rows(begin + i, begin + i + 1).data();
                for (int e = 0; e < x[i].length; e++)
                    row.setAtIndex(Tensor.F32, e, (float) x[i][e]);
            }
        }
        return out;
    }

    private static double[][] prior(Schedule k, Tensor noise, int begin, int count) {
        double[][] x = new double[count][];
        for (int i = 0; i < count; i++) {
            x[i] = noise.rows(begin + i, begin + i + 1).toDoubles();
            for (int e = 0; e < x[i].length; e++)
                x[i][e] *= k.priorStd();
        }
        return x;
    }
}
