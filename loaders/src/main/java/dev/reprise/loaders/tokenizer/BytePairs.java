package dev.reprise.loaders.tokenizer;

import dev.reprise.loaders.LoadException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Byte-pair encoding (Sennrich et al. 2016) over bytes, as GPT-2 writes them: each byte is a printable character, so that vocabularies
 * are texts. The end of a word is marked by {@code </w>} at its last symbol.
 */
final class BytePairs {
    private static final String END = "</w>";
    private static final String[] SYMBOLS = symbols();

    private record Pair(String left, String right) {}

    private final Map<Pair, Integer> ranks = new HashMap<>();

    /** @param merges lines of {@code merges.txt}, the best first; a first line that begins with {@code #version} is a remark */
    BytePairs(String source, List<String> merges) {
        for (int i = 0; i < merges.size(); i++) {
            String line = merges.get(i);
            if (line.isBlank() || i == 0 && line.startsWith("#version")) continue;
            String[] p = line.strip().split(" ");
            if (p.length != 2)
                throw new LoadException(source, "line " + (i + 1) + ": a merge is two symbols with a space between, found '" + line + "'");
            ranks.putIfAbsent(new Pair(p[0], p[1]), ranks.size());
        }
    }

    /** The 188 printable characters of Latin-1 stand for themselves, the others for U+0100 and up in order. */
    private static String[] symbols() {
        String[] s = new String[256];
        for (int b = 0, next = 256; b < 256; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
            s[b] = String.valueOf((char) (printable ? b : next++));
        }
        return s;
    }

    /** The symbols of one word given as bytes. */
    List<String> encode(byte[] word) {
        List<String> symbols = new ArrayList<>(word.length);
        for (int i = 0; i < word.length; i++)
            symbols.add(SYMBOLS[word[i] & 0xFF] + (i == word.length - 1 ? END : ""));
        while (symbols.size() > 1) {
            Pair best = null;
            int rank = Integer.MAX_VALUE;
            for (int i = 0; i + 1 < symbols.size(); i++) {
                Pair p = new Pair(symbols.get(i), symbols.get(i + 1));
                Integer r = ranks.get(p);
                if (r != null && r < rank) {
                    best = p;
                    rank = r;
                }
            }
            if (best == null) break;
            symbols = merged(symbols, best);
        }
        return symbols;
    }

    private static List<String> merged(List<String> symbols, Pair p) {
        List<String> out = new ArrayList<>(symbols.size());
        for (int i = 0; i < symbols.size(); i++)
            if (i + 1 < symbols.size() && symbols.get(i).equals(p.left) && symbols.get(i + 1).equals(p.right)) {
                out.add(p.left + p.right);
                i++;
            } else {
                out.add(symbols.get(i));
            }
        return out;
    }
}
