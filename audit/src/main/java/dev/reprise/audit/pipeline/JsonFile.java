package dev.reprise.audit.pipeline;

import dev.reprise.loaders.LoadException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A configuration file: a JSON object whose entries are read with checks that name file and key. Python writes NaN and Infinity into
 * such files, so they are read too.
 *
 * @param path    of the file
 * @param entries as read
 */
record JsonFile(Path path, Map<String, Object> entries) {
    private static final JsonMapper MAPPER = JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

    /** @throws LoadException where it is missing, cannot be read or is no JSON object */
    static JsonFile read(Path path) {
        try {
            Object tree = MAPPER.readValue(Files.readString(path), Object.class);
            if (tree instanceof Map<?, ?> m) {
                @SuppressWarnings("unchecked")
                Map<String, Object> entries = (Map<String, Object>) m;
                return new JsonFile(path, entries);
            }
            throw new LoadException(path.toString(), "must hold a JSON object");
        } catch (NoSuchFileException e) {
            throw new LoadException(path.toString(), "is missing; a pipeline folder needs it", false, e);
        } catch (IOException e) {
            throw new LoadException(path.toString(), "cannot be read: " + e.getMessage(), false, e);
        } catch (JacksonException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw new LoadException(path.toString(), "line " + line + ": " + e.getOriginalMessage().lines().findFirst().orElse("no JSON"),
                    false, e);
        }
    }

    /** As {@link #read}, or an empty one where there is no such file. */
    static JsonFile optional(Path path) {
        return Files.exists(path) ? read(path) : new JsonFile(path, Map.of());
    }

    LoadException error(String key, String message) {
        Object v = entries.get(key);
        return new LoadException(path.toString(), "'" + key + "' " + message + (v == null ? "" : ", found " + v));
    }

    boolean has(String key) { return entries.get(key) != null; }

    String text(String key) {
        if (entries.get(key) instanceof String s) return s;
        throw error(key, has(key) ? "must be a text" : "is missing");
    }

    int integer(String key) {
        if (entries.get(key) instanceof Integer n && n > 0) return n;
        throw error(key, has(key) ? "must be a positive whole number" : "is missing");
    }

    double number(String key, double otherwise) {
        if (!has(key)) return otherwise;
        if (entries.get(key) instanceof Number n && Double.isFinite(n.doubleValue())) return n.doubleValue();
        throw error(key, "must be a number");
    }

    List<?> list(String key) {
        if (entries.get(key) instanceof List<?> l) return l;
        throw error(key, has(key) ? "must be a list" : "is missing");
    }
}
