package dev.reprise.audit.spec;

import dev.reprise.samplers.schedule.Schedule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The part of a model that is for some of the kernel's time (multistage models of Zhang et al. 2023, the experts of eDiff-I).
 *
 * @param model  an ONNX file, seen from the description's folder; null for the file that is described
 * @param output of that file; null for its only one
 * @param from   begin of the interval, in the kernel's t
 * @param to     its end; there the stage still holds, and the next one not yet
 * @param sha256 that the file must have; null for any
 */
public record Stage(String model, String output, double from, double to, String sha256) {
    /** Room for decimal fractions such as 0.442. */
    private static final double SLACK = 1e-9;

    /**
     * The entry {@code stages}, from little noise to much; where there is none, one stage for all times.
     *
     * @throws SpecException where the intervals do not cover the kernel's time exactly once
     */
    static List<Stage> read(Fields f, Schedule k) {
        if (!f.has("stages"))
            return List.of(new Stage(f.text("model", null), f.text("output", null), k.tMin(), k.tMax(), f.text("sha256", null)));
        if (f.has("sha256")) throw f.error("sha256", "is of one file; give it in each of the stages");
        if (f.objects("stages").isEmpty()) throw f.error("stages", "must list at least one stage");
        record Placed(Stage stage, Fields at) {}
        List<Placed> all = new ArrayList<>();
        for (Fields s : f.objects("stages")) {
            s.only("interval", "model", "output", "sha256");
            double[] t = s.numbers("interval");
            if (t.length != 2 || !(t[0] < t[1])) throw s.error("interval", "must be [from, to] in the schedule's time, with from < to");
            all.add(new Placed(new Stage(s.text("model", f.text("model", null)), s.text("output", f.text("output", null)), t[0], t[1],
                    s.text("sha256", null)), s));
        }
        all.sort(Comparator.comparingDouble(p -> p.stage.from));
        double covered = k.tMin();
        for (int i = 0; i < all.size(); i++) {
            Stage s = all.get(i).stage;
            Fields at = all.get(i).at;
            String its = "[" + s.from + ", " + s.to + "]";
            if (s.from > covered + SLACK)
                throw at.error("interval", its + " leaves a gap: no stage is for the times from " + covered + " to " + s.from);
            if (i > 0 && s.from < covered - SLACK)
                throw at.error("interval", its + " overlaps that of another stage, which ends at " + covered);
            if (s.to <= k.tMin() || s.from >= k.tMax())
                throw at.error("interval", its + " is outside [" + k.tMin() + ", " + k.tMax() + "], the schedule's times");
            covered = s.to;
        }
        if (covered < k.tMax() - SLACK)
            throw all.getLast().at.error("interval", "ends at " + covered + ": no stage is for the times from there to " + k.tMax());
        return all.stream().map(Placed::stage).toList();
    }

    /** The highest noise ratio of the stage. */
    double sigmaMax(Schedule k) { return k.sigma(Math.min(to, k.tMax())); }
}
