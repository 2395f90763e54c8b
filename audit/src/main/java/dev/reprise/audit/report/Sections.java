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
    private final Tables tables;

    Sections(Results results, Map<String, Tensor> pictures) {
        r = results;
        tables = new Tables(results);
        this.pictures = pictures;
    }

    Html body(Outcome o, int index) {
        return switch (o) {
            case Outcome.Matrix m -> matrix(m);
            case Outcome.Memorization m -> memorization(m);
            case Outcome.Steps s -> steps(s);
            case Outcome.Hyperplane p -> new PlaneSection(r).of(p, index);
            case Outcome.Conditional c -> conditional(c);
            case Outcome.Mixture m -> mixture(m);
            case Outcome.Quality q -> quality(q);
            case Outcome.Device d -> device(d);
        };
    }

    private Html matrix(Outcome.Matrix m) {
        if (m.pairs().isEmpty()) return Html.of("<p>One model alone: there is nothing to compare it with.</p>");
        int n = r.source(m.sources().getFirst()).images();
        Html h = Html.of(
                "<p>RP is the share of noises whose two images have a descriptor similarity above %s; the MAE score that of those whose pixels differ by less than "
                        + "%s of 255 on average. Each cell is a share of %s noises%s; it opens its pairs of images.</p>",
                Html.decimal(m.threshold()), Html.decimal(r.settings().maeThreshold()), count(n), widest(m.pairs()));
        h.add("<div class=\"two\">%s%s</div>", Heatmap.of("RP score", r, m.sources(), m.pairs(), false),
                Heatmap.of("MAE score", r, m.sources(), m.pairs(), true));
        h.add("<details%s><summary>How alike the pictures are, pair by pair</summary><p>Descriptor similarity from 0 to 1 (across) of the %s pairs of images, counted in %d bins (upwards). "
                + "The dashed line is the threshold: what lies right of it counts for RP.</p><div class=\"multiples\">",
                new Html.Raw(m.pairs().size() > 20 ? "" : " open=\"open\""), count(n), Results.BINS);
        for (Pair p : m.pairs()) {
            String name = r.label(p.a()) + " and " + r.label(p.b());
            h.add("<figure><figcaption><button type=\"button\" class=\"link\" data-open=\"%s\">%s</button><b data-rp=\"%s\">%s</b></figcaption>%s</figure>",
                    p.data(), name, p.data(), Html.share(p.rp().value()),
                    Charts.histogram("Similarity of " + name, p.data(), p.histogram(), m.threshold()));
        }
        h.add("</div></details><details><summary>Every pair with its 95 %% intervals</summary>%s</details>", tables.pairs(m.pairs()));
        if (m.baselines().isEmpty()) return h;
        h.add("<h3>One model, different noises</h3><p>What is left of RP when the noise is not shared: neighbouring noises of one model, with 95 %% intervals.</p><ul class=\"inline\">");
        for (Outcome.Baseline b : m.baselines())
            h.add("<li>%s <b>%s</b> <small class=\"within\">%s</small></li>", r.label(b.source()), Html.share(b.rp().value()),
                    Tables.interval(b.rp()));
        return h.add("</ul>");
    }

    /** How far the ends of the widest interval of RP are from each other. */
    private static String widest(List<Pair> pairs) {
        double w = pairs.stream().mapToDouble(p -> p.rp().high() - p.rp().low()).max().orElse(0);
        return String.format(Locale.ROOT, " (95 %% intervals after Wilson are at most %.2f wide; the table below has them)", w);
    }

    private Html memorization(Outcome.Memorization m) {
        Html h = Html.of(
                "<p>GL is the share of samples that resemble no image of the model's own training set (similarity to the nearest at most %s). "
                        + "Near 1 the model generalizes; near 0 it repeats what it has seen. Lines and brackets are 95 %% intervals.</p>",
                Html.decimal(m.threshold()));
        if (m.originality().isEmpty()) return h.add("<p>Of no model here is the training set known.</p>");
        h.add("<div class=\"scroll\"><table class=\"rows\"><thead><tr><th scope=\"col\">model</th><th scope=\"col\" class=\"wide\">GL score</th><th scope=\"col\"></th>"
                + "<th scope=\"col\">samples</th><th scope=\"col\">training images</th><th scope=\"col\">mean similarity to the nearest</th></tr></thead><tbody>");
        for (Outcome.Originality o : m.originality())
            h.add("<tr><th scope=\"row\">%s</th><td class=\"wide\">%s</td>%s<td class=\"number\">%s</td><td class=\"number\">%s</td><td class=\"number\">%.2f</td></tr>",
                    r.label(o.source()), Charts.bar("GL of " + r.label(o.source()) + ": " + Html.share(o.gl().value()), o.data(), o.gl()),
                    Tables.share(o.gl(), "gl", o.data()), count(o.gl().of()), count(o.trainingImages()), o.mean());
        h.add("</tbody></table></div>");
        if (!m.ideal().isEmpty())
            h.add("<h3>Against the ideal denoiser of the same training images</h3>%s", tables.pairs(m.ideal()));
        return h.add("%s%s", m.regimes().size() > 1 ? regimes(m) : new Html(), nearest(m));
    }

    private Html regimes(Outcome.Memorization m) {
        List<Curves.Point> rp = new ArrayList<>(), first = new ArrayList<>(), second = new ArrayList<>();
        for (Outcome.Regime g : m.regimes()) {
            String n = count(g.images()) + " images, ";
            rp.add(Curves.Point.rp(g.images(), g.pair(), n + "RP of " + r.label(g.pair().a()) + " and " + r.label(g.pair().b())));
            first.add(Curves.Point.gl(g.images(), g.glA(), g.pair().a(), n + "GL of " + r.label(g.pair().a())));
            if (m.originality().stream().anyMatch(o -> o.source().equals(g.pair().b())))
                second.add(Curves.Point.gl(g.images(), g.glB(), g.pair().b(), n + "GL of " + r.label(g.pair().b())));
        }
        List<Curves.Line> lines = new ArrayList<>(List.of(new Curves.Line("RP", rp), new Curves.Line("GL, one model", first)));
        if (!second.isEmpty()) lines.add(new Curves.Line("GL, the other", second));
        return Html.of(
                "<h3>Regimes</h3><p>RP of two models trained on as many images each, or of one and its ideal denoiser, and GL of each, by the number of images (logarithmic). "
                        + "Vertical lines are 95 %% intervals.</p><figure>%s</figure>",
                Curves.of("RP and GL by size of the training set", new Curves.Axes("training images", "score", true, 1), lines));
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

    private Html steps(Outcome.Steps s) {
        List<Curves.Line> lines = new ArrayList<>();
        for (Outcome.Steps.Curve c : s.curves()) {
            List<Curves.Point> points = new ArrayList<>();
            for (Outcome.Steps.Point p : c.points())
                points.add(Curves.Point.rp(p.steps(), Results.pair(s.pairs(), s.reference(), p.source()),
                        String.format(Locale.ROOT, "%s, %d steps, %s evaluations", c.sampler(), p.steps(),
                                Html.decimal(Math.round(10 * p.evaluations()) / 10.0))));
            lines.add(new Curves.Line(c.sampler(), points));
        }
        Html h = Html.of(
                "<p>RP of %s with each solver and number of steps against %s, from %s noises. Vertical lines are 95 %% intervals; a point opens its pairs.</p>",
                r.label(s.model()), r.label(s.reference()), count(r.source(s.reference()).images()));
        h.add("<figure>%s</figure>",
                Curves.of("RP against the reference by number of steps", new Curves.Axes("steps", "RP against the reference", true, 1),
                        lines));
        return h.add("<details><summary>The same as a table</summary>%s</details>", tables.pairs(s.pairs()));
    }

    private Html conditional(Outcome.Conditional c) {
        int n = r.sources().stream().filter(x -> !c.byClass().isEmpty() && x.id().equals(c.byClass().getFirst().pairs().getFirst().a()))
                .findFirst().map(Results.Source::images).orElse(c.between().isEmpty() ? 0 : c.between().getFirst().rp().of());
        Html h = Html.of("<p>Models told what to draw, from %s noises a class. A cell opens its pairs; brackets are 95 %% intervals.</p>",
                count(n));
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
            h.add("<h3>Told none, against the most similar of all classes</h3><div class=\"scroll\"><table class=\"rows\"><thead><tr><th scope=\"col\">without a class</th><th scope=\"col\" class=\"words\">with</th><th scope=\"col\">RP between</th><th scope=\"col\">mean similarity</th>");
            c.classes().forEach(k -> h.add("<th scope=\"col\">%s</th>", k));
            h.add("</tr></thead><tbody>");
            for (Outcome.Conditional.Between b : c.between()) {
                h.add("<tr><th scope=\"row\">%s</th><td>%s</td>%s<td class=\"number\">%.3f</td>",
                        r.label(b.unconditional()),
                        modelLabel(b.conditional()), Tables.share(b.rp(), "share", b.data()), b.mean());
                for (double s : b.classShares())
                    h.add("<td class=\"number\">%.0f %%</td>", 100 * s);
                h.add("</tr>");
            }
            h.add("</tbody></table></div><p>Under each class: of how many noises its image was the most similar one.</p>");
        }
        return h.add("<details><summary>One model told two classes, from the same noise</summary>%s</details>",
                tables.pairs(c.acrossClasses()));
    }

    private String modelLabel(String model) {
        return r.sources().stream().filter(s -> s.id().equals(model)).map(Results.Source::label).findFirst().orElse(model);
    }

    private Html mixture(Outcome.Mixture m) {
        List<Curves.Line> lines = new ArrayList<>();
        double top = 1e-9;
        for (Outcome.Mixture.Error e : m.errors()) {
            List<Curves.Point> points = new ArrayList<>();
            for (int i = 0; i < e.t().length; i++) {
                top = Math.max(top, e.atT()[i]);
                points.add(Curves.Point.number(e.t()[i], e.atT()[i],
                        String.format(Locale.ROOT, "noise level %.2f: %.4f", e.t()[i], e.atT()[i])));
            }
            lines.add(new Curves.Line(r.label(e.source()), points));
        }
        Html h = Html.of(
                "<p>E|s − s*|² / E|s*|² of a network's score s and the true score s* of a mixture of low-rank Gaussians (%s), by noise level.</p>",
                m.distribution());
        h.add("<figure>%s</figure><p>Over all levels:</p><ul class=\"inline\">", Curves.of("Distance of scores by noise level",
                new Curves.Axes("noise level, from data (0) to noise (1)", "distance from the true score", false, top), lines));
        for (Outcome.Mixture.Error e : m.errors())
            h.add("<li>%s <b>%.4f</b></li>", r.label(e.source()), e.distance());
        return h.add("</ul>");
    }

    private Html quality(Outcome.Quality q) {
        Html h = Html.of(
                "<p>Fréchet distance of the features of %s (with those of Inception-v3 it is FID; less is nearer), precision (share of a model's images that lie among the real ones) and recall "
                        + "(share of the real images that lie among the model's), with balls that reach to the %d%s nearest neighbour. Lines and brackets are 95 %% intervals.</p>",
                q.features(), q.neighbours(), q.neighbours() == 1 ? "st" : q.neighbours() == 2 ? "nd" : q.neighbours() == 3 ? "rd" : "th");
        h.add("<div class=\"scroll\"><table class=\"rows\"><thead><tr><th scope=\"col\">model</th><th scope=\"col\">Fréchet distance</th><th scope=\"col\" class=\"third\">precision</th><th scope=\"col\"></th>"
                + "<th scope=\"col\" class=\"third\">recall</th><th scope=\"col\"></th><th scope=\"col\">images</th><th scope=\"col\">real images</th></tr></thead><tbody>");
        for (Outcome.Quality.Row x : q.rows())
            h.add("<tr><th scope=\"row\">%s</th><td class=\"number\">%.4g</td><td class=\"third\">%s</td><td class=\"number\">%s <small class=\"within\">%s</small></td><td class=\"third\">%s</td><td class=\"number\">%s <small class=\"within\">%s</small></td>"
                    + "<td class=\"number\">%s</td><td class=\"number\">%s</td></tr>", r.label(x.source()), x.frechet(),
                    Charts.bar("precision of " + r.label(x.source()), x.precision()), Html.share(x.precision().value()),
                    Tables.interval(x.precision()),
                    Charts.bar("recall of " + r.label(x.source()), x.recall()), Html.share(x.recall().value()), Tables.interval(x.recall()),
                    count(r.source(x.source()).images()), count(x.real()));
        return h.add("</tbody></table></div>");
    }

    private Html device(Outcome.Device d) {
        Html h = Html.of(
                "<p>Each model's samples in strict mode against the same, computed otherwise. Differences are of values in [−1, 1], shares of 8-bit values; brackets are 95 %% intervals.</p>"
                        + "<div class=\"scroll\"><table class=\"rows\"><thead><tr><th scope=\"col\">computed</th><th scope=\"col\">RP</th><th scope=\"col\">MAE score</th>"
                        + "<th scope=\"col\">images of the same bytes</th><th scope=\"col\">pixels that differ</th><th scope=\"col\">root mean square difference</th><th scope=\"col\">largest</th></tr></thead><tbody>");
        for (Outcome.Device.Variant v : d.variants())
            h.add("<tr><th scope=\"row\"><button type=\"button\" class=\"link\" data-open=\"%s\">%s</button></th>%s%s"
                    + "<td class=\"number\">%d of %d</td><td class=\"number\">%.2f %%</td><td class=\"number\">%.2g</td><td class=\"number\">%.2g</td></tr>",
                    v.pair().data(), r.label(v.pair().b()), Tables.share(v.pair().rp(), "rp", v.pair().data()),
                    Tables.share(v.pair().mae(), "mae", v.pair().data()), v.identical(), v.pair().rp().of(), 100 * v.pixels(), v.rms(),
                    v.most());
        return h.add("</tbody></table></div>");
    }

    private static String count(int n) { return String.format(Locale.ROOT, "%,d", n); }
}
