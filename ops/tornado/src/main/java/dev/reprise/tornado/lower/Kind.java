package dev.reprise.tornado.lower;

/** The device's kernels. Each takes its sizes and places from an array of integers, so that it is compiled once for all shapes. */
public enum Kind {
    UPLOAD(Tier.PORTABLE), STORE(Tier.PORTABLE), DOWNLOAD(Tier.PORTABLE), MOVE(Tier.PORTABLE), FILL(Tier.PORTABLE), MAP(Tier.PORTABLE), ZIP(
            Tier.PORTABLE), GEMM(Tier.PORTABLE), CONV(Tier.PORTABLE), GROUP_NORM(Tier.PORTABLE), LAYER_NORM(Tier.PORTABLE), SOFTMAX(
                    Tier.PORTABLE), ATTENTION(Tier.PORTABLE), GATHER(Tier.PORTABLE), POOL(Tier.PORTABLE), REDUCE(Tier.PORTABLE), GEMM_TILE(
                            Tier.LOCAL), CONV_TILE(Tier.LOCAL), GROUP_NORM_TILE(
                                    Tier.LOCAL), LAYER_NORM_TILE(
                                            Tier.LOCAL), SOFTMAX_TILE(Tier.LOCAL), ATTENTION_TILE(Tier.LOCAL), RESAMPLE(Tier.PORTABLE);

    /** How a kernel is written: a thread for each output, or work-groups that share local memory. */
    public enum Tier {
        PORTABLE, LOCAL;

        /** As tables and options name it. */
        public String text() { return this == LOCAL ? "local memory" : "portable"; }
    }

    /** Integers that a launch passes; the last two are for {@link dev.reprise.tornado.kernel.Receipts}. */
    public static final int WORDS = 40;

    private final Tier tier;

    Kind(Tier tier) { this.tier = tier; }

    public Tier tier() { return tier; }
}
