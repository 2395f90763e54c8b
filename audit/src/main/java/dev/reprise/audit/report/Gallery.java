package dev.reprise.audit.report;

import dev.reprise.loaders.image.Image;
import dev.reprise.ops.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** The first noises and what each model makes of them (figure 1 of the paper). */
final class Gallery {
    private final Results results;
    private final Map<String, Tensor> pictures;

    Gallery(Results results, Map<String, Tensor> pictures) {
        this.results = results;
        this.pictures = pictures;
    }

    /** Sources made of the audit's own noises by models as the spec has them. */
    private List<Results.Source> columns() {
        String seeds = "seeds " + results.settings().seeds();
        return results.sources().stream().filter(s -> s.id().equals(s.model()) && s.noises().equals(seeds)).toList();
    }

    Html section() {
        List<Results.Source> columns = columns();
        if (columns.isEmpty()) return new Html();
        Tensor noise = pictures.get("noise");
        long first = Long.parseLong(results.settings().seeds().split("-")[0]);
        int rows = results.settings().rows();
        for (Results.Source s : columns)
            rows = Math.min(rows, pictures.get("samples." + s.id()).shape().dimInt(0));
        Html h = new Html();
        h.add("<section id=\"gallery\"><h2>The same noise, model by model</h2>");
        h.add("<p>Each row starts from one noise, drawn from the seed at its left; each column is a model. "
                + "Where models are reproducible, a row shows one picture.</p>");
        h.add("<div class=\"scroll\"><table class=\"grid\"><thead><tr><th scope=\"col\">seed</th>%s",
                noise == null ? "" : Html.of("<th scope=\"col\">noise</th>"));
        for (Results.Source s : columns)
            h.add("<th scope=\"col\">%s<small>%s</small></th>", Html.unbroken(s.label()), s.objective());
        h.add("</tr></thead><tbody>");
        for (int row = 0; row < rows; row++) {
            h.add("<tr><th scope=\"row\">%d</th>", first + row);
            if (noise != null && row < noise.shape().dimInt(0))
                h.add("<td class=\"noise\">%s</td>", image(HtmlReport.picture(noise, row), "noise of seed " + (first + row)));
            for (Results.Source s : columns)
                h.add("<td>%s</td>",
                        image(HtmlReport.picture(pictures.get("samples." + s.id()), row), s.label() + ", seed " + (first + row)));
            h.add("</tr>");
        }
        return h.add("</tbody></table></div></section>");
    }

    static Html image(Image i, String alt) {
        return Html.of("<img src=\"%s\" width=\"%d\" height=\"%d\" alt=\"%s\">", StoredPng.dataUri(i.width(), i.height(), i.rgb()),
                i.width(), i.height(), alt);
    }
}
