package dev.reprise.audit.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.Random;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

class HtmlReportTest {
    private static final Invented AUDIT = Invented.of(Arena.ofAuto(), "DDPM U-Net", "EDM U-Net", "DiT", "U-ViT", "DDPM, 64 images");

    private static String page() { return HtmlReport.render(AUDIT.results(), AUDIT.data(), AUDIT.pictures()); }

    @Test
    void loadsNothingFromAnywhere() {
        String page = page();
        assertThat(page).contains("default-src 'none'").containsPattern("src=\"data:image/png;base64,")
                .doesNotContain("src=\"http", "url(http", "@import", "fetch(", "XMLHttpRequest", "<link");
        for (Matcher m = Pattern.compile("https?://[^\"' )]+").matcher(page); m.find();)
            assertThat(m.group()).isEqualTo("http://www.w3.org/2000/svg");
    }

    @Test
    void isTheSameBytesForTheSameResults() { assertThat(page()).isEqualTo(page()); }

    @Test
    void escapesWhatModelsSayAboutThemselves() { assertThat(page()).contains("U-Net &lt;wide&gt; &amp; deep").doesNotContain("<wide>"); }

    @Test
    void closesEveryElement() throws Exception {
        // As XML, once the tags that HTML leaves open are closed.
        String xml = page().replace("<!doctype html>", "").replaceAll("<(meta|img|input)([^>]*)>", "<$1$2/>")
                .replaceAll("(?s)<(script|style)[^>]*>.*?</\\1>", "");
        var builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
        var root = builder.parse(new ByteArrayInputStream(xml.getBytes(java.nio.charset.StandardCharsets.UTF_8))).getDocumentElement();
        assertThat(root.getElementsByTagName("h1").getLength()).isEqualTo(1);
        for (int i = 0; i < root.getElementsByTagName("img").getLength(); i++)
            assertThat(root.getElementsByTagName("img").item(i).getAttributes().getNamedItem("alt").getNodeValue()).isNotBlank();
    }

    @Test
    void saysWhatTheNumbersSay() {
        assertThat(Headline.sentence(AUDIT.results())).startsWith("From the same noise, the 4 models that generalize draw the same picture")
                .contains("with DDPM, 64 images, which often repeats its training images");
        assertThat(Headline.sentence(Invented.of(Arena.ofAuto(), "One").results())).contains("nothing to compare");
    }

    @Test
    void readsBackWhatItWrote() {
        String json = dev.reprise.audit.command.Json.write(AUDIT.results());
        Results again = dev.reprise.audit.command.Json.MAPPER.readValue(json, Results.class);
        assertThat(dev.reprise.audit.command.Json.write(again)).isEqualTo(json);
    }

    @Test
    void printsScoresAsThePaperDoes() {
        assertThat(Html.share(0.834)).isEqualTo(".83");
        assertThat(Html.share(0.9999)).isEqualTo(".99");
        assertThat(Html.share(0.0001)).isEqualTo(".01");
        assertThat(Html.share(1)).isEqualTo("1");
        assertThat(Html.share(0)).isEqualTo("0");
    }

    @Test
    void writesPngThatOthersRead() throws IOException {
        // 200 x 150 needs more than one stored block.
        for (int[] size : new int[][]{{1, 1}, {16, 16}, {200, 150}}) {
            byte[] rgb = new byte[3 * size[0] * size[1]];
            new Random(5).nextBytes(rgb);
            var image = ImageIO.read(new ByteArrayInputStream(StoredPng.encode(size[0], size[1], rgb)));
            assertThat(new int[]{image.getWidth(), image.getHeight()}).isEqualTo(size);
            for (int i = 0; i < size[0] * size[1]; i++)
                assertThat(image.getRGB(i % size[0], i / size[0]) & 0xffffff)
                        .isEqualTo((rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | rgb[3 * i + 2] & 0xff);
        }
    }
}
