package dev.reprise.audit.spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.dataformat.yaml.YAMLFactory;

/** A JSON or YAML document that remembers on which line and column each thing stands, so that messages can say it. */
sealed interface Tree {
    /** A place in a document, both from 1; {@link #NONE} for what no document said. */
    record Mark(int line, int column) {
        static final Mark NONE = new Mark(0, 0);
    }

    Mark mark();

    /** @param value a String, Long, Double, Boolean or null */
    record Scalar(Object value, Mark mark) implements Tree {
        /** A value that no document said. */
        Scalar(Object value) { this(value, Mark.NONE); }
    }

    record Sequence(List<Tree> items, Mark mark) implements Tree {}

    /** @param keys where each name stands */
    record Mapping(Map<String, Tree> entries, Map<String, Mark> keys, Mark mark) implements Tree {
        /** A mapping put together from several. */
        Mapping(Map<String, Tree> entries, Mark mark) { this(entries, Map.of(), mark); }

        /** Where the name stands, or else its value. */
        Mark key(String name) {
            return keys.getOrDefault(name, entries.containsKey(name) ? entries.get(name).mark() : mark);
        }
    }

    /** Deep nesting is refused before it can exhaust the stack. */
    int MAX_DEPTH = 100;

    static Tree json(String text, String name) {
        return parse(JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build(), text, name);
    }

    static Tree yaml(String text, String name) {
        return parse(YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build(), text, name);
    }

    /** By the file's ending: {@code .json}, or YAML. */
    static Tree read(Path file) throws IOException {
        String text = Files.readString(file);
        return file.toString().endsWith(".json") ? json(text, file.toString()) : yaml(text, file.toString());
    }

    private static Tree parse(TokenStreamFactory factory, String text, String name) {
        try (JsonParser p = factory.createParser(ObjectReadContext.empty(), text)) {
            if (p.nextToken() == null) throw new SpecException(name, new Mark(1, 1), "the document is empty");
            Tree t = parse(p, name, 0);
            if (p.nextToken() != null) throw new SpecException(name, mark(p), "there is more after the end of the document");
            return t;
        } catch (JacksonException e) {
            Mark at = e.getLocation() == null ? Mark.NONE : new Mark(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
            throw new SpecException(name, at, reason(e.getOriginalMessage()));
        }
    }

    /** YAML's parser says where it was, then what is wrong, each with an excerpt of the file that is indented. */
    private static String reason(String message) {
        String all = message.lines().filter(l -> !l.isBlank() && !Character.isWhitespace(l.charAt(0))).map(l -> l.replaceAll("[:.]?$", ""))
                .filter(l -> !l.startsWith("in ")).distinct().collect(Collectors.joining(": "));
        return all.isEmpty() ? "is no valid document" : all;
    }

    private static Mark mark(JsonParser p) {
        return new Mark(p.currentTokenLocation().getLineNr(), p.currentTokenLocation().getColumnNr());
    }

    private static Tree parse(JsonParser p, String name, int depth) {
        Mark at = mark(p);
        if (depth > MAX_DEPTH) throw new SpecException(name, at, "is nested more than " + MAX_DEPTH + " deep");
        return switch (p.currentToken()) {
            case START_OBJECT -> {
                Map<String, Tree> entries = new LinkedHashMap<>();
                Map<String, Mark> keys = new LinkedHashMap<>();
                while (p.nextToken() != JsonToken.END_OBJECT) {
                    String key = p.currentName();
                    keys.put(key, mark(p));
                    p.nextToken();
                    entries.put(key, parse(p, name, depth + 1));
                }
                yield new Mapping(entries, keys, at);
            }
            case START_ARRAY -> {
                List<Tree> items = new ArrayList<>();
                while (p.nextToken() != JsonToken.END_ARRAY)
                    items.add(parse(p, name, depth + 1));
                yield new Sequence(items, at);
            }
            case VALUE_NUMBER_INT -> new Scalar(p.getLongValue(), at);
            case VALUE_NUMBER_FLOAT -> new Scalar(p.getDoubleValue(), at);
            case VALUE_TRUE, VALUE_FALSE -> new Scalar(p.getBooleanValue(), at);
            case VALUE_NULL -> new Scalar(null, at);
            case VALUE_STRING -> new Scalar(p.getString(), at);
            default -> throw new SpecException(name, at, "unexpected " + p.currentToken());
        };
    }
}
