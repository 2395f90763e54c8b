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

    /** A name whose lines break at spaces only: "U-Net" stays in one piece. */
    static String unbroken(String name) {
        return name.replace('-', '\u2011');
    }

    @Override
    public String toString() { return text.toString(); }
}
