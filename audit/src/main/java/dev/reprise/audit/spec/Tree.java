package dev.reprise.audit.spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.dataformat.yaml.YAMLFactory;

/** A JSON or YAML document that remembers on which line each thing stands, so that messages can say it. */
sealed interface Tree {
    int line();

    /** @param value a String, Long, Double, Boolean or null */
    record Scalar(Object value, int line) implements Tree {}

    record Sequence(List<Tree> items, int line) implements Tree {}

    record Mapping(Map<String, Tree> entries, int line) implements Tree {}

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
            if (p.nextToken() == null) throw new SpecException(name, 1, "the document is empty");
            Tree t = parse(p, name, 0);
            if (p.nextToken() != null) throw new SpecException(name, line(p), "there is more after the end of the document");
            return t;
        } catch (JacksonException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw new SpecException(name, line, e.getOriginalMessage().lines().findFirst().orElse("is no valid document"));
        }
    }

    private static int line(JsonParser p) { return p.currentTokenLocation().getLineNr(); }

    private static Tree parse(JsonParser p, String name, int depth) {
        int line = line(p);
        if (depth > MAX_DEPTH) throw new SpecException(name, line, "is nested more than " + MAX_DEPTH + " deep");
        return switch (p.currentToken()) {
            case START_OBJECT -> {
                Map<String, Tree> entries = new LinkedHashMap<>();
                while (p.nextToken() != JsonToken.END_OBJECT) {
                    String key = p.currentName();
                    p.nextToken();
                    entries.put(key, parse(p, name, depth + 1));
                }
                yield new Mapping(entries, line);
            }
            case START_ARRAY -> {
                List<Tree> items = new ArrayList<>();
                while (p.nextToken() != JsonToken.END_ARRAY)
                    items.add(parse(p, name, depth + 1));
                yield new Sequence(items, line);
            }
            case VALUE_NUMBER_INT -> new Scalar(p.getLongValue(), line);
            case VALUE_NUMBER_FLOAT -> new Scalar(p.getDoubleValue(), line);
            case VALUE_TRUE, VALUE_FALSE -> new Scalar(p.getBooleanValue(), line);
            case VALUE_NULL -> new Scalar(null, line);
            case VALUE_STRING -> new Scalar(p.getString(), line);
            default -> throw new SpecException(name, line, "unexpected " + p.currentToken());
        };
    }
}
