package dev.reprise.audit.report;

import dev.reprise.audit.certificate.Certificate;
import java.util.List;
import java.util.stream.Collectors;

/** The certificate of the audit: what went in, what came out, and how anybody makes it again. */
final class CertificateSection {
    private CertificateSection() {}

    static Html of(Certificate c) {
        if (c == null) return new Html();
        Html h = Html.of(
                "<section id=\"certificate\"><h2>Certificate</h2><p>The same models and settings give the same bits on any machine, with any number of threads. "
                        + "<code>./reprise verify certificate.json</code>, started where the audit was, makes everything again without the cache and compares every hash below.</p>");
        h.add("<dl class=\"settings\"><dt>command</dt><dd><code>reprise %s %s</code></dd><dt>engine</dt><dd>Reprise %s%s</dd><dt>samples</dt><dd>%d arrays of images and noises, each image hashed for itself as well</dd></dl>",
                c.command(), String.join(" ", c.arguments()), c.engine().reprise(), c.engine().exact() ? ", exact" : "",
                c.outputs().stream().filter(o -> o.file() != null && o.file().startsWith("samples/")).count());
        if (!c.inputs().isEmpty()) {
            h.add("<h3>What went in</h3><div class=\"scroll\"><table class=\"rows hashes\"><tbody>");
            for (Certificate.Input i : c.inputs())
                h.add("<tr><th scope=\"row\">%s</th><td><code>%s</code></td></tr>",
                        i.file() == null ? String.valueOf(i.argument()) : i.file(),
                        i.sha256());
            h.add("</tbody></table></div>");
        }
        h.add("<details><summary>What came out: %d hashes</summary><div class=\"scroll\"><table class=\"rows hashes\"><thead><tr><th scope=\"col\">what</th>"
                + "<th scope=\"col\" class=\"words\">type</th><th scope=\"col\" class=\"words\">SHA-256</th></tr></thead><tbody>",
                c.outputs().size());
        for (Certificate.Output o : c.outputs())
            h.add("<tr><th scope=\"row\">%s</th><td>%s</td><td><code>%s</code></td></tr>", o.name(), type(o), o.sha256());
        return h.add("</tbody></table></div></details></section>");
    }

    private static String type(Certificate.Output o) {
        List<Long> shape = o.shape();
        return shape.isEmpty() ? o.dtype() : o.dtype() + " " + shape.stream().map(String::valueOf).collect(Collectors.joining("×"));
    }
}
