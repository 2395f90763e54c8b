package dev.reprise.audit.report;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Curves as inline SVG, with the 95 % intervals of what was counted; the page moves those that a threshold decides. */
final class Curves {
    private static final int PLOT = 640, HEIGHT = 260, LEFT = 62, RIGHT = 150, TOP = 12, BOTTOM = 44;
    /** More numbers than this below an axis cannot be read. */
    private static final int MOST_TICKS = 12;

    private Curves() {}

    /**
     * A point.
     *
     * @param words what it is; the page adds what was counted
     * @param share with its interval, or null for a number that is none
     * @param data  of the array that was counted, {@code NAME.similarity} (RP) or {@code NAME.nearest} (GL); null for none
     * @param pair  opened by a click, or null
     */
    record Point(double x, double y, String words, Results.Share share, String data, String pair) {
        /** A share of pairs above the threshold. */
        static Point rp(double x, Results.Pair p, String words) {
            return new Point(x, p.rp().value(), words, p.rp(), p.data() + ".similarity", p.data());
        }

        /** A share of samples that resemble no training image. */
        static Point gl(double x, Results.Share s, String source, String words) {
            return new Point(x, s.value(), words, s, source + ".nearest", null);
        }

        static Point number(double x, double y, String words) { return new Point(x, y, words, null, null, null); }

        private String tip() {
            if (share == null) return words;
            return String.format(Locale.ROOT, "%s: %s, %d of %d, 95 %% interval %.3f to %.3f", words, Html.share(share.value()),
                    share.hits(),
                    share.of(), share.low(), share.high());
        }
    }

    record Line(String label, List<Point> points) {}

    /** The axes: x logarithmic or linear, y from 0 to at least {@code top}. */
    record Axes(String x, String y, boolean log, double top) {}

    static Html of(String label, Axes axes, List<Line> lines) {
        double step = step(axes.top / 4), top = axes.top == 1 ? 1 : step * Math.ceil(axes.top / step - 1e-9);
        double lo = lines.stream().flatMap(l -> l.points.stream()).mapToDouble(Point::x).min().orElse(1),
                hi = lines.stream().flatMap(l -> l.points.stream()).mapToDouble(Point::x).max().orElse(1);
        Scale s = new Scale(axes.log, axes.log ? Math.log(lo) : lo, axes.log ? Math.log(hi) : hi, top);
        Html h = new Html();
        h.add("<svg class=\"curves\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\" data-top=\"%d\" data-height=\"%d\">", PLOT,
                HEIGHT + TOP + BOTTOM, label, TOP, HEIGHT);
        for (int i = 0; i * step <= top * (1 + 1e-9); i++) {
            String y = Charts.number(s.y(i * step));
            h.add("<line class=\"axis\" x1=\"%d\" y1=\"%s\" x2=\"%d\" y2=\"%s\"/><text class=\"tick\" x=\"%d\" y=\"%s\" dy=\"4\" text-anchor=\"end\">%s</text>",
                    LEFT, y, PLOT - RIGHT, y, LEFT - 8, y, tick(i * step, step));
        }
        double[] ticks = lines.stream().flatMap(l -> l.points.stream()).mapToDouble(Point::x).distinct().sorted().toArray();
        if (ticks.length > MOST_TICKS) ticks = new double[]{0, 0.25, 0.5, 0.75, 1};
        for (double x : ticks)
            h.add("<text class=\"tick\" x=\"%s\" y=\"%d\" text-anchor=\"middle\">%s</text>", Charts.number(s.x(x)), TOP + HEIGHT + 18,
                    x >= 1000 ? String.format(Locale.ROOT, "%,.0f", x) : Html.decimal(x));
        h.add("<text class=\"name\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>", (LEFT + PLOT - RIGHT) / 2, TOP + HEIGHT + 38,
                axes.x);
        h.add("<text class=\"name\" x=\"14\" y=\"%d\" text-anchor=\"middle\" transform=\"rotate(-90 14 %d)\">%s</text>", TOP + HEIGHT / 2,
                TOP + HEIGHT / 2, axes.y);
        double[] labels = labels(lines, s);
        for (int k = 0; k < lines.size(); k++)
            line(h, lines.get(k), "line" + k % 6, s, labels[k]);
        return h.add("</svg>");
    }

