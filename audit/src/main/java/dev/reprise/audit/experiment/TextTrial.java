package dev.reprise.audit.experiment;

import dev.reprise.audit.report.Outcome;
import dev.reprise.audit.report.Results.Pair;
import dev.reprise.audit.spec.AuditSpec.Column;
import dev.reprise.audit.spec.Experiment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Text-to-image pipelines: each prompt and noise by every pipeline; one pipeline and noise, told two prompts; one prompt from
 * different noises (figure 20 of the paper).
 */
final class TextTrial implements Trial {
    private final Experiment.Text e;
    /** By model, one request for each prompt. */
    private final Map<String, List<Request>> told = new LinkedHashMap<>();

    TextTrial(Experiment.Text e, Lab lab) {
        this.e = e;
        for (String id : e.models()) {
            Column c = lab.spec().column(id);
            List<Request> requests = new ArrayList<>();
            for (int p = 0; p < e.prompts().size(); p++)
                requests.add(Trial.request(c.labelled(id + ".prompt-" + (p + 1),
                        e.prompts().size() == 1 ? c.title() : c.title() + ", prompt " + (p + 1), e.prompts().get(p)), e.seeds()));
            told.put(id, requests);
        }
    }

    @Override
    public List<Request> requests() { return told.values().stream().flatMap(List::stream).toList(); }

    @Override
    public Outcome run(Book book) {
        requests().forEach(book::source);
        List<Pair> same = new ArrayList<>(), others = new ArrayList<>();
        List<List<Request>> models = List.copyOf(told.values());
        for (int p = 0; p < e.prompts().size(); p++)
            for (int a = 0; a < models.size(); a++)
                for (int b = a + 1; b < models.size(); b++)
                    same.add(book.pair(models.get(a).get(p), models.get(b).get(p), e.threshold()));
        for (List<Request> m : models)
            for (int p = 0; p < m.size(); p++)
                for (int q = p + 1; q < m.size(); q++)
                    others.add(book.pair(m.get(p), m.get(q), e.threshold()));
        List<Outcome.Baseline> baselines = new ArrayList<>();
        for (Request r : requests())
            if (r.noises().count() > 1) baselines.add(book.baseline(r, e.threshold()));
        StringBuilder finding = new StringBuilder();
        for (int p = 0; p < e.prompts().size(); p++)
            finding.append("Prompt ").append(p + 1).append(": “").append(e.prompts().get(p)).append("”. ");
        finding.append(
                "The paper finds RP 0.63 (threshold 0.4) between Stable Diffusion v1-3 and v1-4, at most 0.21 between the others, and nearly 0 from different noises. ");
        if (!same.isEmpty()) finding.append("Here two pipelines agree at RP ").append(range(same)).append('.');
        if (!others.isEmpty()) finding.append(" One pipeline and noise, told two prompts: RP ").append(range(others)).append('.');
        List<Pair> all = new ArrayList<>(same);
        all.addAll(others);
        return new Outcome.Matrix("text", e.title(), finding.toString(), e.threshold(), requests().stream().map(book::id).toList(), all,
                baselines);
    }

    private static String range(List<Pair> pairs) {
        double lo = pairs.stream().mapToDouble(p -> p.rp().value()).min().orElseThrow(),
                hi = pairs.stream().mapToDouble(p -> p.rp().value()).max().orElseThrow();
        return lo == hi ? Findings.two(lo) : Findings.two(lo) + " to " + Findings.two(hi);
    }
}
