package dev.reprise.loaders.tokenizer;

import dev.reprise.loaders.LoadException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * CLIP's tokenizer (Radford et al. 2021) as the tokenizers library runs it for transformers' {@code CLIPTokenizerFast} (which is
 * {@code CLIPTokenizer} from version 5 on): Unicode form C, runs of white space to one space, lower case by character, then words,
 * single digits, contractions and runs of everything else, then byte pairs.
 *
 * <p>OpenAI's own code and the older {@code CLIPTokenizer} clean the text first, with the ftfy package (curly quotes, full-width letters,
 * ligatures, broken encodings) and, OpenAI's only, by resolving HTML entities twice; without ftfy the older class puts spaces around CJK
 * characters and drops control characters. This one does none of that, so such prompts differ there; others are equal.
 *
 * <p>Not thread-safe.
 */
public final class ClipTokenizer {
    private static final Pattern WHITE = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern WORDS = Pattern.compile("'s|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}|[^\\s\\p{L}\\p{N}]+",
            Pattern.UNICODE_CHARACTER_CLASS);

    /**
     * The tokens with a meaning of their own.
     *
     * @param start   before the prompt, {@code <|startoftext|>}
     * @param end     after it, {@code <|endoftext|>}
     * @param pad     fills up to the length
     * @param unknown for symbols outside the vocabulary
     * @param length  tokens of a prompt, start and end included (77)
     */
    public record Special(String start, String end, String pad, String unknown, int length) {
        /** Those of CLIP and Stable Diffusion 1; the second version pads with {@code !}. */
        public static final Special CLIP = new Special("<|startoftext|>", "<|endoftext|>", "<|endoftext|>", "<|endoftext|>", 77);
    }

    private final Map<String, Integer> vocabulary;
    private final BytePairs pairs;
    private final Special special;
    private final Map<String, Integer> marks = new HashMap<>();
    private final Pattern marked;
    private final Map<String, List<Integer>> cache = new HashMap<>();

    /**
     * @param source     for messages, the folder's name
     * @param vocabulary ids by symbol, {@code vocab.json}
     * @param merges     lines of {@code merges.txt}
     * @throws LoadException where a special token is not in the vocabulary or a merge is malformed
     */
    public ClipTokenizer(String source, Map<String, Integer> vocabulary, List<String> merges, Special special) {
        this.vocabulary = vocabulary;
        this.special = special;
        pairs = new BytePairs(source + "/merges.txt", merges);
        for (String s : new String[]{special.start, special.end, special.pad, special.unknown})
            if (!vocabulary.containsKey(s)) throw new LoadException(source + "/vocab.json", "the special token '" + s + "' is missing");
        if (special.length < 2) throw new LoadException(source, "'model_max_length' must be at least 2, found " + special.length);
        for (String s : new String[]{special.start, special.end})
            marks.put(lowerCase(s), vocabulary.get(s));
        marked = Pattern.compile(Pattern.quote(lowerCase(special.start)) + "|" + Pattern.quote(lowerCase(special.end)));
    }

    public Special special() { return special; }

    /** Ids of the prompt alone, without start and end, of any length. */
    public List<Integer> tokens(String prompt) {
        String text = lowerCase(WHITE.matcher(Normalizer.normalize(prompt, Normalizer.Form.NFC)).replaceAll(" "));
        List<Integer> ids = new ArrayList<>();
        Matcher m = marked.matcher(text);
        int from = 0;
        while (m.find()) {
            words(text.substring(from, m.start()), ids);
            ids.add(marks.get(m.group()));
            from = m.end();
        }
        words(text.substring(from), ids);
        return ids;
    }

    /** Start, the prompt cut to fit, end, and padding: as many ids as {@link Special#length()}. */
    public long[] encode(String prompt) {
        List<Integer> ids = tokens(prompt);
        long[] all = new long[special.length];
        int n = Math.min(ids.size(), all.length - 2);
        all[0] = vocabulary.get(special.start);
        for (int i = 0; i < n; i++)
            all[i + 1] = ids.get(i);
        all[n + 1] = vocabulary.get(special.end);
        Arrays.fill(all, n + 2, all.length, vocabulary.get(special.pad));
        return all;
    }

    /** Character by character: Java's own rule for a whole string knows the final sigma, which the reference does not. */
    private static String lowerCase(String s) {
        StringBuilder b = new StringBuilder(s.length());
        s.codePoints().forEach(c -> {
            if (c < 128) b.append((char) (c >= 'A' && c <= 'Z' ? c + 32 : c));
            else b.append(Character.toString(c).toLowerCase(Locale.ROOT));
        });
        return b.toString();
    }

    private void words(String text, List<Integer> ids) {
        Matcher m = WORDS.matcher(text);
        while (m.find())
            ids.addAll(cache.computeIfAbsent(m.group(), this::word));
    }

    private List<Integer> word(String word) {
        // A lone surrogate has no UTF-8; the replacement character stands for it.
        byte[] bytes = word.replaceAll("\\p{Cs}", "\uFFFD").getBytes(StandardCharsets.UTF_8);
        int unknown = vocabulary.get(special.unknown);
        return pairs.encode(bytes).stream().map(s -> vocabulary.getOrDefault(s, unknown)).toList();
    }
}
