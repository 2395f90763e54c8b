package dev.reprise.loaders;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON documents (RFC 8259), strictly: what stands beside weights and images in other projects' files. Values are Map
 * (in the document's order), List, String, Long (an integer that fits), Double, Boolean and null.
 */
public final class Json {
    private static final int MAX_DEPTH = 200;

    private final String text;
    private final Source source;
    private int at;

    private Json(String text, Source source) {
        this.text = text;
        this.source = source;
    }

    /**
     * Reads a document.
     *
     * @throws LoadException naming the source, line and column, where it is no JSON or an object has a name twice
     */
    public static Object parse(String text, Source source) {
        Json json = new Json(text, source);
        Object value = json.value(0);
        json.blank();
        if (json.at < text.length()) throw json.error("the document ends here, but there is more");
        return value;
    }

    private Object value(int depth) {
        if (depth > MAX_DEPTH) throw error("is nested more than " + MAX_DEPTH + " deep");
        blank();
        char c = peek();
        return switch (c) {
            case '{' -> object(depth);
            case '[' -> list(depth);
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> m = new LinkedHashMap<>();
        at++;
        blank();
        if (take('}')) return m;
        do {
            blank();
            int begin = at;
            if (peek() != '"') throw error("a name in quotes expected");
            String name = string();
            blank();
            expect(':');
            if (m.containsKey(name)) {
                at = begin;
                throw error("the name \"" + name + "\" is there twice");
            }
            m.put(name, value(depth + 1));
            blank();
        } while (take(','));
        expect('}');
        return m;
    }

    private List<Object> list(int depth) {
        List<Object> l = new ArrayList<>();
        at++;
        blank();
        if (take(']')) return l;
        do {
            l.add(value(depth + 1));
            blank();
        } while (take(','));
        expect(']');
        return l;
    }

    private String string() {
        int begin = ++at;
        StringBuilder s = null;
        while (true) {
            char c = peek();
            if (c < ' ') throw error("a control character in a string");
            if (c == '"' || c == '\\') {
                if (s == null && c == '"') return text.substring(begin, at++);
                if (s == null) s = new StringBuilder();
                s.append(text, begin, at++);
                if (c == '"') return s.toString();
                s.append(escape());
                begin = at;
            } else at++;
        }
    }

    private char escape() {
        char c = peek();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int v = 0;
                for (int i = 0; i < 4; i++) {
                    int d = Character.digit(peek(), 16);
                    if (d < 0 || peek() > 'f') throw error("four hexadecimal digits expected");
                    v = v << 4 | d;
                    at++;
                }
                yield (char) v;
            }
            default -> {
                at--;
                throw error("an unknown escape");
            }
        };
    }

    private Object number() {
        int begin = at;
        take('-');
        if (!take('0')) digits();
        boolean whole = true;
        if (take('.')) {
            digits();
            whole = false;
        }
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            digits();
            whole = false;
        }
        String s = text.substring(begin, at);
        if (whole) try {
            return Long.parseLong(s);
        } catch (NumberFormatException _) {
            return Double.parseDouble(s);
        }
        return Double.parseDouble(s);
    }

    private void digits() {
        int begin = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9')
            at++;
        if (at == begin) throw error("a value expected");
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) throw error("a value expected");
        at += word.length();
        return value;
    }

    private void blank() { while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0)
        at++; }

    private char peek() {
        if (at >= text.length()) throw error("the document ends too early");
        return text.charAt(at);
    }

    private boolean take(char c) {
        if (at >= text.length() || text.charAt(at) != c) return false;
        at++;
        return true;
    }

    private void expect(char c) { if (!take(c)) throw error("'" + c + "' expected"); }

    private LoadException error(String what) {
        int line = 1, column = 1;
        for (int i = 0; i < Math.min(at, text.length()); i++)
            if (text.charAt(i) == '\n') {
                line++;
                column = 1;
            } else column++;
        return source.error("line " + line + ", column " + column + ": " + what);
    }
}
