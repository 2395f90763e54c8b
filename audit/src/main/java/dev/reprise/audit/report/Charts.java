package dev.reprise.audit.report;

import java.util.Arrays;
import java.util.Locale;

/** Small charts as inline SVG, coloured by the page's style sheet. */
final class Charts {
    private static final int WIDTH = 200, HEIGHT = 64, AXIS = 14;

    private Charts() {}

    /**
     * A histogram over [0, 1] with a line at the threshold; bars above it are the accent colour.
     *
     * @param label what it shows, for those who do not see it
     * @param name  of the values that it counts, by which the page finds it when the threshold moves
     */
    static Html histogram(String label, String name, int[] counts, double threshold) {
        int most = Math.max(1, Arrays.stream(counts).max().orElse(1));
        double step = WIDTH / (double) counts.length;
        Html h = new Html();
        h.add("<svg class=\"histogram\" data-histogram=\"%s\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">", name, WIDTH,
                HEIGHT + AXIS, label);
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] == 0) continue;
            double height = Math.max(1, HEIGHT * (double) counts[i] / most), middle = (i + 0.5) / counts.length;
            h.add("<rect class=\"%s\" data-at=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"><title>%s</title></rect>",
                    middle > threshold ? "bar above" : "bar", number(middle), number(i * step + 0.5), number(HEIGHT - height),
                    number(step - 1),
                    number(height),
                    String.format(Locale.ROOT, "%.2f to %.2f: %d", i / (double) counts.length, (i + 1) / (double) counts.length,
                            counts[i]));
        }
        h.add("<line class=\"axis\" x1=\"0\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>", HEIGHT, WIDTH, HEIGHT);
        h.add("<line class=\"mark\" x1=\"%s\" y1=\"0\" x2=\"%s\" y2=\"%d\"/>", number(threshold * WIDTH), number(threshold * WIDTH),
                HEIGHT);
        h.add("<text class=\"tick\" x=\"0\" y=\"%d\">0</text><text class=\"tick\" x=\"%d\" y=\"%d\" text-anchor=\"end\">1</text>",
                HEIGHT + 11, WIDTH,
                HEIGHT + 11);
        h.add("<text class=\"tick at\" x=\"%s\" y=\"%d\" text-anchor=\"middle\">%s</text>", number(threshold * WIDTH), HEIGHT + 11,
                number(threshold));
        return h.add("</svg>");
    }

    /** A horizontal bar in [0, 1] with its confidence interval. */
    static Html bar(String label, Results.Share s) {
        return bar(label, Html.of(""), s);
    }

    /** @param name of the values that it counts, by which the page finds it when the threshold moves */
    static Html bar(String label, String name, Results.Share s) {
        return bar(label, Html.of("data-bar=\"%s\"", name), s);
    }

    private static Html bar(String label, Html data, Results.Share s) {
        Html h = new Html();
        h.add("<svg class=\"share\" %s viewBox=\"0 0 300 18\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"%s\">",
                data, label);
        h.add("<rect class=\"track\" x=\"0\" y=\"3\" width=\"300\" height=\"12\" rx=\"3\"/>");
        h.add("<rect class=\"fill\" x=\"0\" y=\"3\" width=\"%s\" height=\"12\" rx=\"3\"/>", number(300 * s.value()));
        h.add("<line class=\"interval\" x1=\"%s\" y1=\"9\" x2=\"%s\" y2=\"9\"/>", number(300 * s.low()), number(300 * s.high()));
        for (double end : new double[]{s.low(), s.high()})
            h.add("<line class=\"interval\" x1=\"%s\" y1=\"5\" x2=\"%s\" y2=\"13\"/>", number(300 * end), number(300 * end));
        return h.add("</svg>");
    }

    static String number(double v) {
        String s = String.format(Locale.ROOT, "%.2f", v);
        return s.contains(".") ? s.replaceAll("0+$", "").replaceAll("\\.$", "") : s;
    }
}
