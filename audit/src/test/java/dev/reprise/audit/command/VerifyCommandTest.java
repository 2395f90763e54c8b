package dev.reprise.audit.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.audit.certificate.Certificate;
import dev.reprise.audit.certificate.Certificate.Output;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyCommandTest {
    @TempDir
    Path folder;

    private Path sample(Path model, Path out, Object... more) {
        List<Object> args = new ArrayList<>(
                List.of("sample", model == null ? "embedded:unet-ddpm" : model, "--steps", 2, "--sampler", "ddim", "--seeds", "0-2",
                        "--out", out));
        args.addAll(List.of(more));
        Cli c = Cli.run(args.toArray());
        assertThat(c.code()).as(c.err()).isZero();
        return out.resolveSibling(out.getFileName().toString().replace(".npz", ".certificate.json"));
    }

    private static void edit(Path certificate, UnaryOperator<String> by) throws IOException {
        String before = Files.readString(certificate), after = by.apply(before);
        assertThat(after).isNotEqualTo(before);
        Files.writeString(certificate, after);
    }

    /** Makes element 7 of sample 1 another number, as a defective engine might have. */
    private static void spoil(Path npz) {
        try (Arena arena = Arena.ofConfined()) {
            Map<String, Tensor> arrays = new LinkedHashMap<>();
            Npz.read(npz, arena).forEach((name, t) -> arrays.put(name, t.copy(arena)));
            Tensor row = arrays.get("samples").rows(1, 2);
            row.setFloat(7, Math.nextUp(row.getFloat(7)));
            Npz.write(npz, arrays);
        }
    }

    @Test
    void theSameRunHasTheSameCertificateAndVerifies() throws IOException {
        Path a = sample(null, folder.resolve("a/x.npz"), "--threads", 1, "--batch", 1);
        Path b = sample(null, folder.resolve("b/x.npz"), "--batch", 3, "--threads", 3);
        assertThat(Files.mismatch(a, b)).isEqualTo(-1);
        Cli c = Cli.run("verify", a, "--threads", 2);
        assertThat(c.code()).as(c.err()).isZero();
        assertThat(c.out()).contains("bit-equal    samples").contains("equal        every bit");
        // Without the arrays beside it there are still the hashes.
        Files.delete(folder.resolve("a/x.npz"));
        assertThat(Cli.run("verify", a).code()).isZero();
    }

    @Test
    void aRunThatGaveOtherBitsIsFoundOut() throws IOException {
        Path npz = folder.resolve("x.npz"), certificate = sample(null, npz);
        Certificate before = CertificateFiles.read(certificate);
        spoil(npz);
        try (Arena arena = Arena.ofConfined()) {
            Output other = Output.of("samples", "x.npz", "samples", Npz.read(npz, arena).get("samples"));
            CertificateFiles.write(certificate, new Certificate(before.format(), before.command(), before.arguments(), before.inputs(),
                    before.engine(), before.settings(), List.of(before.output("noise"), other)));
        }
        Cli c = Cli.run("verify", certificate);
        assertThat(c.code()).isEqualTo(1);
        assertThat(c.out()).contains("bit-equal    noise").contains("differs      samples, first in sample 1 in the new run")
                .contains("first element [1, 0, 0, 7]").contains("equal        no");
        Cli json = Cli.run("verify", certificate, "--json");
        var d = Json.MAPPER.readTree(json.out()).get("differences").get(0);
        assertThat(d.get("sample").asLong()).isEqualTo(1);
        assertThat(Float.parseFloat(d.get("element").get("expected").asString()))
                .isEqualTo(Math.nextUp(Float.parseFloat(d.get("element").get("found").asString())));
        // Without the arrays: the sample, but no element.
        Files.delete(npz);
        Cli hashes = Cli.run("verify", certificate);
        assertThat(hashes.code()).isEqualTo(1);
        assertThat(hashes.out()).contains("first in sample 1").doesNotContain("element");
    }

    @Test
    void anArrayThatWasChangedLaterIsFoundOut() throws IOException {
        Path npz = folder.resolve("x.npz"), certificate = sample(null, npz);
        spoil(npz);
        Cli c = Cli.run("verify", certificate);
        assertThat(c.code()).isEqualTo(1);
        assertThat(c.out()).contains("samples, first in sample 1 in the file x.npz").contains("first element [1, 0, 0, 7]");
    }

    @Test
    void whatItWasMadeOfIsFoundAgainOrMissed() throws IOException {
        Path model = folder.resolve("model/unet.onnx");
        Files.createDirectories(model.getParent());
        Files.copy(Path.of("../models/unet-ddpm.onnx"), model);
        Files.copy(Path.of("../models/unet-ddpm.json"), folder.resolve("model/unet.json"));
        Path certificate = sample(model, folder.resolve("x.npz"));
        assertThat(Cli.run("verify", certificate).code()).isZero();

        // Moved beside the certificate.
        Files.move(model, folder.resolve("unet.onnx"));
        Files.move(folder.resolve("model/unet.json"), folder.resolve("unet.json"));
        Cli moved = Cli.run("verify", certificate);
        assertThat(moved.code()).as(moved.err()).isZero();

        // Other metadata, another model, none.
        edit(folder.resolve("unet.json"), s -> s.replace("0.02", "0.03"));
        assertThat(Cli.run("verify", certificate).code()).isEqualTo(2);
        Files.copy(Path.of("../models/unet-ddpm-64.onnx"), folder.resolve("unet.onnx"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Cli other = Cli.run("verify", certificate);
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.err()).contains("unet.onnx is not the file of the certificate").contains("SHA-256").hasLineCount(1);
        Files.delete(folder.resolve("unet.onnx"));
        assertThat(Cli.run("verify", certificate).err()).contains("there is no such file").hasLineCount(1);
    }

    /** The second audit takes everything from the first one's cache; verifying takes nothing from it. */
    @Test
    void auditsAreMadeAgainWithoutTheirCache() throws IOException {
        Path spec = Files.writeString(folder.resolve("spec.yaml"), """
                title: Two samplers
                seeds: 7-8
                descriptor: embedded:descriptor
                trainingImages: 50
                models:
                  - {model: embedded:unet-ddpm, id: one, sampler: ddim, steps: 1}
                  - {model: embedded:unet-ddpm, id: two, sampler: ddim, steps: 2}
                """);
        Path cache = folder.resolve("cache"), a = folder.resolve("a"), b = folder.resolve("b");
        for (Path out : List.of(a, b)) {
            Cli c = Cli.run("audit", spec, "--out", out, "--cache", cache, "--threads", out.equals(a) ? 1 : 2);
            assertThat(c.code()).as(c.err()).isZero();
        }
        Path certificate = a.resolve("certificate.json");
        assertThat(Files.mismatch(certificate, b.resolve("certificate.json"))).isEqualTo(-1);
        assertThat(CertificateFiles.read(certificate).outputs().stream().map(Output::name))
                .contains("one/noise", "one/samples", "two/samples", "experiments");
        Cli same = Cli.run("verify", certificate);
        assertThat(same.code()).as(same.err() + same.out()).isZero();
        spoil(a.resolve("samples/two.npz"));
        Cli spoilt = Cli.run("verify", certificate);
        assertThat(spoilt.code()).isEqualTo(1);
        assertThat(spoilt.out()).contains("two/samples, first in sample 1 in the file samples/two.npz")
                .contains("bit-equal    one/samples");
    }

    @Test
    void mistakesAreNamed() throws IOException {
        Path certificate = sample(null, folder.resolve("x.npz"));
        String text = Files.readString(certificate);
        edit(certificate, s -> s.replace("--steps=2", "--steps=3"));
        Cli steps = Cli.run("verify", certificate);
        assertThat(steps.code()).isEqualTo(2);
        assertThat(steps.err()).contains("settings").contains("\"steps\" : 3");
        Files.writeString(certificate, text.replace("certificate-1", "certificate-9"));
        assertThat(Cli.run("verify", certificate).err()).contains("reprise-certificate-1").contains("found reprise-certificate-9");
        Files.writeString(certificate, text.replace("\"sample\"", "\"run\""));
        assertThat(Cli.run("verify", certificate).err()).contains("`run`");
        Files.writeString(certificate, "[1");
        assertThat(Cli.run("verify", certificate).err()).contains("no certificate").hasLineCount(1);
        assertThat(Cli.run("verify", folder.resolve("none.json")).code()).isEqualTo(2);
    }

    /** Of two runs that part on the way it says where: the third noise ratio of one is another. */
    @Test
    void trajectoriesTellTheStep() throws IOException {
        Path trajectory = folder.resolve("t/steps.npz"), out = folder.resolve("t/x.npz");
        Cli c = Cli.run("sample", "embedded:unet-ddpm", "--sampler", "euler", "--steps", 3, "--set", "sigmas=80/24/5/0", "--seeds", "0-1",
                "--out", out, "--save-trajectory", trajectory);
        assertThat(c.code()).as(c.err()).isZero();
        Path certificate = folder.resolve("t/x.certificate.json");
        byte[] states = Files.readAllBytes(trajectory);
        Cli same = Cli.run("verify", certificate);
        assertThat(same.code()).as(same.err() + same.out()).isZero();
        assertThat(same.out()).contains("bit-equal    trajectory");
        assertThat(Files.readAllBytes(trajectory)).as("a run of verify leaves the file alone").isEqualTo(states);

        edit(certificate, s -> s.replace("80/24/5/0", "80/24/6/0"));
        Cli other = Cli.run("verify", certificate);
        assertThat(other.code()).as(other.err()).isEqualTo(1);
        assertThat(other.out()).contains("differs      samples, first in sample 0").contains("differs      trajectory, first in sample 0")
                .contains("first element [2, 0, 0, 0, 0]").containsPattern("(?s)trajectory.*first at step 2.*samples.*first at step 2");
    }
}
