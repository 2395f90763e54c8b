package dev.reprise.audit.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.audit.report.Claims.Claim;
import dev.reprise.audit.report.Claims.Verdict;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the report says of the paper's findings follows from the numbers, whichever way they turn. */
class ClaimsTest {
    private static final Results RESULTS = Invented.of(Arena.ofAuto(), "DDPM U-Net", "EDM U-Net", "DiT", "DDPM, 64 images").results();

    /** The invented audit with other pairs of models in its matrix. */
    private static List<Claim> claims(int hits, String kind) {
        List<Outcome> outcomes = new ArrayList<>();
        for (Outcome o : RESULTS.experiments())
            outcomes.add(o instanceof Outcome.Matrix m
                    ? new Outcome.Matrix(kind, m.title(), m.finding(), m.threshold(), m.sources(),
                            m.pairs().stream()
                                    .map(p -> new Results.Pair(p.a(), p.b(), Invented.share(hits, 64), p.mae(), p.mean(), p.histogram(),
                                            p.data()))
                                    .toList(),
                            m.baselines())
                    : o);
        List<Results.Source> sources = RESULTS.sources().stream().map(s -> new Results.Source(s.id(), s.label(), s.model(),
                kind.equals("generators") ? "generator" : s.kind(), s.architecture(), s.objective(), s.sampler(), s.noises(), s.images(),
                s.evaluations(), s.mode(), s.modelSha256(), s.parameters(), s.training(), s.samplesSha256())).toList();
        return Claims.of(new Results(RESULTS.format(), RESULTS.title(), RESULTS.settings(), sources, outcomes, RESULTS.run()));
    }

    private static Claim about(List<Claim> all, String words) {
        return all.stream().filter(c -> c.paper().contains(words)).findFirst().orElseThrow();
    }

    @Test
    void reproducibilityIsShownInPartOrNot() {
        assertThat(about(claims(60, "matrix"), "figures 1, 6, 12").verdict()).isEqualTo(Verdict.SHOWN);
        Claim part = about(claims(30, "matrix"), "figures 1, 6, 12");
        assertThat(part.verdict()).isEqualTo(Verdict.PART);
        assertThat(part.here()).isEqualTo("RP 0.47 of 3 pairs, 64 noises");
        assertThat(about(claims(2, "matrix"), "figures 1, 6, 12").verdict()).isEqualTo(Verdict.NOT);
    }

    @Test
    void generatorsAreExpectedNotToAgree() {
        assertThat(about(claims(1, "generators"), "GANs and VAEs").verdict()).isEqualTo(Verdict.SHOWN);
        assertThat(about(claims(40, "generators"), "GANs and VAEs").verdict()).isEqualTo(Verdict.NOT);
    }

    @Test
    void thePageSaysSo() {
        String page = HtmlReport.render(RESULTS, Invented.of(Arena.ofAuto(), "A", "B", "C", "D").data(),
                Invented.of(Arena.ofAuto(), "A", "B", "C", "D").pictures());
        assertThat(page).contains("<section id=\"claims\">", "What the paper finds");
        for (Claim c : Claims.of(RESULTS))
            assertThat(page).contains(Html.escape(c.paper()), Html.escape(c.here()));
    }
}
