package dev.reprise.samplers;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** The known name that somebody may have meant. */
public final class Nearest {
    private Nearest() {}

    /** For messages: {@code "; did you mean 'heun'?"}, or "" where nothing is near. */
    public static String hint(String written, Collection<String> known) {
        String w = written.toLowerCase(Locale.ROOT);
        Optional<String> best = known.stream().min(Comparator.comparingInt((String k) -> distance(w, k.toLowerCase(Locale.ROOT))));
        return best.filter(k -> distance(w, k.toLowerCase(Locale.ROOT)) <= Math.max(1, k.length() / 3))
                .map(k -> "; did you mean '" + k + "'?").orElse("");
    }

    /** Letters to insert, drop, replace or swap with their neighbour (optimal string alignment). */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++)
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1))
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
            }
        return d[a.length()][b.length()];
    }
}
