package dev.reprise.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTest {
    private static Object parse(String text) { return Json.parse(text, new Source("x.json")); }

    @Test
    void valuesAreJavas() {
        assertThat(parse(" {\"a\" : [1, -2.5e1, true, false, null, \"\"], \"b\": {}, \"c\": [ ]}\n"))
                .isEqualTo(Map.of("a", Arrays.asList(1L, -25.0, true, false, null, ""), "b", Map.of(), "c", List.of()));
        assertThat(parse("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00b\"")).isEqualTo("a\"\\/\b\f\n\r\té\ud83d\ude00b");
        assertThat(parse("9223372036854775807")).isEqualTo(Long.MAX_VALUE);
        assertThat(parse("9223372036854775808")).isEqualTo(9223372036854775808.0);
        assertThat(parse("-0")).isEqualTo(0L);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"{\"a\": 1,}|line 1, column 9", "[1 2]|']' expected", "{a: 1}|quotes",
        "01|there is more", "\"a|ends too early", "'a'|value expected",
        "[1,]|value expected", "1.|value expected", "nul|value expected", "{\"a\":1,\"a\":2}|is there twice", "\"\\x\"|unknown escape",
        "\"\\u12g4\"|hexadecimal", "-|value expected",
        "[|ends too early", "{\"a\"}|':' expected"})
    void mistakesAreNamedWithTheirPlace(String text, String message) {
        assertThatThrownBy(() -> parse(text)).isInstanceOf(LoadException.class).hasMessageContaining("x.json")
                .hasMessageContaining(message);
    }

    @Test
    void depthIsBounded() { assertThatThrownBy(() -> parse("[".repeat(100_000))).hasMessageContaining("deep"); }
}
