package dev.reprise.audit.report;

import dev.reprise.audit.report.Results.Pair;
import dev.reprise.ops.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What each kind of experiment looks like. */
final class Sections {
    private final Results r;
    private final Map<String, Tensor> pictures;

    Sections(Results results, Map<String, Tensor> pictures) {
        r = results;
        this.pictures = pictures;
    }

    Html body(Outcome o, int index) {
        return switch (o) {
            case Outcome.Matrix m -> matrix(m);
            case Outcome.Memorization m -> memorization(m);
            case Outcome.Steps s -> steps(s);
            case Outcome.Hyperplane p -> hyperplane(p, index);
            case Outcome.Conditional c -> conditional(c);
            case Outcome.Mixture m -> mixture(m);
            case Outcome.Quality q -> quality(q);
            case Outcome.Device d -> device(d);
        };
    }

    private Html matrix(Outcome.Matrix m) {
        if (m.pairs().isEmpty()) return Html.of("<p>One model alone: there is nothing to compare it with.</p>");
        Html h = Html.of(
                "<p>RP counts the noises whose two images have a descriptor similarity above %s; the MAE score those whose pixels differ by less than "
                        + "%s of 255 on average. Both are shares of %s noises. A cell opens its pairs of images.</p>",
                Html.decimal(m.threshold()),
                Html.decimal(r.settings().maeThreshold()), count(r.source(m.sources().getFirst()).images()));
        h.add("<div class=\"two\">%s%s</div>", Heatmap.of("RP score", r, m.sources(), m.pairs(), false),
                Heatmap.of("MAE score", r, m.sources(), m.pairs(), true));
        h.add("<details%s><summary>How alike the pictures are, pair by pair</summary><div class=\"multiples\">",
                new Html.Raw(m.pairs().size() > 20 ? "" : " open=\"open\""));
        for (Pair p : m.pairs()) {
            String name = r.label(p.a()) + " and " + r.label(p.b());
            h.add("<figure><figcaption><button type=\"button\" class=\"link\" data-open=\"%s\">%s</button><b data-rp=\"%s\">%s</b></figcaption>%s</figure>",
                    p.data(),
                    name, p.data(), Html.share(p.rp().value()),
                    Charts.histogram("Similarity of " + name, p.data(), p.histogram(), m.threshold()));
        }
        h.add("</div></details>");
        if (m.baselines().isEmpty()) return h;
        h.add("<h3>One model, different noises</h3><p>What is left of RP when the noise is not shared:</p><ul class=\"inline\">");
        for (Outcome.Baseline b : m.baselines())
            h.add("<li>%s <b>%s</b></li>", r.label(b.source()), Html.share(b.rp().value()));
        return h.add("</ul>");
    }

    private Html memorization(Outcome.Memorization m) {
        Html h = Html.of(
                "<p>GL is the share of samples that resemble no image of the model's own training set (similarity to the nearest at most %s). "
                        + "Near 1 the model generalizes; near 0 it repeats what it has seen.</p>",
                Html.decimal(m.threshold()));
        if (m.originality().isEmpty()) return h.add("<p>Of no model here is the training set known.</p>");
        h.add("<div class=\"scroll\"><table class=\"rows\"><thead><tr><th scope=\"col\">model</th><th scope=\"col\" class=\"wide\">GL score</th><th scope=\"col\"></th>"
                + "<th scope=\"col\">training images</th><th scope=\"col\">mean similarity to the nearest</th></tr></thead><tbody>");
        for (Outcome.Originality o : m.originality())
            h.add("<tr><th scope=\"row\">%s</th><td class=\"wide\">%s</td><td class=\"number\" data-gl=\"%s\">%s</td><td class=\"number\">%s</td><td class=\"number\">%.2f</td></tr>",
                    r.label(o.source()), Charts.bar("GL of " + r.label(o.source()) + ": " + Html.share(o.gl().value()), o.data(), o.gl()),
                    o.data(),
                    Html.share(o.gl().value()), count(o.trainingImages()), o.mean());
        h.add("</tbody></table></div>");
        if (!m.ideal().isEmpty()) { h.add("<h3>Against the ideal denoiser of the same training images</h3>%s", pairs(m.ideal())); }
        if (m.regimes().size() > 1) {
            List<Charts.Point> rp = new ArrayList<>(), gl = new ArrayList<>();
            for (Outcome.Regime g : m.regimes()) {
                rp.add(new Charts.Point(g.images(), g.pair().rp().value(),
                        String.format(Locale.ROOT, "%,d images: RP %s", g.images(), Html.share(g.pair().rp().value())),
                        g.pair().data()));
                gl.add(new Charts.Point(g.images(), (g.glA().value() + g.glB().value()) / 2,
                        String.format(Locale.ROOT, "%,d images: GL %.2f and %.2f", g.images(), g.glA().value(), g.glB().value()), null));
            }
            h.add("<h3>Regimes</h3><figure>%s</figure>",
                    Charts.curves("RP and GL by size of the training set", "training images", "score", true, 1,
                            List.of(new Charts.Line("RP", rp), new Charts.Line("GL, mean", gl))));
        }
        return h.add("%s", nearest(m));
    }

