package dev.reprise.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.audit.Main;
import dev.reprise.engine.operator.Registry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the pages say is so. */
class ReadmeTest {
    private static final Path ROOT = Path.of("..");

    private static String page(String name) throws IOException { return Files.readString(ROOT.resolve(name)); }

    @Test
    void theExampleCompilesAndRuns(@TempDir Path folder) throws Exception {
        Matcher m = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(page("README.md"));
        assertThat(m.find()).isTrue();
        String code = m.group(1);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        var source = new SimpleJavaFileObject(URI.create("string:///Example.java"), SimpleJavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignore) { return code; }
        };
        List<String> options = List.of("-d", folder.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
        assertThat(compiler.getTask(null, null, null, options, null, List.of(source)).call()).isTrue();
        try (URLClassLoader loader = new URLClassLoader(new URL[]{folder.toUri().toURL()})) {
            PrintStream before = System.out;
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try {
                System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
                var main = loader.loadClass("Example").getDeclaredMethod("main", String[].class);
                main.setAccessible(true);
                main.invoke(null, (Object) new String[]{ROOT.resolve("models/unet-ddpm.onnx").toString()});
            } finally {
                System.setOut(before);
            }
            assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("float32[1, 3, 16, 16] ");
        }
    }

    @Test
    void namesEveryCommand() throws IOException {
        String readme = page("README.md");
        for (String name : Main.commandLine().getSubcommands().keySet())
            if (!name.equals("version")) assertThat(readme).contains("`" + name + " ");
    }

    @Test
    void countsTheOperators() throws IOException {
        Matcher m = Pattern.compile("\\| operators \\| more than (\\d+) operators").matcher(page("README.md"));
        assertThat(m.find()).isTrue();
        int claimed = Integer.parseInt(m.group(1));
        assertThat(Registry.get().names().size()).isGreaterThan(claimed).isLessThan(claimed + 20);
    }

    @Test
    void linksLeadSomewhere() throws IOException {
        Map<String, List<String>> broken = new java.util.TreeMap<>();
        for (String name : List.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/audit-spec.md", "docs/kernels.md",
                "docs/performance.md", "docs/adding-an-operator.md", "docs/gpu.md",
                "models/README.md")) {
            Path folder = Objects.requireNonNullElse(Path.of(name).getParent(), Path.of(""));
            Matcher m = Pattern.compile("]\\(([^)#]+)").matcher(page(name));
            while (m.find())
                if (!m.group(1).startsWith("http") && !Files.exists(ROOT.resolve(folder).resolve(m.group(1))))
                    broken.computeIfAbsent(name, _ -> new ArrayList<>()).add(m.group(1));
        }
        assertThat(broken).isEmpty();
    }
}
