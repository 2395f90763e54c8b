package dev.reprise.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DescriptorTest {
    private static Tensor images(Arena arena, int n, int edge) {
        Random random = new Random(7);
        Tensor t = Tensor.allocate(arena, DType.FLOAT32, Shape.of(n, 3, edge, edge));
        for (int i = 0; i < t.size(); i++)
            t.setFloat(i, random.nextFloat() * 2 - 1);
        return t;
    }

    @Test
    void pixelSimilarityIsCorrelation() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Tensor.of(arena, Shape.of(4, 1, 1, 4), -0.5f, 0f, 0.5f, 0.25f, 0.5f, 0f, -0.5f, -0.25f, -0.25f, 0f, 0.25f, 0.125f,
                    0.1f, 0.1f,
                    0.1f, 0.1f);
            Tensor u = Similarity.normalize(new PixelDescriptor().describe(x, arena), arena);
            // Contrast and brightness do not count; the second image is the first one's negative. A pixel is truncated, hence the tolerance.
            assertThat(Similarity.dot(u, 0, u, 2, 4)).isCloseTo(1f, within(1e-3f));
            assertThat(Similarity.dot(u, 0, u, 1, 4)).isCloseTo(-1f, within(1e-3f));
            assertThat(u.getFloat(12)).isEqualTo(1f);
        }
    }

    /** A network that hands its input through shows what reaches it, and that pieces fit together again. */
    @Test
    void aModelDescribesPreparedImagesInPieces() {
        Value in = new Value("image", null), out = new Value("flat", null);
        Node flatten = new Node("flatten", "", "Flatten", 13, List.of(in), List.of(out), Attributes.NONE);
        in.type(new ValueType.TensorType(DType.FLOAT32, null));
        Graph graph = new Graph("g", List.of(in), List.of(out), List.of(flatten));
        Preprocess p = new Preprocess(6, 255, Preprocess.SSCD.mean(), Preprocess.SSCD.std());
        try (Model model = new Model(graph, new Model.Info("g", "", 8, 13, "", Map.of()), Arena.ofShared());
                Session session = model.session(SessionOptions.DEFAULT.threads(1));
                Arena arena = Arena.ofShared();
                Workers workers = new Workers(1)) {
            Tensor x = images(arena, 7, 8);
            Tensor d = new ModelDescriptor("flat", session, "image", "flat", p, 4).describe(x, arena);
            Tensor want = p.apply(x, workers, arena);
            assertThat(d.shape()).isEqualTo(Shape.of(7, 3 * 6 * 6));
            assertThat(d.sha256()).isEqualTo(want.sha256());
            assertThatThrownBy(() -> new ModelDescriptor("flat", session, "image", "nothing", p, 4).describe(x, arena))
                    .hasMessageContaining("'nothing'");
        }
    }
}
