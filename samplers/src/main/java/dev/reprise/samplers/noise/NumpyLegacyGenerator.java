package dev.reprise.samplers.noise;

/**
 * NumPy's legacy generator: {@code numpy.random.RandomState(seed).standard_normal(n)}, also {@code numpy.random.seed(seed);
 * numpy.random.randn(n)}. The Mersenne Twister and Marsaglia's polar method, whose second number is kept for the next call.
 * float64 is bit-equal on Linux x86-64 (see {@link Libm}); NumPy draws no float32 here, so a float32 number is the float64 one,
 * rounded, as {@code .astype(numpy.float32)} does.
 */
public final class NumpyLegacyGenerator implements NormalGenerator {
    public static final String PROFILE = "numpy-randomstate-f64-v1";
    private static final long SEEDS = 1L << 32;

    private final Mt19937 engine;
    private boolean cached;
    private double cache;

    /** @throws IllegalArgumentException where the seed is not in [0, 2^32), which NumPy refuses too */
    public NumpyLegacyGenerator(long seed) {
        if (seed < 0 || seed >= SEEDS)
            throw new IllegalArgumentException("numpy-legacy: a seed must be from 0 to 2^32 - 1, as in NumPy, found " + seed);
        engine = new Mt19937(seed);
    }

    @Override
    public String profile() { return PROFILE; }

    @Override
    public double[] randnDouble(int n) {
        double[] d = new double[n];
        for (int i = 0; i < n; i++)
            d[i] = normal();
        return d;
    }

    @Override
    public float[] randn(int n) {
        float[] d = new float[n];
        for (int i = 0; i < n; i++)
            d[i] = (float) normal();
        return d;
    }

    private double uniform() {
        long high = engine.next32() >>> 5, low = engine.next32() >>> 6;
        return (high * 0x1p26 + low) * 0x1p-53;
    }

    private double normal() {
        if (cached) {
            cached = false;
            return cache;
        }
        double x, y, r2;
        do {
            x = 2 * uniform() - 1;
            y = 2 * uniform() - 1;
            r2 = x * x + y * y;
        } while (r2 >= 1 || r2 == 0);
        double f = Math.sqrt(-2 * Libm.log(r2) / r2);
        cache = f * x;
        cached = true;
        return f * y;
    }
}
