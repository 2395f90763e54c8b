package dev.reprise.test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reprise.audit.pipeline.TokenizerFolder;
import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.tokenizer.ClipTokenizer;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** Ids of awkward prompts against the tokenizers library and OpenAI's own code, see the head of ids.tsv. */
class ClipTokenizerTest {
    static final Path FOLDER = folder();
    private static final ClipTokenizer TOKENIZER = TokenizerFolder.read(FOLDER.resolve("tokenizer"));

    record Row(String prompt, List<Long> ids, List<Long> openAi) {
        @Override
        public String toString() { return prompt.length() > 60 ? prompt.substring(0, 60) + "…" : prompt; }
    }

    private static Path folder() {
        try {
            return Path.of(ClipTokenizerTest.class.getResource("/pipeline").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<Row> rows() throws IOException {
        return Files.readAllLines(FOLDER.resolve("ids.tsv")).stream().filter(l -> !l.startsWith("#")).map(l -> {
            String[] p = l.split("\t");
            List<Long> ids = ids(p[1]);
            return new Row(JsonMapper.shared().readValue(p[0], String.class), ids, p[2].equals("same") ? ids : ids(p[2]));
        }).toList();
    }

    private static List<Long> ids(String s) { return Arrays.stream(s.split(" ")).map(Long::valueOf).toList(); }

    @ParameterizedTest
    @MethodSource("rows")
    void sameIds(Row r) {
        long[] got = TOKENIZER.encode(r.prompt), want = new long[77];
        Arrays.fill(want, r.ids.getLast());
        for (int i = 0; i < r.ids.size(); i++)
            want[i] = r.ids.get(i);
        assertArrayEquals(want, got, r.prompt);
    }

    /** The prompts on which OpenAI's cleaning, or Python's rule for a final sigma, gives other ids: as the documentation says. */
    @Test
    void differsFromOpenAiOnlyWhereItsTextIsCleanedFirst() throws IOException {
        List<String> other = rows().stream().filter(r -> !r.ids.equals(r.openAi)).map(Row::prompt).toList();
        assertEquals(15, other.size(), other.toString());
        for (String p : other)
            assertTrue(p.codePoints().anyMatch(c -> c > 127 || c < 32) || p.contains("&"), "a plain prompt must have one meaning: " + p);
    }

    @Test
    void namesWhatIsWrongInTheFolder() {
        Map<String, Integer> vocabulary = Map.of("<|startoftext|>", 0, "a</w>", 1);
        LoadException e = assertThrows(LoadException.class,
                () -> new ClipTokenizer("tok", vocabulary, List.of(), ClipTokenizer.Special.CLIP));
        assertTrue(e.getMessage().contains("tok/vocab.json") && e.getMessage().contains("<|endoftext|>"), e.getMessage());
        Map<String, Integer> whole = Map.of("<|startoftext|>", 0, "a</w>", 1, "<|endoftext|>", 2);
        e = assertThrows(LoadException.class,
                () -> new ClipTokenizer("tok", whole, List.of("#version: 0.2", "a b c"), ClipTokenizer.Special.CLIP));
        assertTrue(e.getMessage().contains("tok/merges.txt") && e.getMessage().contains("line 2"), e.getMessage());
        e = assertThrows(LoadException.class, () -> TokenizerFolder.read(FOLDER.resolve("unet")));
        assertTrue(e.getMessage().contains("vocab.json"), e.getMessage());
    }

    @Test
    void padsWithWhatTheVersionPadsWith() {
        Map<String, Integer> v = Map.of("<|startoftext|>", 5, "a</w>", 1, "<|endoftext|>", 2, "!", 0);
        ClipTokenizer two = new ClipTokenizer("tok", v, List.of(),
                new ClipTokenizer.Special("<|startoftext|>", "<|endoftext|>", "!", "<|endoftext|>", 6));
        assertArrayEquals(new long[]{5, 1, 1, 2, 0, 0}, two.encode("a A"));
        assertNotEquals(0, two.tokens("b").getFirst(), "what the vocabulary lacks is the unknown token");
    }
}
