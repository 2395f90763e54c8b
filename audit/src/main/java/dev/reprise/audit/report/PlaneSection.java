package dev.reprise.audit.report;

import java.util.Locale;

/** Planes of noises as maps (figure 7 of the paper). */
final class PlaneSection {
    private final Results r;

    PlaneSection(Results results) { r = results; }

    /** @param index of the experiment, by which the page's script finds it */
    Html of(Outcome.Hyperplane p, int index) {
        Html h = Html.of(
                "<p>Three noises span a plane, ε(α, β) = ε₀ + α (ε₁ − ε₀) + β (ε₂ − ε₀)%s. Each of the %d × %d points is coloured by which of the images made of those three noises its own "
                        + "image resembles (similarity above %s), the stronger the more it does. Point at a map, or move with the arrow keys, to see what every model makes of that noise.</p>",
                p.slerp() ? ", brought to the sphere" : "", p.points(), p.points(), Html.decimal(p.threshold()));
        h.add("<ul class=\"legend\">");
        for (int i = 0; i < 3; i++)
            h.add("<li><i class=\"hue%d\"></i>image of ε%s, seed %d</li>", i, "₀₁₂".substring(i, i + 1), p.anchors()[i]);
        h.add("<li><i class=\"hueless\"></i>none of them</li></ul><div class=\"planes\" data-planes=\"%d\">", index);
        for (Outcome.Hyperplane.Plane m : p.planes())
            h.add("<figure><figcaption>%s</figcaption>%s<div class=\"under\"><canvas class=\"shown\" width=\"1\" height=\"1\" data-image=\"%s\"></canvas><p data-words=\"%s\">%s</p></div></figure>",
                    r.label(m.source()), map(p, m), m.source(), m.source(), words(m));
        h.add("</div><h3>How fast images change, and how far the maps agree</h3>");
        h.add("<div class=\"two\"><div class=\"scroll\"><table class=\"rows\"><thead><tr><th scope=\"col\">|Δx| / |Δε| of neighbours</th>"
                + "<th scope=\"col\">10 %%</th><th scope=\"col\">median</th><th scope=\"col\">90 %%</th><th scope=\"col\">most</th></tr></thead><tbody>");
        for (Outcome.Hyperplane.Plane m : p.planes())
            h.add("<tr><th scope=\"row\">%s</th><td class=\"number\">%.2f</td><td class=\"number\">%.2f</td><td class=\"number\">%.2f</td><td class=\"number\">%.2f</td></tr>",
                    r.label(m.source()), m.lipschitz()[1], m.lipschitz()[2], m.lipschitz()[3], m.lipschitz()[4]);
        h.add("</tbody></table><p class=\"note\">An estimate of the local Lipschitz constant: how far images move for how far noises do.</p></div>");
        if (!p.agreements().isEmpty()) {
            h.add("<div class=\"scroll\"><table class=\"rows\"><thead><tr><th scope=\"col\">two models</th><th scope=\"col\">points of one colour</th><th scope=\"col\">RP over the plane</th></tr></thead><tbody>");
            for (Outcome.Hyperplane.Agreement a : p.agreements())
                h.add("<tr><th scope=\"row\"><button type=\"button\" class=\"link\" data-open=\"%s\">%s and %s</button></th><td class=\"number\">%.0f %%</td>%s</tr>",
                        a.pair().data(), r.label(a.a()), r.label(a.b()), 100 * a.share(),
                        Tables.share(a.pair().rp(), "rp", a.pair().data()));
            h.add("</tbody></table><p class=\"note\">Neighbouring points are no independent noises, so these intervals are too narrow.</p></div>");
        }
        return h.add("</div>");
    }

    /** The canvas between its axes, with the three noises where they lie. */
    private Html map(Outcome.Hyperplane p, Outcome.Hyperplane.Plane m) {
        Html h = Html.of("<div class=\"map\"><span class=\"beta\">β</span><div class=\"ticks-y\"><span>%s</span><span>%s</span></div>",
                Html.decimal(p.from()), Html.decimal(p.to()));
        h.add("<div class=\"field\"><canvas data-plane=\"%s\" tabindex=\"0\" role=\"img\" width=\"%d\" height=\"%d\" aria-label=\"%s\"></canvas>",
                m.source(),
                p.points(), p.points(), words(m));
        double[][] at = {{0, 0}, {1, 0}, {0, 1}};
        for (int i = 0; i < 3; i++) {
            double x = place(p, at[i][0]), y = place(p, at[i][1]);
            if (x >= 0 && x <= 1 && y >= 0 && y <= 1)
                h.add("<span class=\"anchor\" style=\"left:%.3f%%;top:%.3f%%\" aria-hidden=\"true\">ε%s</span>", 100 * x, 100 * y,
                        "₀₁₂".substring(i, i + 1));
        }
        return h.add("</div><div class=\"ticks-x\"><span>%s</span><span class=\"alpha\">α</span><span>%s</span></div></div>",
                Html.decimal(p.from()), Html.decimal(p.to()));
    }

    /** Of the middle of the point with that α or β, between 0 and 1. */
    private static double place(Outcome.Hyperplane p, double v) {
        return ((v - p.from()) / (p.to() - p.from()) * (p.points() - 1) + 0.5) / p.points();
    }

    private static String words(Outcome.Hyperplane.Plane m) {
        double none = 1 - m.shares()[0] - m.shares()[1] - m.shares()[2];
        return String.format(Locale.ROOT, "%.0f, %.0f and %.0f %% of the points are the first, second and third image, %.0f %% none",
                100 * m.shares()[0], 100 * m.shares()[1], 100 * m.shares()[2], 100 * Math.max(0, none));
    }
}
