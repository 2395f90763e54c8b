package dev.reprise.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The order of the modules: each may use only what its descriptor names, and its descriptor may name only this. */
class ModuleOrderTest {
    private static final Path ROOT = Path.of("..");
    private static final Map<String, Set<String>> MAY_USE = Map.of(//
            "ops", Set.of(), //
            "engine", Set.of("ops"), //
            "loaders", Set.of("ops", "engine"), //
            "samplers", Set.of("ops"), //
            "metrics", Set.of("ops", "engine"), //
            "audit", Set.of("ops", "engine", "loaders", "samplers", "metrics"), //
            "bench", Set.of("ops", "engine", "loaders", "samplers", "metrics", "audit"));
    private static final Set<String> LIBRARIES = Set.of("com.google.protobuf", "org.apache.commons.compress");

    private static ModuleDescriptor descriptor(String module) {
        try (InputStream in = Files.newInputStream(ROOT.resolve(module).resolve("target/classes/module-info.class"))) {
            return ModuleDescriptor.read(in);
        } catch (IOException e) {
            throw new AssertionError(module, e);
        }
    }

    private static Set<String> requires(String module) {
        return descriptor(module).requires().stream().map(Requires::name).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void modulesUseOnlyThoseAboveThem() {
        MAY_USE.forEach(
                (module, above) -> assertThat(requires(module).stream().filter(n -> n.startsWith("dev.reprise.")).map(n -> n.substring(12)))
                        .as(module).isSubsetOf(above));
    }

    @Test
    void librariesHaveTwoDependencies() {
        for (String module : List.of("ops", "engine", "loaders", "samplers", "metrics"))
            assertThat(requires(module)).as(module)
                    .allMatch(n -> n.startsWith("dev.reprise.") || n.startsWith("java.") || n.startsWith("jdk.") || LIBRARIES.contains(n));
    }

    @Test
    void everyFolderWithADescriptorIsKnown() throws IOException {
        try (Stream<Path> all = Files.list(ROOT)) {
            assertThat(all.filter(p -> Files.exists(p.resolve("src/main/java/module-info.java"))).map(p -> p.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(MAY_USE.keySet());
        }
    }
}
