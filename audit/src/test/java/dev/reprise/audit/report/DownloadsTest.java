package dev.reprise.audit.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reprise.audit.command.Json;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import tools.jackson.databind.JsonNode;

/** The files that the report makes in the reader's browser hold what the page shows. */
class DownloadsTest {
    @TempDir(cleanup = CleanupMode.NEVER)
    static Path folder;

    @Test
    void filesHoldWhatThePageShows() throws Exception {
        Path program = Browser.find();
        assumeTrue(program != null, "no Chromium: install Debian's package chromium, or set CHROMIUM to the program");
        Invented audit = Invented.of(Arena.ofAuto(), "DDPM U-Net", "EDM, \"large\"", "DiT");
        Path page = Files.writeString(folder.resolve("report.html"), HtmlReport.render(audit.results(), audit.data(), audit.pictures()));
        try (Browser b = new Browser(program, folder.resolve("profile"))) {
            b.screen(1200, 900, false, true);
            b.open(page);
            json(b.download(button("report.json")), audit);
            arrays(b.download(button("similarities.npz")), audit);
            pairs(b.download(button("pairs.csv")), audit, 0.6f);
            b.eval("document.getElementById('threshold').focus()");
            for (int i = 0; i < 5; i++)
                b.key("ArrowLeft");
            b.settle();
            pairs(b.download(button("pairs.csv")), audit, 0.55f);
            b.point("#reset", true);
            Document matrix = svg(b.download(button("how-often-two-models-agree-rp-score.svg")));
            List<String> words = new ArrayList<>();
            for (int i = 0; i < matrix.getElementsByTagName("text").getLength(); i++)
                words.add(matrix.getElementsByTagName("text").item(i).getTextContent());
            assertThat(words).contains("DDPM U\u2011Net", "EDM, \"large\"", "DiT", Html.share(
                    Results.pair(PageData.pairs(audit.results()), "m0", "m1").rp().value()));
            assertThat(svg(b.download(button("solvers-and-steps.svg"))).getElementsByTagName("circle").getLength()).isEqualTo(3);
            for (String name : new String[]{"how-often-two-models-agree-mae-score.png", "solvers-and-steps.png",
                "a-plane-of-noises-plane-of-m0.png"})
                drawing(b.download(button(name)));
            assertThat(b.errors).isEmpty();
        }
    }

    private static String button(String file) { return "button[data-file='" + file + "']"; }

    private static void json(Path file, Invented audit) throws Exception {
        JsonNode want = Json.MAPPER.readTree(Json.write(audit.results())), got = Json.MAPPER.readTree(Files.readString(file));
        for (String part : new String[]{"format", "title", "settings", "sources", "experiments"})
            assertThat(numbers(got.get(part))).as(part).isEqualTo(numbers(want.get(part)));
    }

    /** A script writes 15 where Java writes 15.0. */
    private static String numbers(JsonNode n) {
        return n.toString().replaceAll("(\\d)\\.0(?!\\d)", "$1");
    }

    private static void arrays(Path file, Invented audit) {
        try (Arena arena = Arena.ofConfined()) {
            Map<String, Tensor> got = Npz.read(file, arena);
            assertThat(got.keySet()).isEqualTo(audit.data().keySet());
            for (String name : new String[]{"m0~m1.similarity", "m2.nearest", "m0~m2.distance"})
                assertThat(got.get(name).toFloats()).as(name).isEqualTo(audit.data().get(name).toFloats());
        }
    }

    private static void pairs(Path file, Invented audit, float threshold) throws Exception {
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(1 + PageData.pairs(audit.results()).size());
        assertThat(lines.getFirst()).startsWith("a,b,noises,threshold,rp,rp_low,rp_high,mae_threshold,mae_score");
        String[] row = lines.get(1).substring("DDPM U-Net,\"EDM, \"\"large\"\"\",".length()).split(",");
        int hits = 0;
        for (float v : audit.data().get("m0~m1.similarity").toFloats())
            if (v > threshold) hits++;
        Results.Share s = Invented.share(hits, Invented.NOISES);
        double[] want = {Invented.NOISES, threshold, s.value(), s.low(), s.high(), 15,
            Results.pair(PageData.pairs(audit.results()), "m0", "m1").mae().value()};
        for (int i = 0; i < want.length; i++)
            assertThat(Double.parseDouble(row[i])).as(lines.getFirst().split(",")[i + 2]).isEqualTo(want[i], within(1e-7));
        Files.delete(file);
    }

    private static Document svg(Path file) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
    }

    /** Three pixels for one, on white, and not empty. */
    private static void drawing(Path file) throws Exception {
        BufferedImage image = ImageIO.read(file.toFile());
        assertThat(image.getWidth()).isGreaterThanOrEqualTo(800);
        assertThat(image.getRGB(0, 0) >>> 24).as("on paper, also where the page is dark").isEqualTo(0xff);
        int ink = 0;
        for (int y = 0; y < image.getHeight(); y += 3)
            for (int x = 0; x < image.getWidth(); x += 3)
                if (image.getRGB(x, y) != 0xffffffff) ink++;
        assertThat(ink).as("drawn").isGreaterThan(500);
    }
}
