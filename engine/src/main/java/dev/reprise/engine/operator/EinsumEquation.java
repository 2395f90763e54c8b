package dev.reprise.engine.operator;

import dev.reprise.ops.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An einsum equation with its shapes: labels are letters; the axes of an ellipsis get labels of their own, counted from the
 * last, so that operands of different rank broadcast. A label's size is that of its axes that are not 1.
 */
record EinsumEquation(List<String> inputs, String output, Map<Character, Long> sizes) {
    /** Labels of ellipsis axes: this less the distance from the last. No equation can contain them. */
    private static final char LAST = '\uffff';

    static EinsumEquation of(BindContext c) {
        String text = c.attributes().string("equation").replaceAll("\\s", "");
        int arrow = text.indexOf("->");
        String[] terms = (arrow < 0 ? text : text.substring(0, arrow)).split(",", -1);
        c.require(terms.length == c.inputs(), "equation '" + text + "' has " + terms.length + " terms for " + c.inputs() + " inputs");
        Map<Character, Long> sizes = new HashMap<>();
        List<String> inputs = new ArrayList<>();
        int ellipsis = 0;
        for (int i = 0; i < terms.length; i++) {
            Shape s = c.shape(i);
            int dots = s.rank() - letters(terms[i]);
            boolean has = terms[i].contains("...");
            c.require(has ? dots >= 0 : dots == 0, "term '" + terms[i] + "' of equation '" + text + "' does not fit shape " + s);
            ellipsis = Math.max(ellipsis, dots);
            String labels = expand(terms[i], dots);
            c.require(labels.chars().allMatch(l -> Character.isLetter(l) || l > LAST - 256),
                    "equation '" + text + "' contains something other than letters");
            for (int a = 0; a < labels.length(); a++) {
                long d = s.dim(a), old = sizes.getOrDefault(labels.charAt(a), 1L);
                c.require(d == old || d == 1 || old == 1,
                        "label '" + labels.charAt(a) + "' of equation '" + text + "' is both " + old + " and " + d);
                sizes.put(labels.charAt(a), d == 1 ? old : d);
            }
            inputs.add(labels);
        }
        String output = arrow < 0
                ? implicit(inputs, ellipsis)
                : expand(text.substring(arrow + 2), text.indexOf("...", arrow + 2) < 0 ? 0 : ellipsis);
        for (char l : output.toCharArray())
            c.require(sizes.containsKey(l) && output.indexOf(l) == output.lastIndexOf(l),
                    "output label '" + l + "' of equation '" + text + "' is repeated or unknown");
        return new EinsumEquation(inputs, output, sizes);
    }

    private static int letters(String term) { return term.replace("...", "").length(); }

    private static String expand(String term, int dots) {
        StringBuilder b = new StringBuilder();
        for (int i = dots - 1; i >= 0; i--)
            b.append((char) (LAST - i));
        return term.replace("...", b);
    }

    /** Without an arrow: the ellipsis, then every label that occurs once, in alphabetical order. */
    private static String implicit(List<String> inputs, int ellipsis) {
        StringBuilder once = new StringBuilder(expand("...", ellipsis));
        String all = String.join("", inputs);
        all.chars().filter(l -> Character.isLetter(l) && all.indexOf(l) == all.lastIndexOf(l)).sorted().forEach(l -> once.append((char) l));
        return once.toString();
    }

    long size(char label) { return sizes.get(label); }
}
