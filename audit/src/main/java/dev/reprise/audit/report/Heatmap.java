package dev.reprise.audit.report;

import java.util.List;
import java.util.function.Function;

/** A symmetric matrix of shares as a table whose cells are coloured by their value (figure 6 of the paper). */
final class Heatmap {
    private Heatmap() {}

    static Html of(String caption, Results r, Function<Results.Pair, Results.Share> share) {
        List<Results.Model> models = r.models();
        Html h = new Html();
        h.add("<table class=\"heat\"><caption>%s</caption>", caption).add("<thead><tr><td></td>");
        for (Results.Model m : models)
            h.add("<th scope=\"col\"><span>%s</span></th>", Html.unbroken(m.label()));
        h.add("</tr></thead><tbody>");
        for (Results.Model a : models) {
            h.add("<tr><th scope=\"row\">%s</th>", Html.unbroken(a.label()));
            for (Results.Model b : models) {
                if (a == b) {
                    h.add("<td class=\"self\" aria-label=\"the same model\">·</td>");
                    continue;
                }
                Results.Share s = share.apply(r.pair(a.id(), b.id()));
                h.add("<td class=\"%s\" style=\"--v:%.4f\" title=\"%s and %s: %d of %d noises, 95 %% interval %.3f to %.3f\">%s</td>",
                        s.value() >= 0.72 ? "strong" : s.value() >= 0.5 ? "mid" : "weak", s.value(), a.label(), b.label(), s.hits(), s.of(),
                        s.low(), s.high(),
                        share(s.value()));
            }
            h.add("</tr>");
        }
        return h.add("</tbody></table>");
    }

    /** Two digits, as the paper prints scores; 1.00 only where it is exact. */
    static String share(double v) {
        if (v == 0 || v == 1) return v == 0 ? "0" : "1";
        return String.format(java.util.Locale.ROOT, "%.2f", Math.clamp(v, 0.01, 0.99)).substring(1);
    }
}
