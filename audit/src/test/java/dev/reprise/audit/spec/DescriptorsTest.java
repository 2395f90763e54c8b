package dev.reprise.audit.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.engine.SessionOptions;
import dev.reprise.loaders.image.Image;
import dev.reprise.loaders.image.Png;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescriptorsTest {
    /** Made by loaders/recipes/sscd.py. */
    private static final Path FIXTURES = Path.of("..", "loaders", "src", "test", "resources", "dev", "reprise", "loaders", "architecture");

    @TempDir
    Path folder;

    private static Descriptors open(String reference) {
        return Descriptors.open(ModelFile.of(reference, FIXTURES), SessionOptions.DEFAULT.threads(2));
    }

    private static Tensor picture(Arena arena) {
        Image image = Png.read(FIXTURES.resolve("picture.png"));
        Tensor x = Tensor.allocate(arena, DType.FLOAT32, Shape.of(1, 3, image.height(), image.width()));
        int plane = image.width() * image.height();
        for (int i = 0; i < plane; i++)
            for (int c = 0; c < 3; c++)
                x.setFloat((long) c * plane + i, (image.rgb()[3 * i + c] & 0xff) / 127.5f - 1f);
        return x;
    }

    /** From a picture to the descriptor, against Pillow, torchvision and PyTorch with the weights of the same TorchScript file. */
    @ParameterizedTest
    @CsvSource({"classy-resnext.pt, skew_320", "sscd:classy-resnext.pt, skew_320", "sscd-288:classy-resnext.pt, small_288"})
    void sscdDescribesAPictureAsPyTorch(String reference, String expected) {
        try (Arena arena = Arena.ofShared(); Descriptors d = open(reference)) {
            Tensor got = d.descriptor().describe(picture(arena), arena),
                    want = Npz.read(FIXTURES.resolve("picture.npz"), arena).get(expected);
            assertThat(got.size()).isEqualTo(want.size());
            for (int i = 0; i < want.size(); i++)
                assertThat((double) Math.abs(got.getFloat(i) - want.getFloat(i))).isLessThan(1e-5);
            assertThat(d.sha256()).hasSize(64);
            assertThat(d.threshold()).isNull();
        }
    }

    /** What keys of caches are made of: the same for the same numbers, another for others, and never a thing of this process. */
    @Test
    void meaningsTellDescriptorsApart() {
        try (Descriptors a = open("sscd:classy-resnext.pt");
                Descriptors b = open("sscd-288:classy-resnext.pt");
                Descriptors c = open("classy-resnext.pt");
                Descriptors p = open("pixels");
                Descriptors e = open("embedded:descriptor")) {
            assertThat(a.meaning()).isEqualTo(c.meaning()).contains(a.sha256()).contains("320x320").doesNotContain("@");
            assertThat(b.meaning()).contains("shorter edge").isNotEqualTo(a.meaning());
            assertThat(p.meaning()).doesNotContain("@").isNotEmpty();
            assertThat(e.meaning()).contains("not resized");
            assertThat(e.threshold()).isNotNull();
        }
    }

    @Test
    void pixelsNeedNoNetwork() {
        try (Arena arena = Arena.ofShared(); Descriptors d = open("pixels")) {
            Tensor x = picture(arena), u = d.descriptor().describe(x, arena);
            assertThat(u.shape().dim(1)).isEqualTo(x.size());
            assertThat(d.sha256()).isEmpty();
            assertThat(ModelFile.of("pixels", null).embedded()).isFalse();
        }
    }

    @Test
    void whatIsNoDescriptorIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("a.pt"), "no weights");
        assertThatThrownBy(() -> open("sscd:" + file.toAbsolutePath())).hasMessageContaining("a.pt").hasMessageContaining("neither");
        assertThatThrownBy(() -> open("sscd:nothing.onnx")).hasMessageContaining("nothing.onnx");
        assertThatThrownBy(() -> open("embedded:unet-ddpm")).hasMessageContaining("descriptor");
    }
}
