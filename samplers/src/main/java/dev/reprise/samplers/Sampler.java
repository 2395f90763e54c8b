package dev.reprise.samplers;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.solver.Progress;
import dev.reprise.samplers.solver.Run;
import dev.reprise.samplers.solver.Solver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;

/**
 * A solver with a name, ready to turn noise into images.
 *
 * @param name   the name in {@link Samplers}, for reports
 * @param solver what it runs
 * @param batch  samples that advance together; more of them need more memory, and change no bit of any sample, but for solvers
 *               whose option {@code joint} says so
 * @param prior  what the noise is multiplied with
 */
public record Sampler(String name, Solver solver, int batch, Prior prior) {
    /** The standard deviation of x where a solver begins. */
    public enum Prior {
        /** What the kernel's authors use: {@link Schedule#priorStd(double)}. */
        KERNEL,
        /** The standard deviation s σ of the noise in x_t there, as EDM has it for every kernel. */
        NOISE
    }

    public Sampler { if (batch < 1) throw new IllegalArgumentException("batch must be at least 1, found " + batch); }

    public Sampler(String name, Solver solver, int batch) { this(name, solver, batch, Prior.KERNEL); }

    /** This sampler with another batch size. */
    public Sampler withBatch(int batch) { return new Sampler(name, solver, batch, prior); }

    /** {@link #sample(Denoiser, Schedule, Tensor, Arena, Run)} in float64, without fresh noise. */
    public Tensor sample(Denoiser d, Schedule k, Tensor noise, Arena arena, Progress progress) {
        return sample(d, k, noise, arena, Run.of(progress));
    }

    /**
     * Samples. Sample i depends on row i of the noise (and its class, and its stream of fresh noise) alone.
     *
     * @param d     the denoiser of the whole batch of N rows
     * @param k     the kernel to solve along, most often the model's own
     * @param noise standard normal, float32 or float64, (N, sample shape…)
     * @param arena owns the result
     * @param run   hears the part done of the whole; gives the precision, and fresh noise; its recorder sees piece after piece
     * @return float32, of the shape of the noise, in the model's own range
     */
    public Tensor sample(Denoiser d, Schedule k, Tensor noise, Arena arena, Run run) {
        double sigma = solver.sigmaStart(k), std = prior == Prior.KERNEL ? k.priorStd(sigma) : k.s(k.t(sigma)) * sigma;
        return each(d, noise, arena, run, std, 1, (rows, x, part) -> solver.solve(rows, k, x, part));
    }

    /**
     * The noise that an image comes from: the ODE backwards. Sampling from it gives the image again, up to the solver's error.
     *
     * @param images float32 or float64, (N, sample shape…), in the model's own range
     * @throws UnsupportedOperationException where the solver has no inverse
     */
    public Tensor invert(Denoiser d, Schedule k, Tensor images, Arena arena, Run run) {
        if (!solver.deterministic())
            throw new UnsupportedOperationException(
                    "sampler '" + name + "' is stochastic: it has no inverse; use ddim, euler, heun, rk4, rk45 or dpm-solver-3");
        double sigma = solver.sigmaStart(k), std = prior == Prior.KERNEL ? k.priorStd(sigma) : k.s(k.t(sigma)) * sigma;
        return each(d, images, arena, run, 1, 1 / std, (rows, x, part) -> solver.invert(rows, k, x, part));
    }

    @FunctionalInterface
    private interface Piece {
        void run(Denoiser d, double[][] x, Run run);
    }

    private Tensor each(Denoiser d, Tensor in, Arena arena, Run run, double before, double after, Piece piece) {
        if (in.shape().rank() < 1) throw new IllegalArgumentException("noise needs a batch dimension, found shape " + in.shape());
        int n = in.shape().dimInt(0);
        Tensor out = Tensor.allocate(arena, DType.FLOAT32, in.shape());
        for (int at = 0; at < n; at += batch) {
            int begin = at, count = Math.min(batch, n - at);
            double[][] x = new double[count][];
            for (int i = 0; i < count; i++) {
                x[i] = in.rows(begin + i, begin + i + 1).toDoubles();
                for (int e = 0; e < x[i].length; e++)
                    x[i][e] *= before;
            }
            int[] which = IntStream.range(begin, begin + count).toArray();
            Run part = new Run(done -> run.progress().at((begin + done * count) / n), run.float32(),
                    run.recorder() == null ? null : run.recorder().piece(begin),
                    run.draws() == null || count == n ? run.draws() : run.draws().rows(which));
            piece.run(count == n ? d : d.rows(which), x, part);
            for (int i = 0; i < count; i++) {
                MemorySegment row = out.rows(begin + i, begin + i + 1).data();
                for (int e = 0; e < x[i].length; e++)
                    row.setAtIndex(Tensor.F32, e, (float) (after * x[i][e]));
            }
        }
        return out;
    }
}