    private Html nearest(Outcome.Memorization m) {
        Html h = Html.of("<h3>Samples over the training image nearest to each</h3><div class=\"nearest\">");
        for (Outcome.Originality o : m.originality()) {
            Tensor near = pictures.get("nearest." + o.source()), own = pictures.get("samples." + o.source());
            if (near == null || own == null) continue;
            h.add("<figure><figcaption>%s</figcaption><div class=\"strip\">", r.label(o.source()));
            for (int i = 0; i < Math.min(6, Math.min(near.shape().dimInt(0), own.shape().dimInt(0))); i++)
                h.add("<span>%s%s</span>", Gallery.image(HtmlReport.picture(own, i), r.label(o.source()) + ", noise " + i),
                        Gallery.image(HtmlReport.picture(near, i), "training image " + o.nearest()[i]));
            h.add("</div></figure>");
        }
        return h.add("</div>");
    }

    /** Pairs as rows that open. */
    private Html pairs(List<Pair> pairs) {
        Html h = Html.of(
                "<div class=\"scroll\"><table class=\"rows\"><thead><tr><th scope=\"col\">images</th><th scope=\"col\">against</th><th scope=\"col\">RP</th>"
                        + "<th scope=\"col\">MAE score</th><th scope=\"col\">mean similarity</th></tr></thead><tbody>");
        for (Pair p : pairs)
            h.add("<tr><th scope=\"row\"><button type=\"button\" class=\"link\" data-open=\"%s\">%s</button></th><td>%s</td><td class=\"number\" data-rp=\"%s\">%s</td>"
                    + "<td class=\"number\" data-mae=\"%s\">%s</td><td class=\"number\">%.3f</td></tr>", p.data(), r.label(p.a()),
                    r.label(p.b()), p.data(),
                    Html.share(p.rp().value()), p.data(), Html.share(p.mae().value()), p.mean());
        return h.add("</tbody></table></div>");
    }

    private Html steps(Outcome.Steps s) {
        List<Charts.Line> lines = new ArrayList<>();
        for (Outcome.Steps.Curve c : s.curves()) {
            List<Charts.Point> points = new ArrayList<>();
            for (Outcome.Steps.Point p : c.points()) {
                Pair pair = Results.pair(s.pairs(), s.reference(), p.source());
                points.add(new Charts.Point(p.steps(), pair.rp().value(),
                        String.format(Locale.ROOT, "%s, %d steps, %s evaluations: RP %s, MAE score %s", c.sampler(), p.steps(),
                                Html.decimal(Math.round(10 * p.evaluations()) / 10.0), Html.share(pair.rp().value()),
                                Html.share(pair.mae().value())),
                        pair.data()));
            }
            lines.add(new Charts.Line(c.sampler(), points));
        }
        Html h = Html.of("<p>RP of %s with each solver and number of steps against %s, from %s noises. A point opens its pairs.</p>",
                r.label(s.model()),
                r.label(s.reference()), count(r.source(s.reference()).images()));
        h.add("<figure>%s</figure>",
                Charts.curves("RP against the reference by number of steps", "steps", "RP against the reference", true, 1, lines));
        return h.add("<details><summary>The same as a table</summary>%s</details>", pairs(s.pairs()));
    }

