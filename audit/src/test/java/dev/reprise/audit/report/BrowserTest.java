package dev.reprise.audit.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The report in a real browser: pointed at, clicked, moved by keys. */
class BrowserTest {
    @TempDir(cleanup = CleanupMode.NEVER)
    static Path folder;

    @Test
    void hoversOpensCellsAndRecomputes() throws Exception {
        Path program = Browser.find();
        assumeTrue(program != null, "no Chromium: install Debian's package chromium, or set CHROMIUM to the program");
        Invented audit = Invented.of(Arena.ofAuto(), "DDPM U-Net", "EDM U-Net", "DiT", "U-ViT", "64-image U-Net");
        Path given = System.getProperty("reprise.report") == null ? null : Path.of(System.getProperty("reprise.report"));
        Path page = Files.writeString(folder.resolve("report.html"), HtmlReport.render(audit.results(), audit.data(), audit.pictures()));
        Path pictures = Files.createDirectories(Path.of("target", "screenshots"));
        try (Browser b = new Browser(program, folder.resolve("profile"))) {
            b.screen(1200, 900, false, false);
            b.open(page);
            hover(b);
            slider(b, audit);
            cell(b, audit);
            plane(b);
            keys(b);
            assertThat(b.errors).isEmpty();
            assertThat(b.requests).as("nothing is loaded but the page itself")
                    .allMatch(u -> u.startsWith("data:") || u.startsWith("blob:") || u.equals(page.toUri().toString()));
            if (given != null) b.open(given);
            for (boolean dark : new boolean[]{false, true}) {
                b.screen(1200, 900, false, dark);
                b.picture(pictures.resolve(dark ? "dark.png" : "light.png"), true);
                b.screen(390, 844, true, dark);
                assertThat(b.eval("document.documentElement.scrollWidth").asInt()).as("no sideways scrolling on a phone")
                        .isLessThanOrEqualTo(390);
                b.picture(pictures.resolve(dark ? "phone-dark.png" : "phone-light.png"), true);
            }
        }
    }

    private static void hover(Browser b) throws Exception {
        assertThat(b.eval("document.getElementById('tip').hidden").asBoolean()).isTrue();
        b.point("button[data-rp='m0~m1']", false);
        assertThat(b.eval("document.getElementById('tip').hidden").asBoolean()).isFalse();
        assertThat(b.eval("document.getElementById('tip').textContent").asString()).startsWith("DDPM U-Net and EDM U-Net: ")
                .contains(" of " + Invented.NOISES + " noises, 95 % interval");
    }

    /** Moved by the keyboard, as somebody without a mouse would. */
    private static void slider(Browser b, Invented audit) throws Exception {
        b.eval("document.getElementById('threshold').focus()");
        for (int i = 0; i < 10; i++)
            b.key("ArrowRight");
        assertThat(b.eval("document.querySelector('output[for=threshold]').textContent").asString()).isEqualTo("0.70");
        b.settle();
        for (String name : new String[]{"m0~m1", "m0~m4"}) {
            int hits = above(audit.data().get(name + ".similarity"), 0.7f);
            Results.Share s = Invented.share(hits, Invented.NOISES);
            assertThat(b.eval("document.querySelector(\"button[data-rp='" + name + "']\").textContent").asString())
                    .isEqualTo(Html.share(s.value()));
            assertThat(b.eval("document.querySelector(\"button[data-rp='" + name + "']\").dataset.tip").asString())
                    .endsWith(String.format(java.util.Locale.ROOT, "%d of %d noises, 95 %% interval %.3f to %.3f", hits, Invented.NOISES,
                            s.low(), s.high()));
        }
        int old = above(audit.data().get("m4.nearest"), 0.7f);
        assertThat(b.eval("document.querySelector(\"[data-gl='m4']\").textContent").asString())
                .isEqualTo(Html.share((Invented.NOISES - old) / (double) Invented.NOISES));
        b.point("#reset", true);
        assertThat(b.eval("document.querySelector(\"button[data-rp='m0~m1']\").textContent").asString())
                .isEqualTo(Html.share(above(audit.data().get("m0~m1.similarity"), 0.6f) / (double) Invented.NOISES));
    }

    private static int above(Tensor similarities, float threshold) {
        int n = 0;
        for (float v : similarities.toFloats())
            if (v > threshold) n++;
        return n;
    }

    private static void cell(Browser b, Invented audit) throws Exception {
        b.point("button[data-rp='m1~m2']", true);
        assertThat(b.eval("document.getElementById('pairs').open").asBoolean()).isTrue();
        assertThat(b.eval("document.getElementById('pairs-title').textContent").asString()).isEqualTo("EDM U-Net and DiT");
        JsonNode shown = b.eval("[...document.querySelectorAll('#pairs li')].map(l => Number(l.dataset.similarity))");
        assertThat(shown.size()).isEqualTo(60);
        for (int i = 1; i < shown.size(); i++)
            assertThat(shown.get(i).asDouble()).isLessThanOrEqualTo(shown.get(i - 1).asDouble());
        assertThat(b.eval(
                "(() => { const c = document.querySelector('#pairs li canvas'); return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v, i) => i % 4 < 3 && v > 0); })()")
                .asBoolean()).as("images are drawn").isTrue();
        b.eval("document.getElementById('pair-threshold').focus()");
        for (int i = 0; i < 5; i++)
            b.key("ArrowLeft");
        int hits = above(audit.data().get("m1~m2.similarity"), 0.55f);
        assertThat(b.eval("Number(document.getElementById('pair-rp').dataset.value)").asDouble())
                .isEqualTo(Math.round(1e4 * hits / Invented.NOISES) / 1e4);
        b.picture(Path.of("target", "screenshots", "pairs.png"), false);
        b.key("Escape");
        assertThat(b.eval("document.getElementById('pairs').open").asBoolean()).isFalse();
    }

    private static void plane(Browser b) throws Exception {
        b.point("canvas[data-plane='m0.plane']", false);
        int middle = Invented.POINTS / 2;
        assertThat(b.eval("document.querySelector(\"[data-words='m0.plane']\").textContent").asString())
                .startsWith("point " + middle + ", " + middle + ": ");
        assertThat(b.eval("document.querySelector(\"[data-image='m1.plane']\").width").asInt())
                .as("the other model's image of the same point").isEqualTo(16);
    }

    private static void keys(Browser b) throws Exception {
        b.eval("document.querySelector(\"button[data-rp='m0~m1']\").focus()");
        b.key("ArrowRight");
        assertThat(b.eval("document.activeElement.dataset.rp").asString()).isEqualTo("m0~m2");
        b.key("ArrowDown");
        assertThat(b.eval("document.activeElement.dataset.rp").asString()).isEqualTo("m1~m2");
    }
}
