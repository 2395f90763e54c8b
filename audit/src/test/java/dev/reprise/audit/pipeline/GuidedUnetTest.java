package dev.reprise.audit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class GuidedUnetTest {
    /** Numbers of the formula in diffusers' get_guidance_scale_embedding, run in PyTorch in float64 for a guidance of 7.5 and width 8. */
    @Test
    void embedsTheGuidanceOfADistilledNetwork() {
        double[] want = {-0.044784738601, 0.110155439836, 0.991123192192, 0.605186405736, -0.998996660249, 0.993914372104, 0.132946673137,
            0.796083798549};
        assertThat(GuidedUnet.guidanceEmbedding(7.5 - 1, 8)).containsExactly(want, within(1e-10));
        assertThat(GuidedUnet.guidanceEmbedding(7.5 - 1, 9)).hasSize(9).endsWith(0);
    }
}
