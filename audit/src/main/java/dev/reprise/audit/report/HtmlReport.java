package dev.reprise.audit.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** {@code report.html}: one file, no script, nothing loaded from anywhere, for light and dark screens and for paper. */
public final class HtmlReport {
    private final Results results;
    private final Pictures pictures;

    private HtmlReport(Results results, Pictures pictures) {
        this.results = results;
        this.pictures = pictures;
    }

    public static String render(Results results, Pictures pictures) { return new HtmlReport(results, pictures).page().toString(); }

    private Html page() {
        Html h = new Html();
        h.add("<!doctype html>").add("<html lang=\"en\"><head><meta charset=\"utf-8\">");
        h.add("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        h.add("<meta name=\"color-scheme\" content=\"light dark\"><title>%s</title>", results.title());
        h.add("<style>%s</style></head><body>", new Raw(style()));
        h.add("<header><p class=\"brand\">Reprise <span>audit</span></p><h1>%s</h1><p class=\"lead\">%s</p>%s</header><main>",
                results.title(),
                Findings.sentence(results), cards());
        h.add("%s%s%s%s%s%s", grid(), matrices(), generalization(), histograms(), provenance(), run());
        h.add("</main><footer><p>Scores and figures after Zhang, Zhou, Lu, Guo, Wang, Shen and Qu, "
                + "<cite>The Emergence of Reproducibility and Generalizability in Diffusion Models</cite>. Made by Reprise %s.</p></footer>",
                results.run().environment().reprise());
        return h.add("</body></html>");
    }

    /** Markup that is not ours to escape. */
    private record Raw(String text) {
        @Override
        public String toString() { return text; }
    }

