package dev.reprise.audit.experiment;

import dev.reprise.audit.pipeline.Pipeline;
import dev.reprise.audit.spec.AuditSpec.Column;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.solver.Progress;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;

/**
 * How a text-to-image pipeline is asked.
 *
 * @param scheduler a name, or null for the one that its folder names
 */
record PipelineCall(String prompt, String scheduler, int steps, double guidance) {
    /** Stable Diffusion's number where a spec says none. */
    private static final int STEPS = 50;
    /** Latents that advance together; a U-Net of that size fills the processor alone. */
    private static final int BATCH = 1;

    static PipelineCall of(Column c) {
        return new PipelineCall(c.label() == null ? "" : c.label(), c.sampler(), c.steps() == null ? STEPS : c.steps(),
                Double.parseDouble(c.options().get("guidance")));
    }

    String words() {
        return (scheduler == null ? "the folder's scheduler" : scheduler) + ", " + steps + " steps, guidance " + guidance
                + (prompt.isEmpty() ? "" : ", “" + prompt + "”");
    }

    Map<String, Tensor> make(Pipeline p, Tensor noise, Arena arena, Progress progress) {
        Pipeline.Result r = p.sample(new Pipeline.Request(prompt, null, guidance, p.scheduler(scheduler, steps), noise, List.of(), BATCH),
                arena, progress);
        return Map.of("samples", r.images(), "evaluations", Tensor.of(arena, Shape.of(1), r.rows()));
    }
}
