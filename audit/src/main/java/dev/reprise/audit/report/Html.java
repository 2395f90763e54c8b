package dev.reprise.audit.report;

import java.util.Locale;

/** Text that becomes HTML. */
final class Html {
    private final StringBuilder text = new StringBuilder();

    /** Appends markup; {@code %s} arguments are escaped, those that are Html already are not. */
    Html add(String format, Object... arguments) {
        Object[] safe = new Object[arguments.length];
        for (int i = 0; i < safe.length; i++)
            safe[i] = arguments[i] instanceof String s ? escape(s) : arguments[i];
        text.append(String.format(Locale.ROOT, format, safe)).append('\n');
        return this;
    }

    static Html of(String format, Object... arguments) { return new Html().add(format, arguments); }

    static String escape(String s) {
        return s.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;").replace("'", "&#39;");
    }

    /** Markup that is not ours to escape. */
    record Raw(String text) {
        @Override
        public String toString() { return text; }
    }

    /** Two digits, as the paper prints scores; 1 and 0 only where they are exact. */
    static String share(double v) {
        if (v == 0 || v == 1) return v == 0 ? "0" : "1";
        return String.format(Locale.ROOT, "%.2f", Math.clamp(v, 0.01, 0.99)).substring(1);
    }

    /** A number without needless digits. */
    static String decimal(double v) {
        return v == Math.rint(v) && Math.abs(v) < 1e15 ? Long.toString((long) v) : Double.toString(v);
    }

    /** A name whose lines break at spaces only: "U-Net" stays in one piece. */
    static String unbroken(String name) {
        return name.replace('-', '\u2011');
    }

    @Override
    public String toString() { return text.toString(); }
}
