package dev.reprise.audit.experiment;

import dev.reprise.audit.cache.Key;
import dev.reprise.audit.spec.AuditSpec.Column;
import dev.reprise.audit.spec.DiffusionModel;
import dev.reprise.audit.spec.Experiment;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.ideal.LowRankMixture;
import dev.reprise.samplers.noise.TorchGenerator;
import dev.reprise.samplers.schedule.Edm;
import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.schedule.Ve;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Map;
import java.util.function.DoubleConsumer;

/**
 * Sums of {@code |s_θ − s*|²} ({@code error}) and {@code |s*|²} ({@code norm}) over the seeds, float64, for each of
 * {@link #LEVELS} noise levels. Sample i is of component i mod K; its coefficients and its noise are of the generator of
 * its seed. Times are spread evenly over the schedule, those of VE and EDM, which are noise levels, in their logarithm.
 */
record MixtureUnit(Lab lab, Column column, Experiment.Mixture e) implements Unit {
    static final int LEVELS = 32;

    /** Place of a level between data (0) and noise (1). */
    static double level(int i) { return (i + 0.5) / LEVELS; }

    @Override
    public Key key() {
        Facts f = lab.models().facts(column);
        return Key.of("mixture").with("code", lab.code()).with("model", f.sha256()).with("meaning", f.meaning()).with("mode", column.mode())
                .with("class", column.label()).with("seeds", e.seeds())
                .with("mixture", e.mixture() == null ? e.components() + " " + e.rank() + " " + e.seed() : hash());
    }

    private String hash() {
        try {
            return Key.sha256(Files.readAllBytes(e.mixture()));
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    @Override
    public String step() { return "asking " + column.title() + " for scores"; }

    @Override
    public double cost() { return (double) LEVELS * images(); }

    @Override
    public int images() { return e.seeds().count(); }

    @Override
    public Map<String, Tensor> make(Arena arena, DoubleConsumer progress) {
        DiffusionModel m = lab.models().diffusion(column);
        Schedule k = m.sidecar().spec().schedule();
        int n = images(), size = Math.toIntExact(m.sidecar().spec().sampleShape().size());
        double[] weights;
        double[][][] bases;
        if (e.mixture() == null) {
            weights = new double[e.components()];
            Arrays.fill(weights, 1);
            bases = bases(e.components(), e.rank(), size, e.seed());
        } else {
            Map<String, Tensor> file = Npz.read(e.mixture(), arena);
            weights = array(file, "weights").toDoubles();
            bases = bases(array(file, "bases"), size);
        }
        LowRankMixture ideal = new LowRankMixture(weights, bases);
        double[][] x0 = new double[n][], eps = new double[n][], x = new double[n][size], net = new double[n][size],
                best = new double[n][size];
        for (int i = 0; i < n; i++) {
            TorchGenerator g = new TorchGenerator(e.seeds().first() + i);
            x0[i] = clean(bases[i % bases.length], g, size);
            eps[i] = draw(g, size);
        }
        double[] error = new double[LEVELS], norm = new double[LEVELS], sigmas = new double[n];
        for (int l = 0; l < LEVELS; l++) {
            if (Thread.currentThread().isInterrupted())
                throw new java.util.concurrent.CancellationException("asking for scores was cancelled");
            double t = time(k, level(l)), sigma = k.sigma(t), s = k.s(t);
            Arrays.fill(sigmas, sigma);
            for (int i = 0; i < n; i++)
                for (int j = 0; j < size; j++)
                    x[i][j] = x0[i][j] + sigma * eps[i][j];
            m.denoiser(column.label() == null ? null : m.label(column.label()), n).denoise(x, sigmas, net);
            ideal.denoise(x, sigmas, best);
            for (int i = 0; i < n; i++)
                for (int j = 0; j < size; j++) {
                    double score = (best[i][j] - x[i][j]) / (s * sigma * sigma), other = (net[i][j] - x[i][j]) / (s * sigma * sigma);
                    error[l] += (other - score) * (other - score);
                    norm[l] += score * score;
                }
            progress.accept((l + 1.0) / LEVELS);
        }
        return Map.of("error", Tensor.of(arena, Shape.of(LEVELS), error), "norm", Tensor.of(arena, Shape.of(LEVELS), norm));
    }

    private static double time(Schedule k, double at) {
        if (k instanceof Edm || k instanceof Ve)
            return k.t(k.sigmaMin() * StrictMath.pow(k.sigmaMax() / k.sigmaMin(), at));
        return k.tMin() + at * (k.tMax() - k.tMin());
    }

    private Tensor array(Map<String, Tensor> file, String name) {
        if (!file.containsKey(name))
            throw new IllegalArgumentException(e.mixture() + " must hold 'weights' (K) and 'bases' (K, d, n), found " + file.keySet());
        return file.get(name);
    }

    private double[][][] bases(Tensor t, int size) {
        if (t.shape().rank() != 3 || t.shape().dim(2) != size)
            throw new IllegalArgumentException(e.mixture() + ": 'bases' must be (K, d, " + size + "), found " + t.shape());
        int n = t.shape().dimInt(0), d = t.shape().dimInt(1);
        double[] all = t.toDoubles();
        double[][][] u = new double[n][d][];
        for (int k = 0; k < n; k++)
            for (int j = 0; j < d; j++)
                u[k][j] = Arrays.copyOfRange(all, (k * d + j) * size, (k * d + j + 1) * size);
        return u;
    }

    /** Orthonormal vectors of a generator's normal numbers, by Gram and Schmidt, twice for their rounding. */
    static double[][][] bases(int components, int rank, int size, long seed) {
        if (rank > size) throw new IllegalArgumentException("rank " + rank + " is more than the " + size + " numbers of a sample");
        TorchGenerator g = new TorchGenerator(seed);
        double[][][] u = new double[components][rank][];
        for (double[][] basis : u)
            for (int j = 0; j < rank; j++) {
                basis[j] = draw(g, size);
                for (int pass = 0; pass < 2; pass++)
                    for (int i = 0; i < j; i++)
                        subtract(basis[j], basis[i]);
                double length = Math.sqrt(dot(basis[j], basis[j]));
                for (int c = 0; c < size; c++)
                    basis[j][c] /= length;
            }
        return u;
    }

    private static void subtract(double[] v, double[] along) {
        double d = dot(v, along);
        for (int c = 0; c < v.length; c++)
            v[c] -= d * along[c];
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int c = 0; c < a.length; c++)
            sum += a[c] * b[c];
        return sum;
    }

    private static double[] clean(double[][] basis, TorchGenerator g, int size) {
        double[] a = draw(g, basis.length), x = new double[size];
        for (int j = 0; j < a.length; j++)
            for (int c = 0; c < size; c++)
                x[c] += a[j] * basis[j][c];
        return x;
    }

    private static double[] draw(TorchGenerator g, int n) {
        try (Arena own = Arena.ofConfined()) {
            Tensor t = Tensor.allocate(own, DType.FLOAT32, Shape.of(n));
            g.randn(t);
            return t.toDoubles();
        }
    }
}
