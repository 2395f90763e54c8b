package dev.reprise.samplers.noise;

/**
 * Philox4x32-10 of Salmon et al. (2011): 128 random bits that are a function of a 64-bit key and a 128-bit counter.
 */
final class Philox {
    private static final int ROUNDS = 10;
    private static final long M0 = 0xd2511f53L, M1 = 0xcd9e8d57L;
    private static final int W0 = 0x9e3779b9, W1 = 0xbb67ae85;
    private static final long LOW = 0xffffffffL;

    private Philox() {}

    /**
     * @param low  the counter's words 0 and 1
     * @param high its words 2 and 3
     * @param out  four words
     */
    static void block(long key, long low, long high, int[] out) {
        int k0 = (int) key, k1 = (int) (key >>> 32);
        int c0 = (int) low, c1 = (int) (low >>> 32), c2 = (int) high, c3 = (int) (high >>> 32);
        for (int i = 0; i < ROUNDS; i++) {
            long p0 = M0 * (c0 & LOW), p1 = M1 * (c2 & LOW);
            c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
            c1 = (int) p1;
            c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
            c3 = (int) p0;
            k0 += W0;
            k1 += W1;
        }
        out[0] = c0;
        out[1] = c1;
        out[2] = c2;
        out[3] = c3;
    }
}
