package dev.reprise.bench;

import java.util.List;
import java.util.Locale;

/** A bar chart as SVG: the time of an image on each device, and of it what copying takes. */
final class BarPlot {
    private static final int LEFT = 230, WIDTH = 460, BAR = 18, GAP = 10;

    private BarPlot() {}

    static String of(List<DeviceBench.Row> rows) {
        double most = rows.stream().mapToDouble(DeviceBench.Row::perImage).max().orElse(1);
        int height = 40 + rows.size() * (BAR + GAP);
        StringBuilder s = new StringBuilder(String.format(Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">%n"
                        + "<text x=\"8\" y=\"20\">milliseconds an image; the darker part is copying to and from the device</text>%n",
                LEFT + WIDTH + 90, height));
        int y = 34;
        for (DeviceBench.Row r : rows) {
            double all = WIDTH * r.perImage() / most, copy = WIDTH * Math.min(r.transferMs() / r.batch(), r.perImage()) / most;
            s.append(String.format(Locale.ROOT,
                    "<text x=\"8\" y=\"%d\">%s, batch %d, %s</text><rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"#5b8ff9\"/>"
                            + "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"#1d39c4\"/><text x=\"%.1f\" y=\"%d\">%.2f</text>%n",
                    y + 13, escaped(r.model()), r.batch(), escaped(r.device()), LEFT, y, all, BAR, LEFT, y, copy, BAR, LEFT + all + 6,
                    y + 13,
                    r.perImage()));
            y += BAR + GAP;
        }
        return s.append("</svg>\n").toString();
    }

    private static String escaped(String s) { return s.replace("&", "&amp;").replace("<", "&lt;"); }
}
