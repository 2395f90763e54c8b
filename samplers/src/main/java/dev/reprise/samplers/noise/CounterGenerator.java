package dev.reprise.samplers.noise;

/**
 * Reprise's own stream: number i of a seed is a function of the seed and i alone, so it depends neither on how much is drawn at
 * once nor on what was drawn before, and can be had by itself. All 64 bits of the seed count.
 *
 * <p>Numbers 2j and 2j + 1 are {@code r cos θ} and {@code r sin θ} with {@code r = √(−2 ln(1 − u))}, {@code θ = 2π v}, where u and
 * v are the upper 53 bits of words (1, 0) and (3, 2) of {@link Philox} at counter (j, stream) with the seed as its key. Logarithm,
 * sine and cosine are those of {@link StrictMath}, the same bits on any machine; a float32 number is the float64 one, rounded.
 */
public final class CounterGenerator implements NormalGenerator {
    public static final String PROFILE = "reprise-philox-v1";

    private final long seed, stream;
    private final int[] words = new int[4];
    private long next;

    /** Stream 0 of a seed: initial noise. */
    public CounterGenerator(long seed) { this(seed, 0); }

    /** @param stream tells independent sequences of one seed apart, such as the noise of each step of a sampler */
    public CounterGenerator(long seed, long stream) {
        this.seed = seed;
        this.stream = stream;
    }

    @Override
    public String profile() { return PROFILE; }

    /** Number i, which need not be the next one. */
    public double at(long i) {
        Philox.block(seed, i >>> 1, stream, words);
        double u = (word(1) >>> 11) * 0x1p-53, theta = 2 * Math.PI * ((word(3) >>> 11) * 0x1p-53);
        double r = Math.sqrt(-2 * StrictMath.log(1 - u));
        return r * ((i & 1) == 0 ? StrictMath.cos(theta) : StrictMath.sin(theta));
    }

    private long word(int upper) { return (long) words[upper] << 32 | Integer.toUnsignedLong(words[upper - 1]); }

    @Override
    public double[] randnDouble(int n) {
        double[] d = new double[n];
        for (int i = 0; i < n; i++)
            d[i] = at(next++);
        return d;
    }

    @Override
    public float[] randn(int n) {
        float[] d = new float[n];
        for (int i = 0; i < n; i++)
            d[i] = (float) at(next++);
        return d;
    }
}
