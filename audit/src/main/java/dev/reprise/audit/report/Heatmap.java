package dev.reprise.audit.report;

import java.util.List;
import java.util.Locale;

/** A symmetric matrix of shares as a table whose cells are coloured by their value and open their pairs (figure 6 of the paper). */
final class Heatmap {
    private Heatmap() {}

    /** @param mae the MAE score instead of RP */
    static Html of(String caption, Results r, List<String> ids, List<Results.Pair> pairs, boolean mae) {
        Html h = new Html();
        h.add("<table class=\"heat\" data-name=\"%s\"><caption>%s</caption>", caption, caption).add("<thead><tr><td></td>");
        for (String id : ids)
            h.add("<th scope=\"col\"><span>%s</span></th>", Html.unbroken(r.label(id)));
        h.add("</tr></thead><tbody>");
        for (String a : ids) {
            h.add("<tr><th scope=\"row\">%s</th>", Html.unbroken(r.label(a)));
            for (String b : ids) {
                Results.Pair p = a.equals(b) ? null : Results.pair(pairs, a, b);
                if (p == null)
                    h.add("<td class=\"self\" aria-label=\"%s\"><span>%s</span></td>", a.equals(b) ? "the same images" : "not compared",
                            a.equals(b) ? "1" : "·");
                else
                    h.add("%s", cell(r, p, mae));
            }
            h.add("</tr>");
        }
        return h.add("</tbody></table>");
    }

    /** A cell that opens its pairs. */
    static Html cell(Results r, Results.Pair p, boolean mae) {
        Results.Share s = mae ? p.mae() : p.rp();
        return Html.of(
                "<td class=\"cell %s\" style=\"--v:%.4f\"><button type=\"button\" data-open=\"%s\" data-%s=\"%s\" data-tip=\"%s\">%s</button></td>",
                strength(s.value()), s.value(), p.data(), mae ? "mae" : "rp", p.data(), tip(r, p, s), Html.share(s.value()));
    }

    private static String tip(Results r, Results.Pair p, Results.Share s) {
        return String.format(Locale.ROOT, "%s and %s: %d of %d noises, 95 %% interval %.3f to %.3f", r.label(p.a()), r.label(p.b()),
                s.hits(), s.of(),
                s.low(), s.high());
    }

    static String strength(double v) { return v >= 0.72 ? "strong" : v >= 0.5 ? "mid" : "weak"; }
}
