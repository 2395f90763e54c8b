package dev.reprise.audit.command;

import dev.reprise.audit.experiment.Listener;
import java.io.PrintWriter;
import java.util.Locale;

/**
 * A progress bar with the time left, on stderr. Where stderr is no terminal it writes a line for each step instead of a
 * bar. {@link #close} leaves the line clean.
 */
public final class Progress implements AutoCloseable {
    private static final int BAR = 24;
    private static final long EVERY_NANOS = 100_000_000;

    private final PrintWriter err;
    private final boolean terminal;
    private final long begun = System.nanoTime();
    private String step = "";
    private long drawn;
    private int width;

    private Progress(PrintWriter err, boolean terminal) {
        this.err = err;
        this.terminal = terminal;
    }

    /** The launcher says whether stderr is a terminal, which the JVM cannot know where only stdout is redirected. */
    public static Progress on(PrintWriter err) {
        return new Progress(err, Boolean.getBoolean("reprise.terminal"));
    }

    /** An audit knows better how long it will take: part of its work may be done already. */
    public void at(Listener.State s) {
        StringBuilder more = new StringBuilder();
        if (s.perSecond() > 0) more.append(String.format(Locale.ROOT, ", %.1f images/s", s.perSecond()));
        if (!Double.isNaN(s.left())) more.append(words(Math.round(s.left())));
        at(s.step(), s.done(), more.toString());
    }

    /** @param done part of the whole work, in [0, 1] */
    public void at(String what, double done) { at(what, done, null); }

    private void at(String what, double done, String more) {
        if (!what.equals(step) && !terminal) {
            err.println(what);
            err.flush();
        }
        long now = System.nanoTime();
        boolean due = !what.equals(step) || now - drawn >= EVERY_NANOS;
        step = what;
        if (terminal && due) draw(what, done, more == null ? left(done, now) : more, now);
    }

    private void draw(String what, double done, String more, long now) {
        drawn = now;
        int full = (int) Math.round(Math.clamp(done, 0, 1) * BAR);
        String line = String.format(Locale.ROOT, "%s%s %3d %%  %s%s", "█".repeat(full), "░".repeat(BAR - full), (int) (100 * done), what,
                more);
        // Overwrites what is left of a longer line before.
        err.print('\r' + line + " ".repeat(Math.max(0, width - line.length())));
        err.flush();
        width = line.length();
    }

    private String left(double done, long now) {
        double seconds = (now - begun) / 1e9;
        if (done < 0.02 || seconds < 1) return "";
        return words(Math.round(seconds / done - seconds));
    }

    private static String words(long left) {
        if (left >= 3600) return String.format(Locale.ROOT, ", %d h %02d min left", left / 3600, left / 60 % 60);
        return left >= 60 ? String.format(Locale.ROOT, ", %d min %02d s left", left / 60, left % 60) : ", " + left + " s left";
    }

    /** Removes the bar, before something else is written. */
    public void clear() {
        if (width == 0) return;
        err.print('\r' + " ".repeat(width) + '\r');
        err.flush();
        width = 0;
    }

    @Override
    public void close() { clear(); }
}