    private Html hyperplane(Outcome.Hyperplane p, int index) {
        Html h = Html.of(
                "<p>Three noises (seeds %d, %d, %d) span a plane, ε(α, β) = ε₀ + α (ε₁ − ε₀) + β (ε₂ − ε₀)%s, α to the right and β downwards from %s to %s, "
                        + "%d points each way. A point has the colour of that of the three images which its image resembles (similarity above %s), stronger the more it does. "
                        + "Point at it, or move with the arrow keys, to see what every model makes of it.</p>",
                p.anchors()[0], p.anchors()[1], p.anchors()[2],
                p.slerp() ? ", brought to the sphere" : "", Html.decimal(p.from()), Html.decimal(p.to()), p.points(),
                Html.decimal(p.threshold()));
        h.add("<div class=\"planes\" data-planes=\"%d\">", index);
        for (Outcome.Hyperplane.Plane m : p.planes())
            h.add("<figure><figcaption>%s</figcaption><canvas data-plane=\"%s\" tabindex=\"0\" role=\"img\" width=\"%d\" height=\"%d\" aria-label=\"%s\"></canvas>"
                    + "<div class=\"under\"><canvas class=\"shown\" width=\"1\" height=\"1\" data-image=\"%s\"></canvas><p data-words=\"%s\">%s</p></div></figure>",
                    r.label(m.source()), m.source(),
                    p.points(), p.points(), planeWords(m), m.source(), m.source(), planeWords(m));
        h.add("</div>");
        h.add("<details open=\"open\"><summary>How fast images change, and how far the planes agree</summary><div class=\"two\"><div class=\"scroll\"><table class=\"rows\"><thead><tr><th scope=\"col\">|Δx| / |Δε| of neighbours</th>"
                + "<th scope=\"col\">10 %%</th><th scope=\"col\">median</th><th scope=\"col\">90 %%</th><th scope=\"col\">most</th></tr></thead><tbody>");
        for (Outcome.Hyperplane.Plane m : p.planes())
            h.add("<tr><th scope=\"row\">%s</th><td class=\"number\">%.2f</td><td class=\"number\">%.2f</td><td class=\"number\">%.2f</td><td class=\"number\">%.2f</td></tr>",
                    r.label(m.source()), m.lipschitz()[1], m.lipschitz()[2], m.lipschitz()[3], m.lipschitz()[4]);
        h.add("</tbody></table></div>");
        if (!p.agreements().isEmpty()) {
            h.add("<div class=\"scroll\"><table class=\"rows\"><thead><tr><th scope=\"col\">two models</th><th scope=\"col\">points of one image</th><th scope=\"col\">RP over the plane</th></tr></thead><tbody>");
            for (Outcome.Hyperplane.Agreement a : p.agreements())
                h.add("<tr><th scope=\"row\"><button type=\"button\" class=\"link\" data-open=\"%s\">%s and %s</button></th><td class=\"number\">%.0f %%</td><td class=\"number\" data-rp=\"%s\">%s</td></tr>",
                        a.pair().data(), r.label(a.a()), r.label(a.b()), 100 * a.share(), a.pair().data(),
                        Html.share(a.pair().rp().value()));
            h.add("</tbody></table></div>");
        }
        return h.add("</div></details>");
    }

    private static String planeWords(Outcome.Hyperplane.Plane m) {
        double none = 1 - m.shares()[0] - m.shares()[1] - m.shares()[2];
        return String.format(Locale.ROOT, "%.0f, %.0f and %.0f %% of the points are the first, second and third image, %.0f %% none",
                100 * m.shares()[0], 100 * m.shares()[1],
                100 * m.shares()[2], 100 * Math.max(0, none));
    }

    private Html conditional(Outcome.Conditional c) {
        Html h = new Html();
        for (Outcome.Conditional.ByClass b : c.byClass()) {
            h.add("<h3>%s and %s, told the same class</h3><div class=\"scroll\"><table class=\"heat classes\"><thead><tr><td></td>",
                    modelLabel(b.a()), modelLabel(b.b()));
            c.classes().forEach(k -> h.add("<th scope=\"col\">%s</th>", k));
            h.add("<th scope=\"col\">mean</th></tr></thead><tbody><tr><th scope=\"row\">RP</th>");
            b.pairs().forEach(p -> h.add("%s", Heatmap.cell(r, p, false)));
            h.add("<td class=\"%s\" style=\"--v:%.4f\"><span>%s</span></td></tr><tr><th scope=\"row\">MAE score</th>",
                    Heatmap.strength(b.mean()), b.mean(), Html.share(b.mean()));
            b.pairs().forEach(p -> h.add("%s", Heatmap.cell(r, p, true)));
            h.add("<td></td></tr></tbody></table></div>");
        }
        if (!c.between().isEmpty()) {
            h.add("<h3>Told none, against the most similar of all classes</h3><div class=\"scroll\"><table class=\"rows\"><thead><tr><th scope=\"col\">without a class</th><th scope=\"col\">with</th><th scope=\"col\">RP between</th><th scope=\"col\">mean similarity</th>");
            c.classes().forEach(k -> h.add("<th scope=\"col\">%s</th>", k));
            h.add("</tr></thead><tbody>");
            for (Outcome.Conditional.Between b : c.between()) {
                h.add("<tr><th scope=\"row\">%s</th><td>%s</td><td class=\"number\" data-share=\"%s\">%s</td><td class=\"number\">%.3f</td>",
                        r.label(b.unconditional()),
                        modelLabel(b.conditional()), b.data(), Html.share(b.rp().value()), b.mean());
                for (double s : b.classShares())
                    h.add("<td class=\"number\">%.0f %%</td>", 100 * s);
                h.add("</tr>");
            }
            h.add("</tbody></table></div><p>Under each class: of how many noises its image was the most similar one.</p>");
        }
        return h.add("<details><summary>One model told two classes, from the same noise</summary>%s</details>", pairs(c.acrossClasses()));
    }

