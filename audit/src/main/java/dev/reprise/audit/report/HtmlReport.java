package dev.reprise.audit.report;

import dev.reprise.audit.certificate.Certificate;
import dev.reprise.loaders.image.Image;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code report.html}: one file, nothing loaded from anywhere (its own policy forbids the browser to), for light and dark screens, for
 * keyboards, phones and paper. Everything that is read is in the markup; the script adds what moves.
 */
public final class HtmlReport {
    private static final String POLICY = "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

    private static final JsonMapper CERTIFICATES = JsonMapper.builder().disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY).build();

    private final Results results;
    private final Map<String, Tensor> data, pictures;
    private final Certificate certificate;

    private HtmlReport(Results results, Map<String, Tensor> data, Map<String, Tensor> pictures, Certificate certificate) {
        this.results = results;
        this.data = data;
        this.pictures = pictures;
        this.certificate = certificate;
    }

    /**
     * @param data     arrays by the names that the results give
     * @param pictures uint8 (n, H, W, 3): {@code noise}, {@code samples.ID}, {@code nearest.ID}
     */
    public static String render(Results results, Map<String, Tensor> data, Map<String, Tensor> pictures) {
        return render(results, data, pictures, null);
    }

    /** @param certificate shown and offered as a file; null for none */
    public static String render(Results results, Map<String, Tensor> data, Map<String, Tensor> pictures, Certificate certificate) {
        return new HtmlReport(results, data, pictures, certificate).page().toString();
    }

    /** One of some pictures, uint8 (n, H, W, 3). */
    public static Image picture(Tensor pictures, int i) {
        int h = pictures.shape().dimInt(1), w = pictures.shape().dimInt(2);
        byte[] rgb = new byte[3 * w * h];
        MemorySegment.copy(pictures.data(), 3L * w * h * i, MemorySegment.ofArray(rgb), 0, rgb.length);
        return new Image(w, h, rgb);
    }

    private Html page() {
        Html h = new Html();
        h.add("<!doctype html>").add("<html lang=\"en\"><head><meta charset=\"utf-8\">");
        h.add("<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">", new Html.Raw(POLICY));
        h.add("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        h.add("<meta name=\"color-scheme\" content=\"light dark\"><title>%s</title>", results.title());
        h.add("<style>%s</style></head><body>", new Html.Raw(resource("report.css")));
        h.add("<header><div class=\"top\"><p class=\"brand\">Reprise <span>audit</span></p><button type=\"button\" class=\"quiet\" id=\"theme\" hidden=\"hidden\">theme</button></div>"
                + "<h1>%s</h1><p class=\"lead\">%s</p>%s%s</header><main>", results.title(), Headline.sentence(results), notice(), cards());
        h.add("%s%s%s", navigation(), controls(), new Gallery(results, pictures).section());
        h.add("%s", Claims.section(results));
        List<Outcome> all = results.experiments();
        for (int i = 0; i < all.size(); i++)
            h.add("<section id=\"e%d\"%s><h2>%s</h2>%s%s</section>", i, ownThreshold(all.get(i)), all.get(i).title(),
                    new Sections(results, pictures).body(all.get(i), i),
                    all.get(i).finding().isEmpty() ? "" : Html.of("<p class=\"finding\">%s</p>", all.get(i).finding()));
        h.add("%s%s%s%s", Methods.section(results), CertificateSection.of(certificate), Methods.downloads(), Methods.run(results));
        h.add("</main><footer><p>Scores and figures after Zhang, Zhou, Lu, Guo, Wang, Shen and Qu, "
                + "<cite>The Emergence of Reproducibility and Generalizability in Diffusion Models</cite>. Made by Reprise %s.</p></footer>",
                results.run().environment().reprise());
        h.add("<dialog id=\"pairs\" aria-labelledby=\"pairs-title\"></dialog><div id=\"tip\" role=\"tooltip\" hidden=\"hidden\"></div>");
        h.add("<script type=\"application/json\" id=\"data\">%s</script>", new Html.Raw(PageData.json(results, data, pictures)));
        if (certificate != null)
            h.add("<script type=\"application/json\" id=\"certificate-file\">%s</script>",
                    new Html.Raw(CERTIFICATES.writeValueAsString(certificate).replace("<", "\\u003c")));
        for (String name : new String[]{"values.js", "pairs.js", "planes.js", "downloads.js"})
            h.add("<script>%s</script>", new Html.Raw(resource(name)));
        return h.add("</body></html>");
    }

    /** Of an experiment that counts by another threshold than the audit: the page does so until its slider is moved. */
    private Html.Raw ownThreshold(Outcome o) {
        return new Html.Raw(o instanceof Outcome.Matrix m && m.threshold() != results.settings().threshold()
                ? " data-threshold=\"" + Html.decimal(m.threshold()) + "\""
                : "");
    }

    private static String resource(String name) {
        try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a reader must know before the numbers. */
    private Html notice() {
        if (!results.settings().embedded()) return new Html();
        return Html.of(
                "<p class=\"notice\">Images were compared by the small descriptor that Reprise brings along for its own small models, not by SSCD. "
                        + "Scores by different descriptors cannot be compared.</p>");
    }

    private Html cards() {
        Html h = Html.of("<dl class=\"cards\">");
        long models = results.sources().stream().map(Results.Source::model).distinct().count();
        card(h, "Models", Long.toString(models));
        card(h, "Noises", String.format(Locale.ROOT, "%,d", results.settings().noises()));
        Headline.cards(results).forEach((name, value) -> card(h, name, value));
        return h.add("</dl>");
    }

    private static void card(Html h, String name, String value) { h.add("<div><dt>%s</dt><dd>%s</dd></div>", name, value); }

    private Html navigation() {
        Html h = Html.of("<nav aria-label=\"Sections\"><a href=\"#gallery\">Images</a>%s",
                Claims.of(results).isEmpty() ? "" : Html.of("<a href=\"#claims\">The paper's findings</a>"));
        for (int i = 0; i < results.experiments().size(); i++)
            h.add("<a href=\"#e%d\">%s</a>", i, results.experiments().get(i).title());
        return h.add("<a href=\"#methods\">Methods</a>%s<a href=\"#downloads\">Downloads</a></nav>",
                certificate == null ? "" : Html.of("<a href=\"#certificate\">Certificate</a>"));
    }

    /** The thresholds as sliders; the script shows them. */
    private Html controls() {
        Results.Settings s = results.settings();
        Html h = Html.of("<div class=\"controls\" id=\"controls\" hidden=\"hidden\">");
        h.add("<label for=\"threshold\">similarity above</label><input type=\"range\" id=\"threshold\" min=\"0\" max=\"1\" step=\"0.01\" value=\"%s\"><output for=\"threshold\">%s</output>",
                Html.decimal(s.threshold()), Html.decimal(s.threshold()));
        h.add("<label for=\"mae\">pixels closer than</label><input type=\"range\" id=\"mae\" min=\"0\" max=\"64\" step=\"0.5\" value=\"%s\"><output for=\"mae\">%s</output>",
                Html.decimal(s.maeThreshold()), Html.decimal(s.maeThreshold()));
        return h.add("<button type=\"button\" class=\"quiet\" id=\"reset\">as in the audit</button></div>");
    }
}
