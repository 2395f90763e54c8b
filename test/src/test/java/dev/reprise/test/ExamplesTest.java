package dev.reprise.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example applications compile, run, and do what they say. */
class ExamplesTest {
    private static final Path EXAMPLES = Path.of("..", "docs", "examples");

    @TempDir
    Path folder;

    private String run(String name, Object... args) throws Exception {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> options = List.of("-d", folder.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            assertThat(
                    compiler.getTask(null, files, null, options, null, files.getJavaFileObjects(EXAMPLES.resolve(name + ".java"))).call())
                    .isTrue();
        }
        String[] texts = new String[args.length];
        for (int i = 0; i < texts.length; i++)
            texts[i] = args[i].toString();
        PrintStream before = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (URLClassLoader loader = new URLClassLoader(new URL[]{folder.toUri().toURL()})) {
            System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
            var main = loader.loadClass(name).getDeclaredMethod("main", String[].class);
            main.setAccessible(true);
            main.invoke(null, (Object) texts);
        } finally {
            System.setOut(before);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void anAuditAsAGate() throws Exception {
        Path spec = Files.writeString(folder.resolve("spec.yaml"), """
                seeds: 0-1
                descriptor: embedded:descriptor
                models:
                  - {model: embedded:dit, id: old, sampler: ddim, steps: 2}
                  - {model: embedded:dit, id: new, sampler: ddim, steps: 2}
                experiments:
                  - kind: matrix
                """);
        Path report = folder.resolve("report.html");
        String said = run("AuditExample", spec, folder.resolve("cache"), report, 0.3);
        assertThat(said).contains("old: float32[2, 3, 16, 16]", "old and new: RP 1.000, at least 0.342: pass").endsWith("PASS\n");
        assertThat(Files.readString(report)).contains("<!doctype html>");
        assertThat(run("AuditExample", spec, folder.resolve("cache"), report, 0.9)).endsWith("FAIL\n");
    }
}
