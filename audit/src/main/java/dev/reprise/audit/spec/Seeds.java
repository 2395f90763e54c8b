package dev.reprise.audit.spec;

/** Seeds first … last, one noise each; written {@code A-B} or {@code A}. */
public record Seeds(long first, long last) {
    private static final int MOST = 1_000_000;

    /** @throws IllegalArgumentException where the text is no range */
    public static Seeds parse(String text) {
        String[] ends = text.strip().split("-", -1);
        try {
            long a = Long.parseLong(ends[0]), b = ends.length == 1 ? a : Long.parseLong(ends[1]);
            if (ends.length <= 2 && a >= 0 && b >= a && b - a < MOST) return new Seeds(a, b);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(expected(text), e);
        }
        throw new IllegalArgumentException(expected(text));
    }

    private static String expected(String text) {
        return "seeds must be A-B with 0 <= A <= B and at most " + MOST + " of them, found '" + text + "'";
    }

    public int count() { return (int) (last - first + 1); }

    @Override
    public String toString() { return first + "-" + last; }
}
