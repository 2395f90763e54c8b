package dev.reprise.audit.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
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
            if (p.getFileName().toString().startsWith("figure-")) {
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

    /** Each figure that needs no training has a spec with the paper's settings, and its experiments a small one that the tests run. */
    @Test
    void everyFigureHasASpecAndASmallOne() throws IOException {
        List<String> figures = new ArrayList<>(), small = new ArrayList<>();
        for (String name : new String[]{"small.yaml", "small-text.yaml"})
            AuditSpecReader.read(ROOT.resolve("specs").resolve(name), false).experiments().forEach(e -> small.add(e.kind()));
        for (Path p : specs()) {
            if (!p.getFileName().toString().startsWith("figure-")) continue;
            figures.add(p.getFileName().toString().replaceAll("\\D", ""));
            assertThat(AuditSpecReader.read(p, false).experiments()).as(p.toString()).allMatch(e -> small.contains(e.kind()));
        }
        assertThat(figures).containsExactly("01", "02", "03", "04", "05", "06", "07", "08", "09", "12", "13", "14", "18", "19", "20");
        List<String> kinds = new ArrayList<>();
        SCHEMA.at("/properties/experiments/items/oneOf").forEach(k -> kinds.add(k.at("/properties/kind/const").asString()));
        assertThat(small).as("every kind").containsAll(kinds);
    }

    private static final JsonNode SCHEMA;
    static {
        try {
            SCHEMA = JsonMapper.builder().build().readTree(Files.readString(ROOT.resolve("docs/spec.schema.json")));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Every place of a spec that takes entries: a spec with an unknown one there, and where the schema describes the place. */
    static Stream<Arguments> places() {
        String head = "descriptor: d.onnx\nmodels: [{model: a.onnx}, {generator: g.onnx}, {pipeline: p}]\n";
        List<Arguments> all = new ArrayList<>(List.of(Arguments.of(head + "nosuch: 1\n", "/properties"),
                Arguments.of("descriptor: d.onnx\nmodels: [{model: a.onnx, nosuch: 1}]\n", "/properties/models/items/properties"),
                Arguments.of("descriptor: d.onnx\nmodels: [{model: a.onnx, training: {dataset: synthetic-shapes, nosuch: 1}}]\n",
                        "/$defs/training/properties"),
                Arguments.of(head + "quick: {nosuch: 1}\n", "/properties/quick/properties")));
        JsonNode kinds = SCHEMA.at("/properties/experiments/items/oneOf");
        for (int i = 0; i < kinds.size(); i++) {
            String kind = kinds.get(i).at("/properties/kind/const").asString(),
                    at = "/properties/experiments/items/oneOf/" + i + "/properties";
            all.add(Arguments.of(head + "experiments: [{kind: " + kind + ", nosuch: 1}]\n", at));
            if (kind.equals("steps"))
                all.add(Arguments.of(head + "experiments: [{kind: steps, reference: {nosuch: 1}}]\n", at + "/reference/properties"));
        }
        return all.stream();
    }

    /** The schema has the entries that the reader takes, no more and no fewer: the reader's own message lists them. */
    @ParameterizedTest
    @MethodSource("places")
    void theSchemaHasTheEntriesThatTheReaderTakes(String spec, String at) {
        String known = "known are ";
        SpecException e = catchThrowableOfType(SpecException.class,
                () -> AuditSpecReader.read(Tree.yaml(spec, "s"), "s", null, spec.contains("quick")));
        assertThat(e).as(spec).hasMessageContaining(known);
        List<String> taken = List.of(e.getMessage().substring(e.getMessage().indexOf(known) + known.length()).split(", "));
        assertThat(SCHEMA.at(at).propertyNames()).as(at).containsExactlyInAnyOrderElementsOf(taken);
    }

    @Test
    void theSchemaHasTheKindsThatTheReaderTakes() {
        SpecException e = catchThrowableOfType(SpecException.class, () -> AuditSpecReader.read(
                Tree.yaml("descriptor: d.onnx\nmodels: [{model: a.onnx}]\nexperiments: [{kind: nosuch}]\n", "s"), "s", null, false));
        List<String> kinds = new ArrayList<>();
        SCHEMA.at("/properties/experiments/items/oneOf").forEach(k -> kinds.add(k.at("/properties/kind/const").asString()));
        assertThat(e.getMessage().replaceAll(".*must be |, found .*", "").split(", | or ")).containsExactlyInAnyOrderElementsOf(kinds);
        assertThat(kinds).as("every kind has a class").hasSameSizeAs(Experiment.class.getPermittedSubclasses());
    }

    /** Whatever the shipped specs say, the schema allows. */
    @Test
    void theSchemaAllowsEverySpec() throws IOException {
        List<Path> all = specs();
        for (String name : new String[]{"default.yaml", "init.yaml"})
            all.add(ROOT.resolve("audit/src/main/resources/dev/reprise/audit/spec").resolve(name));
        for (Path p : all)
            known(Tree.read(p), SCHEMA, p.toString());
    }

    private static JsonNode resolved(JsonNode schema) {
        return schema.has("$ref") ? SCHEMA.at(schema.get("$ref").asString().substring(1)) : schema;
    }

    private static void known(Tree t, JsonNode described, String at) {
        JsonNode schema = resolved(described);
        if (t instanceof Tree.Sequence s && schema.has("items"))
            for (Tree item : s.items())
                known(item, choice(item, schema.get("items")), at);
        if (!(t instanceof Tree.Mapping m) || !schema.has("properties")) return;
        m.entries().forEach((name, value) -> {
            assertThat(schema.get("properties").propertyNames()).as(at).contains(name);
            known(value, schema.get("properties").get(name), at + "." + name);
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

    @Test
    void namesOfEmbeddedModelsAreThoseThatThereAre() throws IOException {
        try (Stream<Path> files = Files.list(ROOT.resolve("models"))) {
            assertThat(files.map(f -> f.getFileName().toString()).filter(f -> f.endsWith(".onnx")).map(f -> f.replace(".onnx", "")))
                    .containsExactlyInAnyOrderElementsOf(ModelFile.NAMES);
        }
    }
}
