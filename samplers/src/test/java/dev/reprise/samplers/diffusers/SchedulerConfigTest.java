package dev.reprise.samplers.diffusers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a configuration may not say, and that the message names file and entry. */
class SchedulerConfigTest {
    private static Object value(String text) {
        return switch (text) {
            case "true", "false" -> Boolean.valueOf(text);
            case "null" -> null;
            default -> text.matches("-?[0-9.]+") ? (Object) Double.valueOf(text) : text.startsWith("[") ? List.of(1) : text;
        };
    }

    private static SchedulerConfig config(String... entries) {
        Map<String, Object> all = new LinkedHashMap<>();
        for (int i = 0; i < entries.length; i += 2)
            all.put(entries[i], value(entries[i + 1]));
        return new SchedulerConfig("scheduler/scheduler_config.json", all);
    }

    @ParameterizedTest
    @CsvSource({"ddim, prediction_type, flow_prediction", "ddim, timestep_spacing, log", "ddim, beta_schedule, sigmoid",
        "ddim, steps_offset, 1.5",
        "ddim, clip_sample, 3", "ddim, trained_betas, [1]", "ddim, num_train_timesteps, 1", "ddim, beta_end, 2",
        "ddim, rescale_betas_zero_snr, true",
        "ddim, gamma_factor, 3", "pndm, prediction_type, sample", "euler, use_beta_sigmas, true", "euler, use_flow_sigmas, true",
        "euler, final_sigmas_type, one", "euler, interpolation_type, cubic", "euler-ancestral, use_karras_sigmas, true",
        "heun, use_beta_sigmas, true", "lms, final_sigmas_type, sigma_min", "dpm-multistep, algorithm_type, sde-dpmsolver",
        "dpm-multistep, algorithm_type, ddpm", "dpm-multistep, solver_order, 4", "dpm-multistep, solver_type, bh3",
        "dpm-multistep, variance_type, learned_range", "dpm-multistep, use_flow_sigmas, true", "dpm-multistep, lambda_min_clipped, 99",
        "dpm-singlestep, algorithm_type, sde-dpmsolver++", "dpm-singlestep, use_dynamic_shifting, true", "unipc, solver_p, x",
        "unipc, lower_order_final, false", "unipc, predict_x0, false", "lcm, original_inference_steps, 4",
        "flow-match-euler, use_dynamic_shifting, true", "flow-match-euler, invert_sigmas, true", "flow-match-euler, shift, 0"})
    void namesTheEntry(String scheduler, String key, String value) {
        assertThatThrownBy(() -> Schedulers.of(scheduler, config(key, value), 8)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("scheduler/scheduler_config.json").hasMessageContaining(
                        // These two are wrong only with the default of another entry, which the message names.
                        key.equals("lower_order_final") || key.equals("predict_x0") ? "final_sigmas_type" : "'" + key + "'");
    }

    @Test
    void refusesTwoGridsAtOnce() {
        assertThatThrownBy(() -> Schedulers.of("euler", config("use_karras_sigmas", "true", "use_exponential_sigmas", "true"), 8))
                .hasMessageContaining("use_exponential_sigmas");
    }

    @Test
    void passesOverWhatTheSchedulerHasNoUseFor() {
        SchedulerConfig c = config("_class_name", "PNDMScheduler", "skip_prk_steps", "true", "solver_order", "3", "unknown_switch", "false",
                "unknown_thing", "null");
        assertThat(Schedulers.of("ddim", c, 8).timesteps()).hasSize(8);
        assertThat(Schedulers.of(null, c, 8).timesteps()).hasSize(9);
        assertThat(Schedulers.of("DDIMScheduler", c, 8)).isInstanceOf(DdimScheduler.class);
    }

    @Test
    void namesTheSchedulerThatIsMissing() {
        assertThatThrownBy(() -> Schedulers.of(null, config("_class_name", "KDPM2DiscreteScheduler"), 8))
                .hasMessageContaining("scheduler_config.json").hasMessageContaining("KDPM2DiscreteScheduler").hasMessageContaining("euler");
        assertThatThrownBy(() -> Schedulers.of("edm", config(), 8)).hasMessageContaining("'edm'").hasMessageContaining("unipc");
        assertThatThrownBy(() -> Schedulers.of(null, config(), 8)).hasMessageContaining("_class_name");
    }

    @Test
    void everyNameMakesItsClass() {
        for (String name : Schedulers.NAMES)
            assertThat(Schedulers.of(Schedulers.className(name), config(), 4)).hasSameClassAs(Schedulers.of(name, config(), 4));
    }

    /** NumPy's arange has an element too many there; diffusers' list ends in −1. */
    @Test
    void trailingHasAsManyStepsAsAskedFor() {
        double[] t = Schedulers.of("ddim", config("timestep_spacing", "trailing"), 61).timesteps();
        assertThat(t).hasSize(61).doesNotContain(-1).startsWith(999).endsWith(15);
    }

    @Test
    void stepsBeyondTheTrainingAreRefused() {
        assertThatThrownBy(() -> Schedulers.of("ddim", config("steps_offset", "1"), 1000)).hasMessageContaining("timestep 1000");
        assertThatThrownBy(() -> Schedulers.of("ddim", config(), 1001)).hasMessageContaining("1 to 1000 steps");
        assertThatThrownBy(() -> Schedulers.of("pndm", config(), 3)).hasMessageContaining("skip_prk_steps");
    }
}
