package dev.reprise.bench.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.engine.Model;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The networks have the parameters of the published ones: counted in PyTorch, over the modules of ermongroup/ddim, NVlabs/edm
 * (without the weights of its augmentation labels, which no sampler uses), facebookresearch/DiT, baofff/U-ViT, torchvision's
 * ResNet-50 with 512 outputs, and all-MiniLM-L6-v2 (22 713 216) without its pooler (147 840).
 */
class NetworksTest {
    @ParameterizedTest
    @CsvSource({"ddpm, 35746307", "ddpmpp, 55732739", "ddpmpp-64, 13956355", "ddpmpp-32, 3500675", "dit-s2, 32963360", "uvit-s2, 44255328",
        "sscd, 24557120", "minilm, 22565376"})
    void parameters(String name, long count) {
        try (Model m = Networks.named(name)) {
            assertThat(m.info().metadata()).containsEntry(Networks.PARAMETERS, Long.toString(count));
            assertThat(m.problems()).isEmpty();
        }
    }

    @Test
    void namesWhatThereIs() {
        assertThatThrownBy(() -> Networks.named("dit-xl")).hasMessageContaining("dit-xl").hasMessageContaining("dit-s2");
    }
}
