package dev.reprise.samplers.diffusers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The entries of a {@code scheduler_config.json}, read with checks whose messages name file and key. As in diffusers, an entry that
 * the chosen scheduler has no use for is passed over, so that one configuration serves several schedulers; an entry that none of them
 * knows is refused, since nobody here can say what it would change.
 */
public final class SchedulerConfig {
    private static final Set<String> KNOWN = Set.of("num_train_timesteps", "beta_start", "beta_end", "beta_schedule", "trained_betas",
            "clip_sample", "clip_sample_range", "set_alpha_to_one", "steps_offset", "prediction_type", "thresholding",
            "dynamic_thresholding_ratio", "sample_max_value", "timestep_spacing", "rescale_betas_zero_snr", "skip_prk_steps",
            "interpolation_type", "use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas", "use_lu_lambdas", "use_flow_sigmas",
            "flow_shift", "sigma_min", "sigma_max", "timestep_type", "final_sigmas_type", "solver_order", "algorithm_type", "solver_type",
            "lower_order_final", "euler_at_final", "lambda_min_clipped", "variance_type", "predict_x0", "disable_corrector", "solver_p",
            "original_inference_steps", "timestep_scaling", "shift", "use_dynamic_shifting", "base_shift", "max_shift",
            "base_image_seq_len", "max_image_seq_len", "invert_sigmas", "shift_terminal", "time_shift_type", "stochastic_sampling");

    private final String source;
    private final Map<String, Object> entries;

    /**
     * @param source  for messages, a file's name
     * @param entries String, Number (Long or Integer where whole), Boolean, null or a List of these; keys that begin with an underscore
     *                are remarks of the library
     * @throws IllegalArgumentException on an entry that no scheduler here knows
     */
    public SchedulerConfig(String source, Map<String, ?> entries) {
        this.source = source;
        this.entries = new TreeMap<>(entries);
        for (String key : this.entries.keySet())
            if (!key.startsWith("_") && !KNOWN.contains(key) && active(key))
                throw error(key, "is no entry of a scheduler that Reprise knows; set it to null if it changes nothing");
    }

    /** The class that the file names, or null. */
    public String className() {
        return entries.get("_class_name") instanceof String s ? s : null;
    }

    IllegalArgumentException error(String key, String message) {
        return new IllegalArgumentException(source + ": '" + key + "' " + message + (entries.get(key) == null
                ? ""
                : ", found " + entries.get(key)));
    }

    /** Neither missing nor null nor false. */
    private boolean active(String key) {
        return entries.get(key) != null && !Boolean.FALSE.equals(entries.get(key));
    }

    /** Refuses options of diffusers that are not built. */
    SchedulerConfig without(String... keys) {
        for (String key : keys)
            if (active(key) && !(entries.get(key) instanceof List<?> l && l.isEmpty()))
                throw error(key, "is not supported by Reprise's " + className());
        return this;
    }

    boolean has(String key) { return entries.get(key) != null; }

    String choice(String key, String otherwise, String... allowed) {
        Object v = entries.getOrDefault(key, otherwise);
        if (v == null) v = otherwise;
        if (v instanceof String s && Arrays.asList(allowed).contains(s)) return s;
        throw error(key, "must be one of " + String.join(", ", allowed));
    }

    double number(String key, double otherwise) {
        Object v = entries.get(key);
        if (v == null) return otherwise;
        if (v instanceof Number n) return n.doubleValue();
        throw error(key, "must be a number");
    }

    int integer(String key, int otherwise, int min, int max) {
        Object v = entries.get(key);
        if (v == null) return otherwise;
        if (v instanceof Number n && n.doubleValue() == Math.rint(n.doubleValue()) && n.doubleValue() >= min && n.doubleValue() <= max)
            return n.intValue();
        throw error(key, "must be a whole number from " + min + " to " + max);
    }

    boolean flag(String key, boolean otherwise) {
        Object v = entries.get(key);
        if (v == null) return otherwise;
        if (v instanceof Boolean b) return b;
        throw error(key, "must be true or false");
    }

    double[] numbers(String key) {
        if (!(entries.get(key) instanceof List<?> l)) throw error(key, "must be a list of numbers");
        List<Double> all = new ArrayList<>();
        for (Object v : l)
            if (v instanceof Number n) all.add(n.doubleValue());
            else throw error(key, "must be a list of numbers");
        return all.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
