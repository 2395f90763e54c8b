package dev.reprise.audit.pipeline;

import dev.reprise.loaders.LoadException;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.diffusers.Scheduler;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.Map;

/**
 * The U-Net with classifier-free guidance (Ho and Salimans 2022): one run of 2B rows, the negative prompt's first, and
 * {@code u + g (c − u)}. At a guidance of 1 or less, or for a network that is distilled to take the guidance as an input
 * ({@code timestep_cond}), one run of B rows.
 */
final class GuidedUnet implements Scheduler.Prediction {
    private final Component network;
    private final Shape latent;
    private final TextEncoder.Context negative, prompt;
    private final double guidance;
    private final double[] condition;
    private long rows;

    /**
     * @param latent   shape of one latent, (C, h, w)
     * @param negative null without guidance
     */
    GuidedUnet(Component network, Shape latent, TextEncoder.Context negative, TextEncoder.Context prompt, double guidance) {
        this.network = network;
        this.latent = latent;
        this.prompt = prompt;
        this.guidance = guidance;
        condition = network.takes("timestep_cond") ? guidanceEmbedding(guidance - 1, network.config().integer("time_cond_proj_dim")) : null;
        this.negative = condition == null && guidance > 1 ? negative : null;
    }

    /** Rows that the network has seen. */
    long rows() { return rows; }

    /** Whether a step runs 2B rows. */
    boolean doubled() { return negative != null; }

    @Override
    public void predict(double[][] x, double t, double[][] out) {
        int n = x.length, size = Math.toIntExact(latent.size()), runs = doubled() ? 2 : 1;
        try (Arena arena = Arena.ofShared()) {
            double[] sample = new double[runs * n * size], context = new double[runs * n * prompt.values().length];
            for (int r = 0; r < runs * n; r++) {
                System.arraycopy(x[r % n], 0, sample, r * size, size);
                System.arraycopy((doubled() && r < n ? negative : prompt).values(), 0, context, r * prompt.values().length,
                        prompt.values().length);
            }
            Map<String, Tensor> in = new HashMap<>();
            in.put("sample", network.input("sample", arena,
                    Shape.of(runs * n, latent.dim(0), latent.dim(1), latent.dim(2)), sample));
            in.put("timestep", timestep(arena, t, runs * n));
            in.put("encoder_hidden_states", network.input("encoder_hidden_states", arena,
                    Shape.of(runs * n, prompt.tokens(), prompt.width()), context));
            if (condition != null)
                in.put("timestep_cond", network.input("timestep_cond", arena, Shape.of(n, condition.length), repeated(n)));
            Tensor answer = network.run(in, "out_sample", arena);
            if (answer.size() != (long) runs * n * size)
                throw new LoadException(network.file().toString(), "must give (" + runs * n + ", " + latent + "), found " + answer);
            rows += (long) runs * n;
            for (int r = 0; r < n; r++)
                for (int e = 0; e < size; e++) {
                    double u = answer.getDouble((long) r * size + e);
                    out[r][e] = doubled() ? u + guidance * (answer.getDouble((long) (n + r) * size + e) - u) : u;
                }
        }
    }

    /** A scalar, one number, or one for each row, whichever the model declares. */
    private Tensor timestep(Arena arena, double t, int rows) {
        var dims = network.type("timestep").dims();
        if (dims != null && dims.isEmpty()) return network.input("timestep", arena, Shape.of(), new double[]{t});
        boolean one = dims == null || dims.getFirst().toString().equals("1") || !dims.getFirst().equals(batch());
        double[] all = new double[one ? 1 : rows];
        java.util.Arrays.fill(all, t);
        return network.input("timestep", arena, Shape.of(all.length), all);
    }

    private Object batch() { return network.type("sample").dims() == null ? null : network.type("sample").dims().getFirst(); }

    private double[] repeated(int n) {
        double[] all = new double[n * condition.length];
        for (int r = 0; r < n; r++)
            System.arraycopy(condition, 0, all, r * condition.length, condition.length);
        return all;
    }

    /** Luo et al. 2023: sines and cosines of 1000 w, as for a timestep. */
    static double[] guidanceEmbedding(double w, int width) {
        int half = width / 2;
        double[] e = new double[width];
        for (int i = 0; i < half; i++) {
            double angle = 1000 * w * StrictMath.exp(-StrictMath.log(10000) / (half - 1) * i);
            e[i] = StrictMath.sin(angle);
            e[half + i] = StrictMath.cos(angle);
        }
        return e;
    }
}
