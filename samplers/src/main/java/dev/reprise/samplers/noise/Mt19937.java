package dev.reprise.samplers.noise;

/** The Mersenne Twister of Matsumoto and Nishimura (1998), seeded as PyTorch and NumPy's RandomState seed it. */
final class Mt19937 {
    private static final int N = 624, M = 397;
    private static final int MATRIX = 0x9908b0df, UPPER = 0x80000000, LOWER = 0x7fffffff;

    private final int[] state = new int[N];
    private int next = N;

    /** @param seed only its low 32 bits count */
    Mt19937(long seed) {
        state[0] = (int) seed;
        for (int j = 1; j < N; j++)
            state[j] = 1812433253 * (state[j - 1] ^ state[j - 1] >>> 30) + j;
    }

    /** 32 uniform bits. */
    int next32() {
        if (next == N) refill();
        int y = state[next++];
        y ^= y >>> 11;
        y ^= y << 7 & 0x9d2c5680;
        y ^= y << 15 & 0xefc60000;
        return y ^ y >>> 18;
    }

    /** 64 uniform bits: the first draw is the upper half. */
    long next64() {
        long high = next32();
        return high << 32 | next32() & 0xffffffffL;
    }

    private void refill() {
        for (int i = 0; i < N; i++) {
            int y = state[i] & UPPER | state[(i + 1) % N] & LOWER;
            state[i] = state[(i + M) % N] ^ y >>> 1 ^ ((y & 1) == 0 ? 0 : MATRIX);
        }
        next = 0;
    }
}
