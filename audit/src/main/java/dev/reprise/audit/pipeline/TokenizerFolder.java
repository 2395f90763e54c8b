package dev.reprise.audit.pipeline;

import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.tokenizer.ClipTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The folder {@code tokenizer/}: {@code vocab.json}, {@code merges.txt}, and what {@code special_tokens_map.json} and
 * {@code tokenizer_config.json} say of the special tokens and the length, CLIP's own where they say nothing.
 */
public final class TokenizerFolder {
    private TokenizerFolder() {}

    /** @throws LoadException where a file is missing or damaged, or belongs to another kind of tokenizer */
    public static ClipTokenizer read(Path folder) {
        JsonFile config = JsonFile.optional(folder.resolve("tokenizer_config.json"));
        JsonFile marks = JsonFile.optional(folder.resolve("special_tokens_map.json"));
        String kind = config.has("tokenizer_class") ? config.text("tokenizer_class") : "CLIPTokenizer";
        if (!kind.equals("CLIPTokenizer") && !kind.equals("CLIPTokenizerFast"))
            throw config.error("tokenizer_class", "must be CLIPTokenizer, the only one that is supported");
        if (config.has("add_prefix_space") && !Boolean.FALSE.equals(config.entries().get("add_prefix_space")))
            throw config.error("add_prefix_space", "is not supported");
        ClipTokenizer.Special clip = ClipTokenizer.Special.CLIP;
        ClipTokenizer.Special special = new ClipTokenizer.Special(token("bos_token", clip.start(), marks, config),
                token("eos_token", clip.end(), marks, config), token("pad_token", clip.pad(), marks, config),
                token("unk_token", clip.unknown(), marks, config),
                config.has("model_max_length") ? config.integer("model_max_length") : clip.length());
        return new ClipTokenizer(folder.toString(), vocabulary(folder.resolve("vocab.json")), lines(folder.resolve("merges.txt")), special);
    }

    /** A token is a text, or an object whose {@code content} is one. */
    private static String token(String key, String otherwise, JsonFile... files) {
        for (JsonFile f : files) {
            if (!f.has(key)) continue;
            Object v = f.entries().get(key);
            if (v instanceof Map<?, ?> m) v = m.get("content");
            if (v instanceof String s) return s;
            throw f.error(key, "must be a token");
        }
        return otherwise;
    }

    private static Map<String, Integer> vocabulary(Path file) {
        JsonFile f = JsonFile.read(file);
        Map<String, Integer> ids = HashMap.newHashMap(f.entries().size());
        f.entries().forEach((symbol, id) -> {
            if (!(id instanceof Integer n) || n < 0) throw f.error(symbol, "must be a token's number");
            ids.put(symbol, n);
        });
        return ids;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new LoadException(file.toString(), "is missing or cannot be read", false, e);
        }
    }
}
