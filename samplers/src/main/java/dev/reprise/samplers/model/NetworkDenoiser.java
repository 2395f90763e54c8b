package dev.reprise.samplers.model;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.schedule.Schedule;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * A {@link Network} as a {@link Denoiser}: {@code D = c_skip x + c_out F(c_in x; time)} in float64 around a network that
 * computes in float32. A noise level outside the schedule that the network was trained with is an error.
 *
 * <p>A batch goes to the network in pieces of at most {@code maxBatch} rows, the rest in powers of two, so that an engine
 * that plans for shapes meets few of them. Owns its buffers; for one thread at a time.
 */
public final class NetworkDenoiser implements Denoiser, AutoCloseable {
    private record Buffers(Tensor x, Tensor time, Tensor label, Tensor out) {}

    private final ModelSpec spec;
    private final Network network;
    private final int maxBatch, size, stride;
    private final DoubleUnaryOperator clock;
    private final Arena arena = Arena.ofShared();
    private final Map<Integer, Buffers> buffers = new HashMap<>();

    /** @param maxBatch the most rows that the network sees at once, at least 1 */
    public NetworkDenoiser(ModelSpec spec, Network network, int maxBatch) {
        this(spec, network, maxBatch, sigma -> spec.time().time(spec.schedule(), sigma));
    }

    /**
     * A denoiser whose network is told other times than its {@link TimeConvention} says: from a table of the noise ratios that a
     * sampler visits, for example.
     *
     * @param clock from the noise ratio to what the network's time input is given
     */
    public NetworkDenoiser(ModelSpec spec, Network network, int maxBatch, DoubleUnaryOperator clock) {
        if (maxBatch < 1) throw new IllegalArgumentException("maxBatch must be at least 1, found " + maxBatch);
        this.spec = spec;
        this.network = network;
        this.maxBatch = maxBatch;
        this.clock = clock;
        size = Math.toIntExact(spec.sampleShape().size());
        stride = Math.toIntExact(spec.outputShape().size());
    }

    public ModelSpec spec() { return spec; }

    /** Without classes: a conditional model gets its null label. */
    @Override
    public void denoise(double[][] x, double[] sigma, double[][] x0) { denoise(x, sigma, x0, null); }

    /**
     * The denoiser of a batch whose row i has class {@code labels[i]}.
     *
     * @throws IllegalArgumentException where the model has no classes or no such class
     */
    public Denoiser labelled(long... labels) {
        ModelSpec.Classes c = spec.classes();
        if (c == null) throw new IllegalArgumentException(spec.name() + " is unconditional: it takes no class");
        for (long l : labels)
            if ((l < 0 || l >= c.count()) && (c.nullLabel() == null || l != c.nullLabel()))
                throw new IllegalArgumentException(spec.name() + " has classes 0 to " + (c.count() - 1) + ", found " + l);
        return new Labelled(this, labels.clone());
    }

    /**
     * Classifier-free guidance (Ho and Salimans 2022): {@code D = D_none + w (D_c − D_none)}, as {@code ε} is guided too, since at one noise
     * ratio all parameterizations are affine in each other. One batch of 2B rows: first "none", then the classes.
     *
     * @param weight   w; 1 is the conditional model, 0 the unconditional one
     * @param negative the label in place of "no class", such as that of a negative prompt; null for the model's null label
     * @param labels   of the rows
     */
    public Denoiser guided(double weight, Long negative, long... labels) {
        long none = negative != null ? negative : nullLabel();
        long[] both = new long[2 * labels.length];
        Arrays.fill(both, 0, labels.length, none);
        System.arraycopy(labels, 0, both, labels.length, labels.length);
        return Guidance.classifierFree(labelled(both), labels.length, weight);
    }

    private record Labelled(NetworkDenoiser all, long[] labels) implements Denoiser {
        @Override
        public void denoise(double[][] x, double[] sigma, double[][] x0) {
            if (x.length != labels.length)
                throw new IllegalArgumentException("batch of " + x.length + " rows, but " + labels.length + " class labels");
            all.denoise(x, sigma, x0, labels);
        }

        @Override
        public Denoiser rows(int... rows) {
            long[] some = new long[rows.length];
            for (int i = 0; i < rows.length; i++)
                some[i] = labels[rows[i]];
            return new Labelled(all, some);
        }
    }

    private void denoise(double[][] x, double[] sigma, double[][] x0, long[] labels) {
        for (int at = 0; at < x.length;) {
            int left = x.length - at, n = left >= maxBatch ? maxBatch : Integer.highestOneBit(left);
            piece(x, sigma, x0, labels, at, n);
            at += n;
        }
    }

    private void piece(double[][] x, double[] sigma, double[][] x0, long[] labels, int at, int n) {
        Schedule k = spec.schedule();
        Buffers b = buffers.computeIfAbsent(n, this::allocate);
        Parameterization.Factors[] c = new Parameterization.Factors[n];
        for (int i = 0; i < n; i++) {
            double v = k.checkSigma(sigma[at + i]);
            c[i] = spec.parameterization().at(k.s(k.t(v)), v);
            MemorySegment row = b.x.rows(i, i + 1).data();
            double[] xi = x[at + i];
            for (int e = 0; e < size; e++)
                row.setAtIndex(Tensor.F32, e, (float) (c[i].in() * xi[e]));
            b.time.setFloat(i, (float) clock.applyAsDouble(v));
            if (b.label != null) b.label.setLong(i, labels != null ? labels[at + i] : nullLabel());
        }
        network.evaluate(b.x, b.time, b.label, b.out);
        for (int i = 0; i < n; i++) {
            // Of a learned variance, the second half of the row, nothing is read.
            MemorySegment row = b.out.data().asSlice((long) i * stride * Float.BYTES, (long) size * Float.BYTES);
            double[] xi = x[at + i], di = x0[at + i];
            for (int e = 0; e < size; e++)
                di[e] = c[i].skip() * xi[e] + c[i].out() * row.getAtIndex(Tensor.F32, e);
        }
    }

    private int nullLabel() {
        if (spec.classes() == null) throw new IllegalArgumentException(spec.name() + " is unconditional: there is nothing to guide to");
        Integer none = spec.classes().nullLabel();
        if (none == null)
            throw new IllegalArgumentException(spec.name() + " needs a class for every sample: it has no label for \"no class\"");
        return none;
    }

    private Buffers allocate(int n) {
        return new Buffers(Tensor.allocate(arena, DType.FLOAT32, batch(n, spec.sampleShape())),
                Tensor.allocate(arena, DType.FLOAT32, Shape.of(n)),
                spec.classes() == null ? null : Tensor.allocate(arena, DType.INT64, Shape.of(n)),
                Tensor.allocate(arena, DType.FLOAT32, batch(n, spec.outputShape())));
    }

    private static Shape batch(int n, Shape one) {
        long[] d = new long[one.rank() + 1];
        d[0] = n;
        System.arraycopy(one.dims(), 0, d, 1, d.length - 1);
        return Shape.of(d);
    }

    /** Frees the buffers; the network is its owner's. */
    @Override
    public void close() { arena.close(); }
}
