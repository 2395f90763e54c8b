package dev.reprise.tornado.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.operator.OperatorException;
import dev.reprise.engine.plan.PlanOptions;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.tornado.lower.Kind;
import dev.reprise.tornado.lower.Kind.Tier;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Drivers that fail, aloud or in silence, and memory that is not enough: the CPU takes over, whole and once, or it is an error. */
class FailuresTest {
    private static final long SEED = 7;

    private final List<String> warnings = new ArrayList<>();

    /** A Gemm of several launches: an input over, a constant spread, a sum, a product, a result back. */
    private static Model model() {
        return Networks.one("Gemm", 13, Attributes.of("transA", 1, "beta", 0.25f), true, new Random(SEED), Shape.of(20, 6),
                Shape.of(20, 10), Shape.of(6, 1));
    }

    private Session session(Model m, EmulatedDevice d) {
        return m.session(SessionOptions.DEFAULT.threads(1).plan(PlanOptions.DEFAULT.device(d).warnings(warnings::add)));
    }

    private static Session strict(Model m, EmulatedDevice d) {
        return m.session(SessionOptions.DEFAULT.threads(1).plan(PlanOptions.DEFAULT.device(d).strict(true)));
    }

    private static float[] run(Session s, Model m) {
        try (Arena arena = Arena.ofShared()) {
            Map<String, Tensor> in = new LinkedHashMap<>();
            for (Value v : m.graph().inputs())
                in.put(v.name(), Networks.random(arena, Shape.of(20, 6), new Random(SEED + 1)));
            return s.run(in, arena).values().iterator().next().toFloats();
        }
    }

    private static float[] cpu() {
        try (Model m = model(); Session s = m.session(SessionOptions.DEFAULT.threads(1))) {
            return run(s, m);
        }
    }

    @Test
    void aDriverThatFailsInARunLeavesItToTheCpuWithOneWarning() {
        float[] expected = cpu();
        try (EmulatedDevice d = new EmulatedDevice(Tier.LOCAL); Model m = model(); Session s = session(m, d)) {
            int[] launches = {0};
            d.driver = _ -> ++launches[0] > 0;
            assertThat(run(s, m)).as("the device's own sums").usingComparatorWithPrecision(1e-5f).containsExactly(expected);
            assertThat(warnings).isEmpty();
            d.driver = k -> {
                launches[0]++;
                if (k == Kind.GEMM_TILE) throw new IllegalStateException("CL_OUT_OF_RESOURCES");
                return true;
            };
            assertThat(run(s, m)).as("the CPU's, bit for bit").isEqualTo(expected);
            assertThat(warnings).containsExactly(
                    "emulated (kernels as Java, local memory): CL_OUT_OF_RESOURCES; this run is repeated on the CPU, and later ones run there");
            int before = launches[0];
            assertThat(run(s, m)).isEqualTo(expected);
            assertThat(launches[0]).as("launches after the failure").isEqualTo(before);
            assertThat(warnings).hasSize(1);
            assertThat(d.held()).as("bytes that the device that failed still holds").isZero();
        }
    }

    @Test
    void noLaunchCanBeLostInSilence() {
        float[] expected = cpu();
        for (Tier tier : Tier.values()) {
            int all = launches(tier);
            assertThat(all).isGreaterThanOrEqualTo(5);
            for (int lost = 0; lost < all; lost++)
                try (EmulatedDevice d = new EmulatedDevice(tier); Model m = model(); Session s = session(m, d)) {
                    warnings.clear();
                    run(s, m);
                    int[] at = {0};
                    int skip = lost;
                    d.driver = _ -> at[0]++ != skip;
                    assertThat(run(s, m)).as("%s, launch %d lost", tier.text(), lost).isEqualTo(expected);
                    assertThat(warnings).as("%s, launch %d lost", tier.text(), lost).singleElement().asString()
                            .contains("a kernel did not run");
                }
        }
    }

    /** Of the second run: the first compiles. */
    private int launches(Tier tier) {
        try (EmulatedDevice d = new EmulatedDevice(tier); Model m = model(); Session s = session(m, d)) {
            run(s, m);
            int[] all = {0};
            d.driver = _ -> ++all[0] > 0;
            run(s, m);
            return all[0];
        }
    }

    @Test
    void aFailureInARunIsAnErrorWhereThatIsAsked() {
        try (EmulatedDevice d = new EmulatedDevice(Tier.LOCAL); Model m = model(); Session s = strict(m, d)) {
            run(s, m);
            d.driver = k -> k != Kind.ZIP;
            for (int i = 0; i < 2; i++)
                assertThatThrownBy(() -> run(s, m)).isInstanceOf(OperatorException.class).hasMessageContaining("a kernel did not run");
        }
    }

    @Test
    void theNextSessionTriesTheDeviceAgain() {
        try (EmulatedDevice d = new EmulatedDevice(Tier.LOCAL); Model m = model(); Session first = session(m, d)) {
            d.driver = k -> k != Kind.DOWNLOAD;
            run(first, m);
            d.driver = _ -> true;
            assertThat(warnings).singleElement().asString().contains("stays on the CPU").contains("a kernel did not run");
            try (Session next = strict(m, d)) {
                run(next, m);
                assertThat(d.machines).as("machines made: one that failed and one that works").isEqualTo(2);
            }
        }
    }

    @Test
    void memoryThatIsNotEnoughLeavesAPieceToTheCpu() {
        float[] expected = cpu();
        try (EmulatedDevice d = new EmulatedDevice(Tier.LOCAL); Model m = model()) {
            d.memory = 1000;
            try (Session s = session(m, d)) {
                assertThat(run(s, m)).isEqualTo(expected);
                assertThat(run(s, m)).isEqualTo(expected);
            }
            assertThat(warnings).singleElement().asString().contains("stays on the CPU").contains("no room for");
            try (Session s = strict(m, d)) {
                assertThatThrownBy(() -> run(s, m)).isInstanceOf(OperatorException.class).hasMessageContaining("no room for");
            }
        }
    }

    @Test
    void whatIsOnTheDeviceStaysThereWhenSomethingLargerFindsNoRoom() {
        try (EmulatedDevice d = new EmulatedDevice(Tier.LOCAL);
                Model small = model();
                Model large = Networks.one("Relu", 14, Attributes.NONE, true, new Random(SEED), Shape.of(1 << 14))) {
            d.memory = 8L * d.usual();
            try (Session s = strict(small, d); Session other = session(large, d); Arena arena = Arena.ofShared()) {
                float[] before = run(s, small);
                Tensor x = Tensor.allocate(arena, DType.FLOAT32, Shape.of(1 << 14));
                x.setFloat(5, 2);
                x.setFloat(6, -2);
                assertThat(other.run(Map.of("x0", x), arena).get("y").toFloats()).startsWith(0, 0, 0, 0, 0, 2, 0, 0);
                assertThat(warnings).singleElement().asString().contains("no room for");
                assertThat(run(s, small)).isEqualTo(before);
            }
        }
    }
}
