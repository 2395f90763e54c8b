package dev.reprise.samplers.noise;

/**
 * PCG64 (O'Neill 2014; XSL-RR with 128 bits of state), seeded through NumPy's SeedSequence: what {@code
 * numpy.random.default_rng(seed)} is made of.
 */
final class Pcg64 {
    private static final long MULTIPLIER_HIGH = 0x2360ed051fc65da4L, MULTIPLIER_LOW = 0x4385df649fccf645L;

    private final long incrementHigh, incrementLow;
    private long high, low;
    private boolean half;
    private int upper;

    /** @param seed at least 0 */
    Pcg64(long seed) {
        long[] s = seeds(seed);
        incrementHigh = s[2] << 1 | s[3] >>> 63;
        incrementLow = s[3] << 1 | 1;
        step();
        add(s[0], s[1]);
        step();
    }

    private void add(long h, long l) {
        low += l;
        high += h + (Long.compareUnsigned(low, l) < 0 ? 1 : 0);
    }

    private void step() {
        long h = Math.unsignedMultiplyHigh(low, MULTIPLIER_LOW) + high * MULTIPLIER_LOW + low * MULTIPLIER_HIGH;
        low *= MULTIPLIER_LOW;
        high = h;
        add(incrementHigh, incrementLow);
    }

    long next64() {
        step();
        return Long.rotateRight(high ^ low, (int) (high >>> 58));
    }

    /** The lower half of a 64-bit number, then its upper half; 64-bit draws in between leave the kept half alone. */
    int next32() {
        half = !half;
        if (!half) return upper;
        long v = next64();
        upper = (int) (v >>> 32);
        return (int) v;
    }

    /** In [0, 1), of 53 bits. */
    double nextDouble() { return (next64() >>> 11) * 0x1p-53; }

    /** In [0, 1), of 24 bits. */
    float nextFloat() { return (next32() >>> 8) * 0x1p-24f; }

    /** {@code SeedSequence(seed).generate_state(4, uint64)}. */
    private static long[] seeds(long seed) {
        int[] pool = new int[4];
        int hash = 0x43b0d7e5;
        for (int i = 0; i < 4; i++) { pool[i] = hashed(i == 0 ? (int) seed : i == 1 ? (int) (seed >>> 32) : 0, hash, hash *= 0x931e8875); }
        for (int from = 0; from < 4; from++)
            for (int to = 0; to < 4; to++)
                if (from != to) pool[to] = mixed(pool[to], hashed(pool[from], hash, hash *= 0x931e8875));
        long[] out = new long[4];
        hash = 0x8b51f9dd;
        for (int i = 0; i < 8; i++) {
            long v = Integer.toUnsignedLong(hashed(pool[i % 4], hash, hash *= 0x58f38ded));
            out[i / 2] |= i % 2 == 0 ? v : v << 32;
        }
        return out;
    }

    private static int hashed(int v, int before, int after) {
        v = (v ^ before) * after;
        return v ^ v >>> 16;
    }

    private static int mixed(int x, int y) {
        int v = 0xca01f9dd * x - 0x4973f715 * y;
        return v ^ v >>> 16;
    }
}
