package dev.reprise.audit.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class AuditSpecReaderTest {
    private static AuditSpec read(String yaml, boolean quick) {
        return AuditSpecReader.read(Tree.yaml(yaml, "spec.yaml"), "spec.yaml", Path.of("/models"), quick);
    }

    @Test
    void theEmbeddedAuditReads() {
        AuditSpec full = AuditSpecReader.embedded(false), quick = AuditSpecReader.embedded(true);
        assertThat(full.columns()).hasSizeGreaterThan(4);
        assertThat(quick.seeds().count()).isLessThan(full.seeds().count());
        assertThat(quick.columns()).isEqualTo(full.columns());
    }

    @Test
    void everyEntryHasItsPlace() {
        AuditSpec s = read("""
                title: A and B
                seeds: 5-9
                rows: 50
                threshold: 0.5
                maeThreshold: 1e1
                descriptor: d.onnx
                models:
                  - model: a.onnx
                    id: first
                    label: "A: the first"
                    sampler: heun
                    steps: 7
                    options: {spacing: karras, rho: 7}
                    class: 3
                  - ideal: embedded:unet-ddpm
                """, false);
        assertThat(s.seeds()).isEqualTo(new Seeds(5, 9));
        assertThat(s.rows()).isEqualTo(5);
        assertThat(s.maeThreshold()).isEqualTo(10);
        assertThat(s.descriptor().file()).isEqualTo(Path.of("/models/d.onnx"));
        AuditSpec.Column a = s.columns().getFirst(), b = s.columns().get(1);
        assertThat(a.id()).isEqualTo("first");
        assertThat(a.title()).isEqualTo("A: the first");
        assertThat(a.options()).containsEntry("rho", "7").containsEntry("spacing", "karras");
        assertThat(a.label()).isEqualTo("3");
        assertThat(b.ideal()).isTrue();
        assertThat(b.id()).isEqualTo("ideal-unet-ddpm");
        assertThat(b.model().file()).isNull();
    }

    @Test
    void mistakesAreNamedWithTheirPlace() {
        record Case(String yaml, String... said) {}
        String rest = "descriptor: d.onnx\nmodels:\n  - model: a.onnx\n";
        for (Case c : new Case[]{//
            new Case("", "spec.yaml", "empty"), //
            new Case("- a\n", "mapping"), //
            new Case("seedz: 1\n" + rest, "spec.yaml:1:1", "seedz", "seeds"), //
            new Case("seeds: 9-3\n" + rest, "spec.yaml:1:8", "9-3"), //
            new Case("seeds: 0-99999999\n" + rest, "0-99999999"), //
            new Case(rest + "    steps: many\n", "spec.yaml:4:12", "models[0].steps", "many"), //
            new Case(rest + "    sampler: huen\n", "spec.yaml:4:14", "models[0].sampler", "huen", "heun"), //
            new Case(rest + "experiments:\n  - {kind: steps, samplers: [ddim, nosuch]}\n", "spec.yaml:5", "experiments[0].samplers",
                    "nosuch"), //
            new Case(rest + "experiments: [{kind: steps, reference: {sampler: nosuch, steps: 3}}]\n", "reference.sampler", "nosuch"), //
            new Case(rest + "experiments: [{kind: quality, neighbours: 0}]\n", "spec.yaml:4", "experiments[0].neighbours", "from 1 to"), //
            new Case(rest + "experiments: [{kind: quality, training: {dataset: none.tar.gz}}]\n", "dataset", "none.tar.gz"), //
            new Case(rest + "experiments: [{kind: generators, against: [a]}]\n", "experiments[0].models", "no model of this spec fits"), //
            new Case(rest + "   label: x\n", "spec.yaml:4", "block", "expected"), //
            new Case(rest + "    ideal: b.onnx\n", "spec.yaml:4", "ideal"), //
            new Case(rest + "  - label: nothing\n", "models[1].model", "missing"), //
            new Case(rest + "  - model: b/a.onnx\n", "models[1].id", "unique"), //
            new Case("models: []\ndescriptor: d.onnx\n", "models", "at least one"), //
            new Case("models:\n  - model: a.onnx\n", "descriptor", "missing"), //
            new Case("threshold: high\n" + rest, "spec.yaml:1", "threshold", "high"), //
            new Case("threshold: 2\n" + rest, "threshold"), //
            new Case("rows: 0\n" + rest, "rows"), //
            new Case("title: [a\n" + rest, "spec.yaml"), //
            new Case("title: a\ntitle: b\n" + rest, "spec.yaml:2"), //
            new Case("models:\n" + "  ".repeat(3) + "- ".repeat(200) + "a\n", "nested")})
            assertThatThrownBy(() -> read(c.yaml, false)).as(c.yaml).isInstanceOf(SpecException.class).hasMessageContainingAll(c.said);
    }

    @Test
    void quickGoesOverTheRest() {
        String yaml = "seeds: 0-99\nquick: {seeds: 0-3}\ndescriptor: d.onnx\nmodels: [{model: a.onnx}]\n";
        assertThat(read(yaml, false).seeds().count()).isEqualTo(100);
        assertThat(read(yaml, true).seeds().count()).isEqualTo(4);
    }
}
