package dev.reprise.audit.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Devices on the command line, where there is none but the CPU: tests of this module never have TornadoVM. */
class DevicesCommandTest {
    private static final Path MODEL = Path.of("../models/unet-ddpm.onnx");

    @TempDir
    private Path folder;

    @BeforeEach
    void inputs() {
        try (Arena arena = Arena.ofConfined()) {
            Map<String, Tensor> fixture = Npz.read(Path.of("../models/fixtures/unet-ddpm.npz"), arena);
            Npz.write(folder.resolve("in.npz"), Map.of("x", fixture.get("x"), "t", fixture.get("t")));
        }
    }

    private Cli run(String out, Object... more) {
        Object[] args = {"run", MODEL, "--input", folder.resolve("in.npz"), "--output-dir", folder.resolve(out)};
        Object[] all = java.util.Arrays.copyOf(args, args.length + more.length);
        System.arraycopy(more, 0, all, args.length, more.length);
        return Cli.run(all);
    }

    @Test
    void listsTheCpuAndSaysWhyThereIsNoMore() throws IOException {
        Cli c = Cli.run("devices");
        assertThat(c.code()).as(c.err()).isZero();
        assertThat(c.out()).containsPattern("cpu +Java").contains("No graphics processor: ").contains("TornadoVM");
        JsonNode json = Json.MAPPER.readTree(Cli.run("devices", "--json").out());
        assertThat(json.get("devices").get(0).get("id").asString()).isEqualTo("cpu");
        assertThat(json.get("missing").asString()).isNotEmpty();
    }

    @Test
    void whyDependsOnWhatIsInstalled() throws IOException {
        assertThat(DeviceList.why(null)).startsWith("TORNADOVM_HOME is not set; install");
        assertThat(DeviceList.why(folder.toString())).contains("which holds no tornado-argfile");
        Files.createFile(folder.resolve("tornado-argfile"));
        assertThat(DeviceList.why(folder.toString())).startsWith("this program was built without TornadoVM");
    }

    @Test
    void anAbsentDeviceLeavesItsWorkToTheCpuWithOneWarning() throws IOException {
        assertThat(run("cpu").code()).isZero();
        Cli other = run("other", "--device", "tornado:0:1");
        assertThat(other.code()).as(other.err()).isZero();
        assertThat(other.err()).containsOnlyOnce("warning: --device tornado:0:1 is not there").contains("running on the CPU");
        assertThat(run("auto", "--device", "auto").err()).doesNotContain("warning");
        for (String out : new String[]{"other", "auto"})
            assertThat(folder.resolve(out).resolve("epsilon.npy")).hasSameBinaryContentAs(folder.resolve("cpu").resolve("epsilon.npy"));
    }

    @Test
    void strictlyAnAbsentDeviceIsAnError() {
        for (String device : new String[]{"tornado", "auto"}) {
            Cli c = run("out", "--device", device, "--device-strict");
            assertThat(c.code()).isEqualTo(2);
            assertThat(c.err()).contains("TornadoVM").hasLineCount(1);
        }
        assertThat(run("out", "--device", "abacus").err()).contains("there is no device 'abacus'");
    }
}