    /** Where numbers are. */
    private record Scale(boolean log, double from, double to, double top) {
        double x(double v) { return to > from ? LEFT + (PLOT - RIGHT - LEFT) * ((log ? Math.log(v) : v) - from) / (to - from) : LEFT; }

        double y(double v) { return TOP + HEIGHT * (1 - Math.clamp(v / top, 0, 1)); }
    }

    /** The least of 1, 2, 2.5, 5 times a power of ten that is not below. */
    private static double step(double least) {
        double power = Math.pow(10, Math.floor(Math.log10(least)));
        for (double m : new double[]{1, 2, 2.5, 5})
            if (m * power >= least * (1 - 1e-9)) return m * power;
        return 10 * power;
    }

    private static String tick(double v, double step) {
        String s = String.format(Locale.ROOT, "%." + Math.max(0, (int) Math.ceil(1 - Math.log10(step))) + "f", v);
        return s.contains(".") ? s.replaceAll("0+$", "").replaceAll("\\.$", "") : s;
    }

    private static void line(Html h, Line l, String style, Scale s, double labelAt) {
        StringBuilder path = new StringBuilder();
        for (Point p : l.points)
            path.append(path.isEmpty() ? "M" : "L").append(Charts.number(s.x(p.x))).append(' ').append(Charts.number(s.y(p.y)));
        h.add("<g class=\"line\"><path class=\"curve %s\" d=\"%s\"/>", style, path.toString());
        for (Point p : l.points) {
            String x = Charts.number(s.x(p.x));
            if (p.share != null)
                h.add("<line class=\"whisker %s\" x1=\"%s\" x2=\"%s\" y1=\"%s\" y2=\"%s\"/>", style, x, x,
                        Charts.number(s.y(p.share.low())),
                        Charts.number(s.y(p.share.high())));
            h.add("<circle class=\"point %s\" cx=\"%s\" cy=\"%s\" r=\"4.5\" tabindex=\"0\" role=\"%s\" data-tip=\"%s\"%s%s aria-label=\"%s\"/>",
                    style, x, Charts.number(s.y(p.y)), p.pair == null ? "img" : "button", p.tip(),
                    new Html.Raw(p.data == null
                            ? ""
                            : " data-counted=\"" + Html.escape(p.data) + "\" data-words=\"" + Html.escape(p.words) + "\""),
                    new Html.Raw(p.pair == null ? "" : " data-open=\"" + Html.escape(p.pair) + "\""), p.tip());
        }
        h.add("<text class=\"label %s\" x=\"%d\" y=\"%s\" dy=\"4\">%s</text></g>", style, PLOT - RIGHT + 12, Charts.number(labelAt),
                l.label);
    }

    /** Heights of the lines' names beside their last points, far enough apart to be read, and none below the axis. */
    private static double[] labels(List<Line> lines, Scale s) {
        double[] y = lines.stream().mapToDouble(l -> l.points.isEmpty() ? TOP : s.y(l.points.getLast().y)).toArray();
        Integer[] order = new Integer[y.length];
        for (int i = 0; i < order.length; i++)
            order[i] = i;
        Arrays.sort(order, Comparator.comparingDouble(i -> y[i]));
        for (int i = 1; i < order.length; i++)
            y[order[i]] = Math.max(y[order[i]], y[order[i - 1]] + 16);
        double limit = TOP + HEIGHT;
        for (int i = order.length - 1; i >= 0; i--, limit -= 16)
            y[order[i]] = Math.min(y[order[i]], limit);
        return y;
    }
}
