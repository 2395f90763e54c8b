package dev.reprise.tornado.device;

import dev.reprise.tornado.kernel.Norms;
import dev.reprise.tornado.kernel.Reductions;
import dev.reprise.tornado.lower.Kind;

/** The work-group that each kernel is written for. */
final class Groups {
    private Groups() {}

    static int[] of(Kind kind) {
        return switch (kind) {
            case GEMM_TILE, CONV_TILE, ATTENTION_TILE -> new int[]{16, 16, 1};
            case GROUP_NORM_TILE -> new int[]{Norms.GROUP, 1, 1};
            case LAYER_NORM_TILE -> new int[]{Norms.ROW, 1, 1};
            case SOFTMAX_TILE -> new int[]{Reductions.ROW, 1, 1};
            default -> new int[]{64, 1, 1};
        };
    }
}
