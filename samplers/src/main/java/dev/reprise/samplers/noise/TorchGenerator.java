package dev.reprise.samplers.noise;

/**
 * PyTorch's CPU generator: the standard normal numbers that {@code torch.manual_seed(seed); torch.randn(...)} draws on x86-64
 * Linux, bit for bit, float32 by one of two {@link Arithmetic}s. float64, and tensors of fewer than 16 elements, go through the C
 * library's double-precision functions in PyTorch and through {@link Libm} here. Like PyTorch's, the generator keeps its state
 * from call to call, the second normal of a pair that a small draw left over included. Not thread-safe.
 */
public final class TorchGenerator implements NormalGenerator {
    /** How float32 draws of 16 numbers and more are computed; the rest is the same for both. */
    public enum Arithmetic {
        /** With AVX2: PyTorch's official builds and Debian's, on nearly every machine (those with AVX-512 too). */
        AVX2("torch-cpu-f32-avx2-v1"),
        /** Without AVX2, or with {@code ATEN_CPU_CAPABILITY=default}: the C library's {@code logf} and {@code sincosf}. */
        LIBM("torch-cpu-f32-libm-v1");

        private final String profile;

        Arithmetic(String profile) { this.profile = profile; }

        /** The name of the arithmetic, for reports. */
        public String profile() { return profile; }
    }

    /** The name of the usual arithmetic of float32 numbers. */
    public static final String PROFILE = Arithmetic.AVX2.profile();

    /** From this size on PyTorch fills whole blocks of as many numbers. */
    private static final int BLOCK = 16;

    private static final double U53 = 0x1p-53;

    private final Mt19937 engine;
    private final Arithmetic arithmetic;
    private final double[] turn = new double[2];
    private boolean cached;
    private double cache;

    /** {@code torch.manual_seed(seed)}: as in PyTorch only the low 32 bits count. */
    public TorchGenerator(long seed) {
        this(seed, Arithmetic.AVX2);
    }

    public TorchGenerator(long seed, Arithmetic arithmetic) {
        engine = new Mt19937(seed);
        this.arithmetic = arithmetic;
    }

    @Override
    public String profile() { return arithmetic.profile(); }

    /** {@code torch.randn(n)}. */
    @Override
    public float[] randn(int n) {
        float[] d = new float[n];
        if (n < BLOCK) {
            for (int i = 0; i < n; i++)
                d[i] = (float) normal();
            return d;
        }
        for (int i = 0; i < n; i++)
            d[i] = uniform();
        for (int i = 0; i + BLOCK <= n; i += BLOCK)
            block(d, i);
        if (n % BLOCK != 0) {
            // PyTorch draws the last 16 anew, over numbers that are already normal.
            for (int i = n - BLOCK; i < n; i++)
                d[i] = uniform();
            block(d, n - BLOCK);
        }
        return d;
    }

    private void block(float[] d, int at) {
        if (arithmetic == Arithmetic.AVX2) BoxMuller.block(d, at);
        else BoxMuller.libmBlock(d, at);
    }

    /** {@code torch.randn(n, dtype=torch.float64)}. */
    @Override
    public double[] randnDouble(int n) {
        double[] d = new double[n];
        if (n < BLOCK) {
            for (int i = 0; i < n; i++)
                d[i] = normal();
            return d;
        }
        for (int i = 0; i < n; i++)
            d[i] = uniformDouble();
        for (int i = 0; i + BLOCK <= n; i += BLOCK)
            BoxMuller.block(d, i);
        if (n % BLOCK != 0) {
            for (int i = n - BLOCK; i < n; i++)
                d[i] = uniformDouble();
            BoxMuller.block(d, n - BLOCK);
        }
        return d;
    }

    private float uniform() { return (engine.next32() & 0xffffff) * 0x1p-24f; }

    private double uniformDouble() { return (engine.next64() & (1L << 53) - 1) * U53; }

    private double normal() {
        if (cached) {
            cached = false;
            return cache;
        }
        double u1 = uniformDouble(), u2 = uniformDouble();
        double r = Math.sqrt(-2 * Libm.log1p(-u2));
        Libm.sincos(2 * Math.PI * u1, turn);
        cache = r * turn[0];
        cached = true;
        return r * turn[1];
    }
}
