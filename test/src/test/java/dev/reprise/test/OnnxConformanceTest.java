package dev.reprise.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.audit.conformance.Conformance;
import dev.reprise.audit.conformance.Conformance.Options;
import dev.reprise.audit.conformance.Conformance.Outcome;
import dev.reprise.audit.conformance.Conformance.Report;
import dev.reprise.audit.conformance.Conformance.Result;
import dev.reprise.audit.conformance.Executor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The official ONNX backend suite, on both executors. Its data is not part of this repository: {@code ./reprise test} brings
 * it, and names its folder in {@code reprise.testdata}; without it this test says that it was left out.
 */
class OnnxConformanceTest {
    private static final Path DATA = Path.of(System.getProperty("reprise.testdata", "/usr/share/libonnx-testdata/data"));

    @ParameterizedTest
    @EnumSource
    void noCaseFails(Executor executor) throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(DATA), () -> "no conformance data in " + DATA + ": ./reprise test fetches it");
        Report report = Conformance.run(DATA, new Options(null, executor, 60), _ -> {});
        assertThat(report.results()).filteredOn(r -> r.outcome() == Outcome.FAILED).isEmpty();
        assertThat(report.results()).filteredOn(r -> r.outcome() != Outcome.PASSED).extracting(Result::reason)
                .allSatisfy(s -> assertThat(s).isNotBlank());
        assertThat(report.results()).filteredOn(r -> r.group().equals("node") && r.outcome() == Outcome.PASSED).as("passed cases of node")
                .hasSizeGreaterThanOrEqualTo(850);
        assertThat(report.results()).filteredOn(r -> !r.group().equals("node")).extracting(Result::outcome).as("simple and PyTorch")
                .doesNotContain(Outcome.UNSUPPORTED);
    }
}