    private String modelLabel(String model) {
        return r.sources().stream().filter(s -> s.id().equals(model)).map(Results.Source::label).findFirst().orElse(model);
    }

    private Html mixture(Outcome.Mixture m) {
        List<Charts.Line> lines = new ArrayList<>();
        double top = 0;
        for (Outcome.Mixture.Error e : m.errors()) {
            List<Charts.Point> points = new ArrayList<>();
            for (int i = 0; i < e.t().length; i++) {
                top = Math.max(top, e.atT()[i]);
                points.add(new Charts.Point(e.t()[i], e.atT()[i],
                        String.format(Locale.ROOT, "noise level %.2f: %.4f", e.t()[i], e.atT()[i]), null));
            }
            lines.add(new Charts.Line(r.label(e.source()), points));
        }
        Html h = Html.of("<p>E|s − s*|² / E|s*|² of a network's score s and the true score s* of a mixture of low-rank Gaussians (%s).</p>",
                m.distribution());
        h.add("<figure>%s</figure><ul class=\"inline\">", Charts.curves("Distance of scores by noise level",
                "noise level, from data (0) to noise (1)", "distance", false, Math.max(top, 1e-9), lines));
        for (Outcome.Mixture.Error e : m.errors())
            h.add("<li>%s <b>%.4f</b></li>", r.label(e.source()), e.distance());
        return h.add("</ul>");
    }

    private Html quality(Outcome.Quality q) {
        Html h = Html.of(
                "<p>Fréchet distance of the features of %s (with those of Inception-v3 it is FID; less is nearer), precision (share of a model's images that lie among the real ones) and recall "
                        + "(share of the real images that lie among the model's), with balls that reach to the %d%s nearest neighbour. Lines are 95 %% intervals.</p>",
                q.features(), q.neighbours(), q.neighbours() == 1 ? "st" : q.neighbours() == 2 ? "nd" : q.neighbours() == 3 ? "rd" : "th");
        h.add("<div class=\"scroll\"><table class=\"rows\"><thead><tr><th scope=\"col\">model</th><th scope=\"col\">Fréchet distance</th><th scope=\"col\" class=\"third\">precision</th><th scope=\"col\"></th>"
                + "<th scope=\"col\" class=\"third\">recall</th><th scope=\"col\"></th><th scope=\"col\">images</th><th scope=\"col\">real images</th></tr></thead><tbody>");
        for (Outcome.Quality.Row x : q.rows())
            h.add("<tr><th scope=\"row\">%s</th><td class=\"number\">%.4g</td><td class=\"third\">%s</td><td class=\"number\">%s</td><td class=\"third\">%s</td><td class=\"number\">%s</td>"
                    + "<td class=\"number\">%s</td><td class=\"number\">%s</td></tr>", r.label(x.source()), x.frechet(),
                    Charts.bar("precision of " + r.label(x.source()), x.precision()), Html.share(x.precision().value()),
                    Charts.bar("recall of " + r.label(x.source()), x.recall()), Html.share(x.recall().value()),
                    count(r.source(x.source()).images()), count(x.real()));
        return h.add("</tbody></table></div>");
    }

    private Html device(Outcome.Device d) {
        Html h = Html.of(
                "<p>Each model's samples in strict mode against the same, computed otherwise.</p><div class=\"scroll\"><table class=\"rows\"><thead><tr><th scope=\"col\">computed</th><th scope=\"col\">RP</th><th scope=\"col\">MAE score</th>"
                        + "<th scope=\"col\">the same bytes</th><th scope=\"col\">pixels that differ</th><th scope=\"col\">root mean square</th><th scope=\"col\">most</th></tr></thead><tbody>");
        for (Outcome.Device.Variant v : d.variants())
            h.add("<tr><th scope=\"row\"><button type=\"button\" class=\"link\" data-open=\"%s\">%s</button></th><td class=\"number\" data-rp=\"%s\">%s</td><td class=\"number\" data-mae=\"%s\">%s</td>"
                    + "<td class=\"number\">%d of %d</td><td class=\"number\">%.2f %%</td><td class=\"number\">%.2g</td><td class=\"number\">%.2g</td></tr>",
                    v.pair().data(),
                    r.label(v.pair().b()), v.pair().data(), Html.share(v.pair().rp().value()), v.pair().data(),
                    Html.share(v.pair().mae().value()), v.identical(), v.pair().rp().of(),
                    100 * v.pixels(), v.rms(), v.most());
        return h.add("</tbody></table></div><p>Differences are of values in [−1, 1].</p>");
    }

    private static String count(int n) { return String.format(Locale.ROOT, "%,d", n); }
}
