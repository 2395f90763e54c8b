package dev.reprise.audit.command;

import dev.reprise.engine.Session;
import dev.reprise.engine.plan.Plan;
import dev.reprise.engine.plan.PlanStep;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/**
 * A plan in full.
 *
 * @param arenaBytes   of all intermediate tensors of a run, which share memory where they do not live at the same time
 * @param scratchBytes of the step that needs most besides, on {@code threads} threads
 * @param packedBytes  of weights in the form that kernels read, besides those of the file
 */
public record PlanView(int threads, long arenaBytes, long scratchBytes, long packedBytes, List<PlanStep> steps) {
    static PlanView of(Session session, Plan p) {
        return new PlanView(session.workers().threads(), p.arenaBytes(), p.scratchBytes(), session.packedBytes(), p.describe());
    }

    void print(PrintWriter out) {
        out.printf("arena        %s%n", InspectCommand.bytes(arenaBytes));
        out.printf("scratch      %s on %d threads%n", InspectCommand.bytes(scratchBytes), threads);
        out.printf("packed       %s of weights in the kernels' own form%n", InspectCommand.bytes(packedBytes));
        out.printf("%5s %-26s %-26s %10s %10s  %s%n", "step", "operator", "kernel", "MFLOP", "kB", "output <- inputs");
        for (int i = 0; i < steps.size(); i++) {
            PlanStep s = steps.get(i);
            out.printf(Locale.ROOT, "%5d %-26s %-26s %10.3f %10.1f  %s <- %s%n", i, s.operator(),
                    s.parts() == 1 ? s.kernel() : s.kernel() + " x" + s.parts(), s.flops() / 1e6,
                    s.bytes() / 1e3,
                    String.join(", ", s.outputs()), String.join(", ", s.inputs()));
        }
    }
}
