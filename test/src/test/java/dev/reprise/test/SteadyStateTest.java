package dev.reprise.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A model that is warm runs without garbage: a thousand runs in a row allocate next to nothing on the heap, all threads
 * together, and the process grows no larger ({@link SteadyRuns}).
 */
class SteadyStateTest {
    private static final long BYTES_PER_RUN = 4096;
    /**
     * Which vectors stay in registers is the JIT compiler's choice, and it depends on the order in which methods happen to be
     * compiled: seen in two JVMs so far, a method that is out of luck makes objects for as long as its JVM lives. The test
     * names it; three JVMs out of luck are no luck.
     */
    private static final int JVMS = 3;

    @ParameterizedTest
    @ValueSource(strings = {"unet-ddpm", "unet-edm", "dit", "uvit", "descriptor"})
    void aThousandRunsMakeNoGarbage(String name) {
        List<String> failures = new ArrayList<>();
        for (int jvm = 0; jvm < JVMS; jvm++) {
            List<String> printed = AnotherJvm.run(List.of("-Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0"), SteadyRuns.class,
                    List.of("../models/" + name + ".onnx", Long.toString(BYTES_PER_RUN)));
            assertThat(printed.get(3)).as("the thousandth run's bits are the first's").isEqualTo(printed.get(2));
            if (Long.parseLong(printed.getFirst()) <= BYTES_PER_RUN) {
                assertThat(Long.parseLong(printed.get(1))).as("bytes by which the process grew").isLessThanOrEqualTo(SteadyRuns.GROWTH);
                break;
            }
            failures.add(printed.getFirst() + " bytes on the heap per run: " + printed.get(4));
        }
        failures.forEach(f -> System.out.println(name + ": " + f));
        assertThat(failures).as(name).hasSizeLessThan(JVMS);
    }

    /**
     * No JVM may be out of luck here: one in four to ten was, before the loops that leave zeros out were written so that C2 cannot box their sums. Some compile as
     * {@code ./reprise sample} does: with the weights' transform of F(3, 2) with stride 2 in one loop, which is compiled as early as those of the warm-up, one in four was.
     */
    @ParameterizedTest
    @CsvSource({"1, false", "2, false", "1, true", "2, true", "3, true"})
    void wideConvolutionsKeepTheirSumsInRegisters(int jvm, boolean launcher) {
        List<String> options = new ArrayList<>(List.of("-Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0"));
        if (launcher)
            options.addAll(List.of("-XX:CompilationMode=high-only", "-XX:CompileCommandFile=../ops/src/main/jvm/compile-commands"));
        List<String> printed = AnotherJvm.run(options, SteadyConvolutions.class, List.of(Long.toString(BYTES_PER_RUN)));
        assertThat(Long.parseLong(printed.getFirst())).as("bytes on the heap per round, JVM " + jvm).isLessThanOrEqualTo(BYTES_PER_RUN);
    }
}
