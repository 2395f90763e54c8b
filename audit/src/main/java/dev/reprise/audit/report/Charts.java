package dev.reprise.audit.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Small charts as inline SVG, coloured by the page's style sheet. */
final class Charts {
    private static final int WIDTH = 200, HEIGHT = 64, AXIS = 14;
    private static final int PLOT = 620, PLOT_HEIGHT = 260, LEFT = 44, RIGHT = 150, TOP = 12, BOTTOM = 42;

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

    /** @param pair opened by a click, or null */
    record Point(double x, double y, String words, String pair) {}

    record Line(String label, List<Point> points) {}

    /** Curves over a logarithmic or linear x, y in [0, top]. */
    static Html curves(String label, String xAxis, String yAxis, boolean log, double top, List<Line> lines) {
        double lo = lines.stream().flatMap(l -> l.points.stream()).mapToDouble(Point::x).min().orElse(1),
                hi = lines.stream().flatMap(l -> l.points.stream()).mapToDouble(Point::x).max().orElse(1);
        double a = log ? Math.log(lo) : lo, b = log ? Math.log(hi) : hi, span = b > a ? b - a : 1;
        Html h = new Html();
        h.add("<svg class=\"curves\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">", PLOT, PLOT_HEIGHT + TOP + BOTTOM, label);
        for (int i = 0; i <= 4; i++) {
            String y = number(TOP + PLOT_HEIGHT * (1 - i / 4.0));
            h.add("<line class=\"axis\" x1=\"%d\" y1=\"%s\" x2=\"%d\" y2=\"%s\"/><text class=\"tick\" x=\"%d\" y=\"%s\" dy=\"4\" text-anchor=\"end\">%s</text>",
                    LEFT, y, PLOT - RIGHT, y, LEFT - 8, y, number(top * i / 4));
        }
        lines.stream().flatMap(l -> l.points.stream()).mapToDouble(Point::x).distinct().sorted().forEach(x -> h.add(
                "<text class=\"tick\" x=\"%s\" y=\"%d\" text-anchor=\"middle\">%s</text>", number(place(x, log, a, span)),
                TOP + PLOT_HEIGHT + 18,
                lines.getFirst().points.size() > 12 ? "" : Html.decimal(x)));
        h.add("<text class=\"name\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>", (LEFT + PLOT - RIGHT) / 2, TOP + PLOT_HEIGHT + 36,
                xAxis);
        h.add("<text class=\"name\" x=\"12\" y=\"%d\" text-anchor=\"middle\" transform=\"rotate(-90 12 %d)\">%s</text>",
                TOP + PLOT_HEIGHT / 2,
                TOP + PLOT_HEIGHT / 2, yAxis);
        double[] labels = labels(lines, top);
        for (int k = 0; k < lines.size(); k++)
            line(h, lines.get(k), "line" + k % 6, log, a, span, top, labels[k]);
        return h.add("</svg>");
    }

    private static void line(Html h, Line l, String style, boolean log, double a, double span, double top, double labelAt) {
        StringBuilder path = new StringBuilder();
        for (Point p : l.points)
            path.append(path.isEmpty() ? "M" : "L").append(number(place(p.x, log, a, span))).append(' ').append(number(height(p.y, top)));
        h.add("<path class=\"curve %s\" d=\"%s\"/>", style, path.toString());
        for (Point p : l.points)
            h.add("<circle class=\"point %s\" cx=\"%s\" cy=\"%s\" r=\"4.5\" tabindex=\"0\" role=\"%s\" data-tip=\"%s\"%s aria-label=\"%s\"/>",
                    style,
                    number(place(p.x, log, a, span)), number(height(p.y, top)), p.pair == null ? "img" : "button", p.words,
                    new Html.Raw(p.pair == null ? "" : " data-open=\"" + Html.escape(p.pair) + "\""), p.words);
        h.add("<text class=\"label %s\" x=\"%d\" y=\"%s\" dy=\"4\">%s</text>", style, PLOT - RIGHT + 12, number(labelAt), l.label);
    }

    /** Heights of the lines' names beside their last points, far enough apart to be read. */
    private static double[] labels(List<Line> lines, double top) {
        double[] y = lines.stream().mapToDouble(l -> l.points.isEmpty() ? 0 : height(l.points.getLast().y, top)).toArray();
        Integer[] order = new Integer[y.length];
        for (int i = 0; i < order.length; i++)
            order[i] = i;
        Arrays.sort(order, java.util.Comparator.comparingDouble(i -> y[i]));
        for (int i = 1; i < order.length; i++)
            y[order[i]] = Math.max(y[order[i]], y[order[i - 1]] + 16);
        return y;
    }

    private static double place(double x, boolean log, double a, double span) {
        return LEFT + (PLOT - RIGHT - LEFT) * ((log ? Math.log(x) : x) - a) / span;
    }

    private static double height(double y, double top) { return TOP + PLOT_HEIGHT * (1 - Math.clamp(y / top, 0, 1)); }

    static String number(double v) {
        String s = String.format(Locale.ROOT, "%.2f", v);
        return s.contains(".") ? s.replaceAll("0+$", "").replaceAll("\\.$", "") : s;
    }
}
