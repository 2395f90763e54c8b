package dev.reprise.samplers.noise;

/**
 * NumPy's generator: {@code numpy.random.default_rng(seed).standard_normal(n)}, and with {@code dtype=numpy.float32}, which is an
 * algorithm of its own. {@link Pcg64} and the {@link Ziggurat}; bit-equal on Linux x86-64 (see {@link Libm}, which the tail beyond
 * 3.65 asks for its logarithm). The tail of float32, one number in 4000, follows the C library up to 2.40; a later one may differ
 * there in the last bit.
 */
public final class NumpyGenerator implements NormalGenerator {
    public static final String PROFILE = "numpy-pcg64-ziggurat-v1";

    private final Pcg64 engine;
    private final boolean rounded;

    /** @param seed at least 0 */
    public NumpyGenerator(long seed) { this(seed, false); }

    /** @param rounded true where float32 numbers are float64 ones, rounded: {@code standard_normal(n).astype(numpy.float32)} */
    public NumpyGenerator(long seed, boolean rounded) {
        if (seed < 0) throw new IllegalArgumentException("numpy: a seed must be at least 0, as in NumPy, found " + seed);
        engine = new Pcg64(seed);
        this.rounded = rounded;
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
            d[i] = rounded ? (float) normal() : normalFloat();
        return d;
    }

    private double normal() {
        while (true) {
            long r = engine.next64();
            int layer = (int) r & 0xff;
            boolean negative = (r >>> 8 & 1) != 0;
            long size = r >>> 9 & 0x000fffffffffffffL;
            double x = size * Ziggurat.WIDTH[layer];
            if (negative) x = -x;
            if (size < Ziggurat.INSIDE[layer]) return x;
            if (layer == 0) return tail((size >>> 8 & 1) != 0);
            double[] y = Ziggurat.HEIGHT;
            if ((y[layer - 1] - y[layer]) * engine.nextDouble() + y[layer] < StrictMath.exp(-0.5 * x * x)) return x;
        }
    }

    private double tail(boolean negative) {
        while (true) {
            double x = -Ziggurat.INVERSE_R * Libm.log1p(-engine.nextDouble()), y = -Libm.log1p(-engine.nextDouble());
            if (y + y > x * x) return negative ? -(Ziggurat.R + x) : Ziggurat.R + x;
        }
    }

    private float normalFloat() {
        while (true) {
            int r = engine.next32();
            int layer = r & 0xff, size = r >>> 9;
            float x = size * Ziggurat.WIDTH_F[layer];
            if ((r >>> 8 & 1) != 0) x = -x;
            if (size < Ziggurat.INSIDE_F[layer]) return x;
            if (layer == 0) return tailFloat((size >>> 8 & 1) != 0);
            float[] y = Ziggurat.HEIGHT_F;
            if ((y[layer - 1] - y[layer]) * engine.nextFloat() + y[layer] < StrictMath.exp(-0.5 * x * x)) return x;
        }
    }

    private float tailFloat(boolean negative) {
        while (true) {
            float x = -Ziggurat.INVERSE_R_F * LibmFloat.log1p(-engine.nextFloat());
            float y = -LibmFloat.log1p(-engine.nextFloat());
            if (y + y > x * x) return negative ? -(Ziggurat.R_F + x) : Ziggurat.R_F + x;
        }
    }
}
