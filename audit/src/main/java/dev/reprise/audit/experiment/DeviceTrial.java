package dev.reprise.audit.experiment;

import dev.reprise.audit.report.Outcome;
import dev.reprise.audit.report.Results.Pair;
import dev.reprise.audit.spec.AuditSpec.Column;
import dev.reprise.audit.spec.AuditSpec.Mode;
import dev.reprise.audit.spec.Experiment;
import dev.reprise.loaders.image.Image;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The same model and noise, computed otherwise: how far apart are the images? */
final class DeviceTrial implements Trial {
    private final Experiment.Device e;
    private final Lab lab;
    private final Map<Request, List<Request>> variants = new LinkedHashMap<>();

    DeviceTrial(Experiment.Device e, Lab lab) {
        this.e = e;
        this.lab = lab;
        for (String id : e.models()) {
            Column c = lab.spec().column(id);
            Request strict = Trial.request(c.mode() == Mode.STRICT ? c : c.mode(id + ".strict", c.title() + ", strict", Mode.STRICT),
                    e.seeds());
            List<Request> others = new ArrayList<>();
            for (Mode m : modes(e, lab))
                others.add(Trial.request(c.mode(id + "." + m.text(), c.title() + ", " + m.text(), m), e.seeds()));
            variants.put(strict, others);
        }
    }

    /** Where a device other than the CPU was named, on it too. */
    private static List<Mode> modes(Experiment.Device e, Lab lab) {
        List<Mode> all = new ArrayList<>(e.modes());
        if (!lab.models().device().id().equals("cpu") && !all.contains(Mode.GPU)) all.add(Mode.GPU);
        return all;
    }

    @Override
    public List<Request> requests() {
        List<Request> all = new ArrayList<>();
        variants.forEach((strict, others) -> {
            all.add(strict);
            all.addAll(others);
        });
        return all;
    }

    @Override
    public Outcome run(Book book) {
        List<Outcome.Device.Variant> all = new ArrayList<>();
        variants.forEach((strict, others) -> others.forEach(o -> all.add(variant(book, strict, o))));
        double worst = all.stream().mapToDouble(v -> v.pair().rp().value()).min().orElse(1);
        return new Outcome.Device(e.title(),
                "How a network is computed moves its numbers; RP says whether anybody would see it. The least RP here is "
                        + Findings.two(worst) + ".",
                lab.threshold(), all);
    }

    private Outcome.Device.Variant variant(Book book, Request strict, Request other) {
        Pair pair = book.pair(strict, other, lab.threshold());
        double most = 0, squares = 0;
        int identical = 0;
        try (Arena arena = Arena.ofShared()) {
            Tensor a = lab.floats(strict, arena), b = lab.floats(other, arena);
            int n = a.shape().dimInt(0);
            long size = a.size() / n;
            for (int i = 0; i < n; i++) {
                boolean same = true;
                for (long k = i * size; k < (i + 1) * size; k++) {
                    double d = Math.abs((double) a.getFloat(k) - b.getFloat(k));
                    same &= Float.floatToRawIntBits(a.getFloat(k)) == Float.floatToRawIntBits(b.getFloat(k));
                    most = Math.max(most, d);
                    squares += d * d;
                }
                if (same) identical++;
            }
            return new Outcome.Device.Variant(other.column().mode().text(), pair, identical, most, Math.sqrt(squares / a.size()),
                    differing(lab.samples(strict).images(), lab.samples(other).images()));
        }
    }

    private static double differing(List<Image> a, List<Image> b) {
        long differ = 0, all = 0;
        for (int i = 0; i < a.size(); i++) {
            byte[] x = a.get(i).rgb(), y = b.get(i).rgb();
            for (int k = 0; k < x.length; k++)
                if (x[k] != y[k]) differ++;
            all += x.length;
        }
        return differ / (double) all;
    }
}
