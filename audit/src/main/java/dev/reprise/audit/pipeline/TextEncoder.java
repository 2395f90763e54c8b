package dev.reprise.audit.pipeline;

import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.tokenizer.ClipTokenizer;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.Map;

/** The prompt's way into the network: {@code tokenizer/} and {@code text_encoder/}, whose last hidden states are the context. */
final class TextEncoder {
    private final ClipTokenizer tokenizer;
    private final Component network;

    /** @param values the states of all tokens, row by row */
    record Context(int tokens, int width, double[] values) {}

    TextEncoder(ClipTokenizer tokenizer, Component network) {
        this.tokenizer = tokenizer;
        this.network = network;
    }

    ClipTokenizer tokenizer() { return tokenizer; }

    Context encode(String prompt) {
        long[] ids = tokenizer.encode(prompt);
        double[] values = new double[ids.length], mask = new double[ids.length];
        for (int i = 0; i < ids.length; i++) {
            values[i] = ids[i];
            mask[i] = 1;
        }
        try (Arena arena = Arena.ofShared()) {
            Shape shape = Shape.of(1, ids.length);
            Map<String, Tensor> in = new HashMap<>(Map.of("input_ids", network.input("input_ids", arena, shape, values)));
            // Stable Diffusion's encoders attend to the padding too.
            if (network.takes("attention_mask")) in.put("attention_mask", network.input("attention_mask", arena, shape, mask));
            Tensor out = network.run(in, "last_hidden_state", arena);
            if (out.shape().rank() != 3 || out.shape().dim(0) != 1)
                throw new LoadException(network.file().toString(), "must give states (1, tokens, width), found " + out);
            double[] states = new double[Math.toIntExact(out.size())];
            for (int i = 0; i < states.length; i++)
                states[i] = out.getDouble(i);
            return new Context(out.shape().dimInt(1), out.shape().dimInt(2), states);
        }
    }
}
