package dev.reprise.loaders.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against PyTorch with the same random weights; see recipes/sscd.py. */
class SscdNetworkTest {
    static Path fixture(String name) {
        try {
            return Path.of(SscdNetworkTest.class.getResource(name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The largest difference of a descriptor's elements from PyTorch's; descriptors have length 1. */
    static double distance(Map<String, Tensor> weights, String name, Path io) {
        try (Model model = SscdNetwork.build(weights, name, "", Arena.ofShared())) {
            return distance(model, io);
        }
    }

    static double distance(Model model, Path io) {
        try (Arena arena = Arena.ofShared();
                Session session = model.session(SessionOptions.DEFAULT.threads(1))) {
            Map<String, Tensor> want = Npz.read(io, arena);
            Tensor got = session.run(Map.of(SscdNetwork.INPUT, want.get("image")), arena).get(SscdNetwork.OUTPUT),
                    descriptor = want.get("descriptor");
            assertThat(got.shape()).isEqualTo(descriptor.shape());
            double worst = 0;
            for (long i = 0; i < got.size(); i++)
                worst = Math.max(worst, Math.abs(got.getFloat(i) - descriptor.getFloat(i)));
            return worst;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classy-resnet", "classy-resnext", "torchvision-resnet", "torchvision-basic"})
    void describesAsPyTorch(String name) {
        try (Arena arena = Arena.ofShared()) {
            Map<String, Tensor> weights = Npz.read(fixture(name + ".npz"), arena);
            assertThat(SscdNetwork.fits(weights)).isTrue();
            assertThat(distance(weights, name, fixture(name + "-io.npz"))).isLessThan(1e-5);
        }
    }

    /** As its authors publish it: a traced program, of which the tensors alone are taken. */
    @Test
    void torchScriptIsReadDirectly() {
        try (Model model = SscdNetwork.load(fixture("classy-resnext.pt"))) {
            assertThat(model.info().sha256()).hasSize(64);
            assertThat(distance(model, fixture("classy-resnext-io.npz"))).isLessThan(1e-5);
        }
    }

    @Test
    void anyPrefixWillDo() {
        try (Arena arena = Arena.ofShared()) {
            Map<String, Tensor> weights = new LinkedHashMap<>();
            Npz.read(fixture("classy-resnet.npz"), arena).forEach((k, v) -> weights.put("model." + k, v));
            assertThat(distance(weights, "x", fixture("classy-resnet-io.npz"))).isLessThan(1e-5);
        }
    }

    /** What the message says is missing, too many, or of another shape. */
    @Test
    void otherNetworksAreErrors() {
        try (Arena arena = Arena.ofShared()) {
            Map<String, Tensor> good = Npz.read(fixture("classy-resnext.npz"), arena);
            Tensor small = Tensor.allocate(arena, DType.FLOAT32, Shape.of(3)),
                    whole = Tensor.allocate(arena, DType.INT64, Shape.of(24, 64));
            assertThatThrownBy(() -> build(good, "embeddings.1.bias", null)).hasMessage("f.pt: has no tensor 'embeddings.1.bias'");
            assertThatThrownBy(() -> build(good, "backbone.blocks.1.block1-0.bn.bias", small))
                    .hasMessageContaining("'backbone.blocks.1.block1-0.bn.bias' must be")
                    .hasMessageContaining("[3]");
            assertThatThrownBy(() -> build(good, "embeddings.1.weight", whole)).hasMessageContaining("floating-point");
            assertThatThrownBy(() -> build(good, "backbone.blocks.0.block0-0.se.fc.weight", small)).isInstanceOf(LoadException.class)
                    .hasMessageContaining("further tensors backbone.blocks.0.block0-0.se.fc.weight").hasMessageContaining("not supported");
            assertThatThrownBy(() -> build(good, "backbone.blocks.1.block1-0.downsample.0.weight", null))
                    .hasMessageContaining("downsample.0.weight'");
            assertThatThrownBy(() -> build(good, "backbone.initial_block._module.0.weight", null))
                    .hasMessageContaining("not hold the weights of an SSCD network");
            assertThatThrownBy(() -> build(good, "backbone.blocks.0.block0-0.convolutional_block.3.weight",
                    Tensor.allocate(arena, DType.FLOAT32, Shape.of(8, 3, 3, 3)))).hasMessageContaining("no convolution of 8 channels");
        }
    }

    private static void build(Map<String, Tensor> good, String name, Tensor instead) {
        Map<String, Tensor> weights = new LinkedHashMap<>(good);
        if (instead == null) weights.remove(name);
        else weights.put(name, instead);
        SscdNetwork.build(weights, "f.pt", "", Arena.ofShared()).close();
    }
}
