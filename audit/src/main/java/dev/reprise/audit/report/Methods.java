package dev.reprise.audit.report;

import java.util.Locale;

/** Every setting that decides a number, and what differs from run to run. */
final class Methods {
    private Methods() {}

    static Html section(Results r) {
        Results.Settings s = r.settings();
        Html h = Html.of(
                "<section id=\"methods\"><h2>Methods</h2><p>The same models and settings give the same samples, bit for bit, on any machine.</p>");
        h.add("<dl class=\"settings\">");
        term(h, "noise", s.noise() + ", seeds " + s.seeds() + ": each is what torch.manual_seed(seed); torch.randn(shape) draws on a CPU");
        term(h, "descriptor", s.descriptor() + (s.embedded() ? " (small, for the embedded models; not SSCD)" : ""));
        if (!s.descriptorSha256().isEmpty()) hash(h, "descriptor file", s.descriptorSha256());
        term(h, "RP", "share of noises whose two images have similarity above " + Html.decimal(s.threshold()) + " (cosine of descriptors)");
        term(h, "MAE score",
                "share whose 8-bit pixels, clip(127.5 x + 128), differ by less than " + Html.decimal(s.maeThreshold()) + " in the mean");
        term(h, "GL", "share of samples whose most similar training image is not above the threshold");
        term(h, "intervals", "95 %, Wilson");
        term(h, "engine", "Reprise " + r.run().environment().reprise() + ", strict mode where nothing else is said, CPU");
        h.add("</dl><div class=\"models\">");
        r.sources().stream().filter(x -> x.id().equals(x.model())).forEach(x -> article(h, x));
        h.add("</div>");
        if (r.sources().stream().anyMatch(x -> !x.id().equals(x.model()))) {
            h.add("<details><summary>Every set of images</summary><div class=\"scroll\"><table class=\"rows all\"><thead><tr><th scope=\"col\">images</th><th scope=\"col\" class=\"words\">model</th><th scope=\"col\" class=\"words\">sampler</th>"
                    + "<th scope=\"col\" class=\"words\">noises</th><th scope=\"col\" class=\"words\">mode</th><th scope=\"col\" class=\"words\">SHA-256 of the samples</th></tr></thead><tbody>");
            for (Results.Source x : r.sources())
                h.add("<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td><code>%s</code></td></tr>", x.id(),
                        x.model(), x.sampler(), x.noises(), x.mode(),
                        x.samplesSha256().substring(0, 16));
            h.add("</tbody></table></div></details>");
        }
        return h.add("</section>");
    }

    /** The script fills it. */
    static Html downloads() {
        return Html.of(
                "<section id=\"downloads\"><h2>Downloads</h2><p>Made by this page from what is in it; drawings are for light paper. The folder of the audit also holds <code>samples/ID.npz</code> "
                        + "(the images as they were computed), <code>data.npz</code>, <code>report.json</code> and <code>certificate.json</code>.</p><div class=\"buttons\" id=\"files\"></div><ul class=\"figures\" id=\"figures\"></ul>"
                        + "<noscript><p>This needs scripts to be allowed; the files beside this page hold the same.</p></noscript></section>");
    }

    private static void article(Html h, Results.Source m) {
        h.add("<article><h3>%s</h3><p>%s</p><dl>", m.label(), m.architecture());
        if (!m.objective().isEmpty()) term(h, "objective", m.objective());
        if (!m.sampler().isEmpty())
            term(h, "sampler", m.sampler() + ", " + Html.decimal(Math.round(10 * m.evaluations()) / 10.0) + " evaluations");
        if (!m.mode().equals("strict")) term(h, "computed", m.mode());
        if (m.parameters() > 0) term(h, "parameters", String.format(Locale.ROOT, "%,d", m.parameters()));
        if (!m.training().isEmpty()) term(h, "trained on", m.training());
        if (!m.modelSha256().isEmpty()) hash(h, "model", m.modelSha256());
        hash(h, "samples", m.samplesSha256());
        h.add("</dl></article>");
    }

    static Html run(Results results) {
        Results.Run r = results.run();
        Html h = Html
                .of("<section class=\"run\"><h2>This run</h2><p>Only this part differs from run to run and from machine to machine.</p>");
        h.add("<div class=\"two\"><dl class=\"settings\">");
        term(h, "date", r.date());
        term(h, "processor", r.cpu() + ", " + r.threads() + (r.threads() == 1 ? " thread" : " threads") + ", "
                + r.environment().vectorBits() + "-bit vectors");
        term(h, "system", r.environment().os());
        term(h, "Java", r.environment().jdk());
        h.add("</dl><details><summary>Seconds of each step</summary><table class=\"rows\"><thead><tr><th scope=\"col\">step</th><th scope=\"col\">seconds</th></tr></thead><tbody>");
        r.seconds().forEach((step, seconds) -> h.add("<tr><th scope=\"row\">%s</th><td class=\"number\">%.1f</td></tr>", step, seconds));
        h.add("<tr class=\"sum\"><th scope=\"row\">all that was not found in the cache</th><td class=\"number\">%.1f</td></tr></tbody></table></details></div>",
                r.seconds().values().stream().mapToDouble(Double::doubleValue).sum());
        return h.add("</section>");
    }

    private static void term(Html h, String name, String value) { h.add("<dt>%s</dt><dd>%s</dd>", name, value); }

    private static void hash(Html h, String name, String sha256) {
        h.add("<dt>%s</dt><dd><code title=\"SHA-256\">%s</code></dd>", name, sha256);
    }
}