    private static String style() {
        try (InputStream in = HtmlReport.class.getResourceAsStream("report.css")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Html cards() {
        Html h = Html.of("<dl class=\"cards\">");
        card(h, "Models", Integer.toString(results.models().size()));
        card(h, "Noises", String.format(Locale.ROOT, "%,d", results.settings().noises()));
        if (!results.pairs().isEmpty()) {
            List<Results.Pair> alike = Findings.pairs(results, Findings::generalizes);
            if (!alike.isEmpty() && alike.size() < results.pairs().size())
                card(h, "Median RP where models generalize", Heatmap.share(Findings.median(alike)));
            else
                card(h, "Median RP", Heatmap.share(Findings.median(results.pairs())));
            card(h, "Highest RP", Heatmap.share(Findings.best(results).rp().value()));
        }
        return h.add("</dl>");
    }

    private static void card(Html h, String name, String value) { h.add("<div><dt>%s</dt><dd>%s</dd></div>", name, value); }

    private Html grid() {
        Html h = new Html();
        h.add("<section><h2>The same noise, model by model</h2>");
        h.add("<p>Each row starts from one noise, drawn from the seed at its left; each column is a model. "
                + "Where models are reproducible, a row shows one picture.</p>");
        h.add("<div class=\"scroll\"><table class=\"grid\"><thead><tr><th scope=\"col\">seed</th><th scope=\"col\">noise</th>");
        for (Results.Model m : results.models())
            h.add("<th scope=\"col\">%s<small>%s</small></th>", Html.unbroken(m.label()), m.objective());
        h.add("</tr></thead><tbody>");
        for (int row = 0; row < pictures.seeds().size(); row++) {
            long seed = pictures.seeds().get(row);
            h.add("<tr><th scope=\"row\">%d</th><td class=\"noise\">%s</td>", seed,
                    image(pictures.noise().get(row), "noise of seed " + seed));
            for (Results.Model m : results.models())
                h.add("<td>%s</td>", image(pictures.samples().get(m.id()).get(row), m.label() + ", seed " + seed));
            h.add("</tr>");
        }
        return h.add("</tbody></table></div></section>");
    }

    private Html image(byte[] rgb, String alt) {
        return Html.of("<img src=\"%s\" width=\"%d\" height=\"%d\" alt=\"%s\">",
                StoredPng.dataUri(pictures.width(), pictures.height(), rgb),
                pictures.width(), pictures.height(), alt);
    }

    private Html matrices() {
        if (results.pairs().isEmpty()) return new Html();
        Results.Settings s = results.settings();
        Html h = Html.of("<section><h2>How often two models agree</h2>");
        h.add("<p>RP counts the noises whose two images have a descriptor similarity above %s; the MAE score those whose pixels differ by less than "
                + "%s of 255 on average. Both are shares of %,d noises.</p>", decimal(s.threshold()), decimal(s.maeThreshold()),
                s.noises());
        h.add("<div class=\"two\">%s%s</div>", Heatmap.of("RP score", results, Results.Pair::rp),
                Heatmap.of("MAE score", results, Results.Pair::mae));
        return h.add("</section>");
    }

    private Html generalization() {
        List<Results.Model> known = results.models().stream().filter(m -> m.generalization() != null).toList();
        if (known.isEmpty()) return new Html();
        Html h = Html.of("<section><h2>New pictures, or training images again?</h2>");
        h.add("<p>GL is the share of samples that resemble no image of the model's own training set (similarity to the nearest at most %s). "
                + "Near 1 the model generalizes; near 0 it repeats what it has seen.</p>", decimal(results.settings().threshold()));
        h.add("<table class=\"rows\"><thead><tr><th scope=\"col\">model</th><th scope=\"col\" class=\"wide\">GL score</th><th scope=\"col\"></th>"
                + "<th scope=\"col\">training images</th><th scope=\"col\">mean similarity to the nearest</th></tr></thead><tbody>");
        for (Results.Model m : known) {
            Results.Generalization g = m.generalization();
            h.add("<tr><th scope=\"row\">%s</th><td class=\"wide\">%s</td><td class=\"number\">%s</td><td class=\"number\">%,d</td><td class=\"number\">%.2f</td></tr>",
                    m.label(), Charts.bar("GL of " + m.label() + ": " + Heatmap.share(g.gl().value()), g.gl()),
                    Heatmap.share(g.gl().value()),
                    g.trainingImages(), g.mean());
        }
        h.add("</tbody></table>");
        if (!pictures.nearest().isEmpty()) h.add("%s", nearest(known));
        return h.add("</section>");
    }

    private Html nearest(List<Results.Model> known) {
        Html h = Html.of("<h3>Samples over the training image nearest to each</h3><div class=\"nearest\">");
        for (Results.Model m : known) {
            List<byte[]> near = pictures.nearest().get(m.id());
            if (near == null) continue;
            h.add("<figure><figcaption>%s</figcaption><div class=\"strip\">", m.label());
            for (int i = 0; i < Math.min(6, near.size()); i++) {
                long seed = pictures.seeds().get(i);
                h.add("<span>%s%s</span>", image(pictures.samples().get(m.id()).get(i), m.label() + ", seed " + seed),
                        image(near.get(i), "training image nearest to it"));
            }
            h.add("</div></figure>");
        }
        return h.add("</div>");
    }

    private Html histograms() {
        if (results.pairs().isEmpty()) return new Html();
        Html h = Html.of(
                "<section><h2>How alike the pictures are</h2><p>For every pair of models, the similarity of the two images of each noise. "
                        + "The line is the threshold of RP.</p><div class=\"multiples\">");
        for (Results.Pair p : results.pairs()) {
            String name = label(p.a()) + " and " + label(p.b());
            h.add("<figure><figcaption>%s<b>%s</b></figcaption>%s</figure>", name, Heatmap.share(p.rp().value()),
                    Charts.histogram("Similarity of " + name, p.histogram(), results.settings().threshold()));
        }
        return h.add("</div></section>");
    }

    private String label(String id) { return results.models().stream().filter(m -> m.id().equals(id)).findFirst().orElseThrow().label(); }

    private Html provenance() {
        Results.Settings s = results.settings();
        Html h = Html.of(
                "<section><h2>What was run</h2><p>The same models and settings give the same samples, bit for bit, on any machine.</p>");
        h.add("<div class=\"models\">");
        for (Results.Model m : results.models()) {
            h.add("<article><h3>%s</h3><p>%s</p><dl>", m.label(), m.architecture());
            term(h, "objective", m.objective());
            term(h, "sampler", m.sampler() + ", " + m.evaluations() + " evaluations");
            if (m.parameters() > 0) term(h, "parameters", String.format(Locale.ROOT, "%,d", m.parameters()));
            if (!m.training().isEmpty()) term(h, "trained on", m.training());
            if (!m.sha256().isEmpty()) hash(h, "model", m.sha256());
            hash(h, "samples", m.samplesSha256());
            h.add("</dl></article>");
        }
        h.add("</div><dl class=\"settings\">");
        term(h, "noise", s.noise() + ", seeds " + s.seeds());
        term(h, "descriptor", s.descriptor());
        hash(h, "descriptor file", s.descriptorSha256());
        term(h, "thresholds", "similarity " + decimal(s.threshold()) + ", mean absolute difference " + decimal(s.maeThreshold()));
        term(h, "engine", "Reprise " + results.run().environment().reprise() + ", strict mode, CPU");
        return h.add("</dl></section>");
    }

    private Html run() {
        Results.Run r = results.run();
        Html h = Html
                .of("<section class=\"run\"><h2>This run</h2><p>Only this part differs from run to run and from machine to machine.</p>");
        h.add("<div class=\"two\"><dl class=\"settings\">");
        term(h, "date", r.date());
        term(h, "processor", r.cpu() + ", " + r.threads() + (r.threads() == 1 ? " thread" : " threads") + ", "
                + r.environment().vectorBits() + "-bit vectors");
        term(h, "system", r.environment().os());
        term(h, "Java", r.environment().jdk());
        h.add("</dl><table class=\"rows\"><thead><tr><th scope=\"col\">step</th><th scope=\"col\">seconds</th></tr></thead><tbody>");
        r.seconds().forEach((step, seconds) -> h.add("<tr><th scope=\"row\">%s</th><td class=\"number\">%.1f</td></tr>", step, seconds));
        h.add("<tr class=\"sum\"><th scope=\"row\">all</th><td class=\"number\">%.1f</td></tr></tbody></table></div>",
                r.seconds().values().stream().mapToDouble(Double::doubleValue).sum());
        return h.add("</section>");
    }

    private static void term(Html h, String name, String value) { h.add("<dt>%s</dt><dd>%s</dd>", name, value); }

    private static void hash(Html h, String name, String sha256) {
        h.add("<dt>%s</dt><dd><code title=\"SHA-256\">%s</code></dd>", name, sha256);
    }

    private static String decimal(double v) { return v == Math.rint(v) ? Long.toString((long) v) : Double.toString(v); }
}
