package dev.reprise.audit.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The specs that are shipped, and the schema that describes them. */
class SpecsTest {
    private static final Path ROOT = Path.of("..");

    private static List<Path> specs() throws IOException {
        try (Stream<Path> files = Files.list(ROOT.resolve("specs"))) {
            return new ArrayList<>(files.sorted().toList());
        }
    }

    @Test
    void everySpecReads() throws IOException {
        for (Path p : specs()) {
            AuditSpec s = AuditSpecReader.read(p, false);
            assertThat(s.experiments()).as(p.toString()).isNotEmpty();
            if (!p.endsWith("small.yaml")) {
                assertThat(s.threshold()).as(p.toString()).isEqualTo(p.endsWith("figure-20.yaml") ? 0.4 : 0.6);
                assertThat(s.columns()).allMatch(c -> c.model().file() != null);
            }
        }
    }

    @Test
    void figuresHaveThePapersSettings() throws IOException {
        AuditSpec six = AuditSpecReader.read(ROOT.resolve("specs/figure-06.yaml"), false);
        assertThat(six.seeds().count()).isEqualTo(10_000);
        assertThat(six.columns()).hasSize(7);
        assertThat(AuditSpecReader.read(ROOT.resolve("specs/figure-12.yaml"), false).columns()).as("table 1").hasSize(20);
        Experiment.Hyperplane seven = (Experiment.Hyperplane) AuditSpecReader.read(ROOT.resolve("specs/figure-07.yaml"), false)
                .experiments().getFirst();
        assertThat(seven.points()).isEqualTo(100);
        assertThat(seven.from()).isEqualTo(-0.1);
        assertThat(AuditSpecReader.read(ROOT.resolve("specs/figure-02.yaml"), false).columns()).as("two widths, 2^6 to 2^15 images")
                .hasSize(20);
    }

    /** The schema has the entries that the reader takes, no more and no fewer. */
    @Test
    void theSchemaKnowsEveryEntry() throws IOException {
        JsonNode schema = JsonMapper.builder().build().readTree(Files.readString(ROOT.resolve("docs/spec.schema.json")));
        List<Path> all = specs();
        for (Path p : all)
            known(Tree.read(p), schema, p.toString());
        String unknown = "descriptor: d.onnx\nmodels: [{model: a.onnx}]\n";
        for (String entry : new TreeSet<>(schema.get("properties").propertyNames()))
            if (!entry.equals("descriptor") && !entry.equals("models"))
                try {
                    AuditSpecReader.read(Tree.yaml(unknown + entry + ": null\n", "s"), "s", null, false);
                } catch (SpecException e) {
                    assertThat(e.getMessage()).as(entry).doesNotContain("is not known");
                }
    }

    private static void known(Tree t, JsonNode schema, String at) {
        if (!(t instanceof Tree.Mapping m) || !schema.has("properties")) return;
        m.entries().forEach((name, value) -> {
            JsonNode inner = schema.get("properties").get(name);
            assertThat(inner).as(at + ": " + name).isNotNull();
            if (value instanceof Tree.Sequence s && inner.has("items"))
                for (Tree item : s.items())
                    known(item, choice(item, inner.get("items")), at + "." + name);
            else
                known(value, inner, at + "." + name);
        });
    }

    /** Of several kinds of experiment the one that the entry says it is. */
    private static JsonNode choice(Tree item, JsonNode schema) {
        if (!(item instanceof Tree.Mapping m) || !m.entries().containsKey("kind")) return schema;
        Object kind = ((Tree.Scalar) m.entries().get("kind")).value();
        for (JsonNode one : schema.get("oneOf"))
            if (one.get("properties").get("kind").get("const").asString().equals(kind)) return one;
        throw new AssertionError("the schema has no experiment " + kind);
    }
}
