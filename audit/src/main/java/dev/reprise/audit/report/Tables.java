package dev.reprise.audit.report;

import dev.reprise.audit.report.Results.Pair;
import dev.reprise.audit.report.Results.Share;
import java.util.List;
import java.util.Locale;

/** Scores in tables, each with its interval. */
final class Tables {
    private final Results r;

    Tables(Results results) { r = results; }

    /** A cell with a share and its interval, which the page counts again when a threshold moves. */
    static Html share(Share s, String attribute, String data) {
        return Html.of("<td class=\"number\"><span data-%s=\"%s\">%s</span> <small class=\"within\">%s</small></td>", attribute, data,
                Html.share(s.value()), interval(s));
    }

    /** The interval, as the page writes it. */
    static String interval(Share s) {
        return String.format(Locale.ROOT, "[%s, %s]", end(s.low()), end(s.high()));
    }

    private static String end(double v) {
        String t = String.format(Locale.ROOT, "%.2f", v);
        return t.startsWith("0.") ? t.substring(1) : t;
    }

    /** Pairs as rows that open. */
    Html pairs(List<Pair> pairs) {
        Html h = Html.of(
                "<div class=\"scroll\"><table class=\"rows\"><thead><tr><th scope=\"col\">images</th><th scope=\"col\" class=\"words\">against</th><th scope=\"col\">RP</th>"
                        + "<th scope=\"col\">MAE score</th><th scope=\"col\">mean similarity</th><th scope=\"col\">noises</th></tr></thead><tbody>");
        for (Pair p : pairs)
            h.add("<tr><th scope=\"row\"><button type=\"button\" class=\"link\" data-open=\"%s\">%s</button></th><td>%s</td>%s%s<td class=\"number\">%.3f</td><td class=\"number\">%,d</td></tr>",
                    p.data(), r.label(p.a()), r.label(p.b()), share(p.rp(), "rp", p.data()), share(p.mae(), "mae", p.data()), p.mean(),
                    p.rp().of());
        return h.add("</tbody></table></div>");
    }
}
