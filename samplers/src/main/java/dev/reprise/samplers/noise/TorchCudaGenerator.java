package dev.reprise.samplers.noise;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * PyTorch's CUDA generator: what {@code torch.manual_seed(seed); torch.randn(n, device="cuda")} draws.
 *
 * <p>Blocks of 256 threads, as many as the numbers need but no more than the device keeps resident; thread t of T owns counter
 * (offset / 4, t) of {@link Philox} and writes elements t, t + T, t + 2T and t + 3T from the four (float64: two) numbers of a
 * call. So a draw that fits into one number a thread is the same on every device, and a larger one depends on the device: it
 * needs to be named. The uniform numbers are exact; a device takes sine and cosine of them with fast instructions, here they are
 * computed in double precision. By the bounds that CUDA documents (2^-21.4 absolute for both, times a radius of at most 6.8) the
 * difference is a few 1e-6, float64 differs in the last bits; no device was here to measure it. (Source: ATen's
 * DistributionTemplates.h, curand_normal.h.)
 */
public final class TorchCudaGenerator implements NormalGenerator {
    public static final String PROFILE = "torch-cuda-philox-v1";

    /**
     * A draw up to this size is the same on any device that keeps as many threads resident: each with 8 multiprocessors of
     * 2048 threads, or 16 of 1024.
     */
    public static final int ANY_DEVICE = 16384;

    private static final int BLOCK = 256;
    private static final int PER_CALL = 4;
    private static final float UNIT = 0x1p-32f, ANGLE = (float) (2 * Math.PI * 0x1p-32);

    /** Threads resident at once: multiprocessors × threads of each. */
    private static final Map<String, Integer> DEVICES = new TreeMap<>(
            Map.of("t4", 40 * 1024, "v100", 80 * 2048, "a10", 72 * 1536, "a100", 108 * 2048, "l4", 58 * 1536, "h100", 132 * 2048,
                    "rtx2080ti", 68 * 1024, "rtx3090", 82 * 1536, "rtx4090", 128 * 1536));

    private final long seed;
    private final int resident;
    private long offset;

    /** @param resident threads that the device keeps resident, a multiple of 256; 0 where it is not known */
    public TorchCudaGenerator(long seed, int resident) {
        if (resident < 0 || resident % BLOCK != 0)
            throw new IllegalArgumentException("a device's resident threads must be a multiple of " + BLOCK + ", found " + resident);
        this.seed = seed;
        this.resident = resident;
    }

    /** Resident threads of a device by name, such as "a100". */
    public static int threads(String device) {
        Integer t = DEVICES.get(device.toLowerCase(Locale.ROOT));
        if (t == null)
            throw new IllegalArgumentException("device '" + device + "' is not known; known are " + String.join(", ", DEVICES.keySet())
                    + "; for another one give threads=N, its multiprocessors times the threads that each keeps resident");
        return t;
    }

    @Override
    public String profile() { return PROFILE; }

    @Override
    public float[] randn(int n) {
        float[] out = new float[n];
        double[] four = new double[4];
        fill(n, 4, four, (words, x) -> {
            pair(words[0], words[1], x, 0);
            pair(words[2], words[3], x, 2);
        }, i -> out[i.at] = (float) four[i.part]);
        return out;
    }

    @Override
    public double[] randnDouble(int n) {
        double[] out = new double[n], two = new double[2];
        fill(n, 2, two, TorchCudaGenerator::pairOfDoubles, i -> out[i.at] = two[i.part]);
        return out;
    }

    private interface Transform {
        void apply(int[] words, double[] normals);
    }

    private static final class Slot {
        private int at, part;
    }

    private interface Store {
        void put(Slot slot);
    }

    /** @param parts numbers that a thread gets from one call */
    private void fill(int n, int parts, double[] normals, Transform transform, Store store) {
        if (n == 0) return;
        int threads = threads(n);
        int[] words = new int[4];
        Slot slot = new Slot();
        int rounds = (int) ((n - 1) / ((long) threads * parts)) + 1;
        for (int round = 0; round < rounds; round++) {
            long first = (long) round * threads * parts;
            for (int t = 0; t < threads && first + t < n; t++) {
                Philox.block(seed, offset / PER_CALL + round, t, words);
                transform.apply(words, normals);
                for (slot.part = 0; slot.part < parts; slot.part++) {
                    long at = first + t + (long) slot.part * threads;
                    if (at >= n) break;
                    slot.at = (int) at;
                    store.put(slot);
                }
            }
        }
        offset += (long) PER_CALL * rounds;
    }

    private int threads(int n) {
        int needed = Math.ceilDiv(n, BLOCK);
        if (resident > 0) return Math.min(needed, resident / BLOCK) * BLOCK;
        if (n > ANY_DEVICE)
            throw new IllegalArgumentException("torch-cuda: a draw of " + n + " numbers depends on the device (up to " + ANY_DEVICE
                    + " do not): name it, as in torch-cuda:device=a100, or give threads=N, its multiprocessors times the threads that "
                    + "each keeps resident");
        return needed * BLOCK;
    }

    private static void pair(int x, int y, double[] out, int at) {
        float u = Math.fma((float) Integer.toUnsignedLong(x), UNIT, UNIT / 2);
        float v = Math.fma((float) Integer.toUnsignedLong(y), ANGLE, ANGLE / 2);
        double s = Math.sqrt(-2 * StrictMath.log(u));
        out[at] = StrictMath.sin(v) * s;
        out[at + 1] = StrictMath.cos(v) * s;
    }

    private static void pairOfDoubles(int[] w, double[] out) {
        double u = Math.fma((double) bits53(w[0], w[1]), 0x1p-53, 0x1p-54), v = Math.fma((double) bits53(w[2], w[3]), 0x1p-52, 0x1p-53);
        double s = Math.sqrt(-2 * StrictMath.log(u));
        out[0] = StrictMath.sin(v * Math.PI) * s;
        out[1] = StrictMath.cos(v * Math.PI) * s;
    }

    private static long bits53(int low, int high) { return Integer.toUnsignedLong(low) ^ Integer.toUnsignedLong(high) << 21; }
}
