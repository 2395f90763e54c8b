package dev.reprise.bench;

import dev.reprise.audit.Version;
import java.util.List;

/**
 * What {@code bench} found, as written by {@code --json}.
 *
 * @param environment  versions, operating system, vector width
 * @param processor    what the system calls it, "" where it does not say
 * @param peer         name and version, null where none was measured
 * @param fmaPeak      GFLOP/s of fused multiply-adds that {@code threads} threads reached together in this run
 */
record Measurement(Version.Environment environment, String processor, String peer, int threads, double fmaPeak, List<Row> rows) {
    /**
     * One model at one batch size. Times are milliseconds.
     *
     * @param gflop        float multiplications and additions of one run, in 1e9; convolutions count as direct
     * @param shareOfPeak  what that makes of the FMA peak
     * @param heapBytes    allocated on the Java heap by one run in steady state, all threads together
     * @param arenaBytes   of all intermediate tensors of a run
     * @param distance     the same where the cores were near each other and where they were far apart; null where nobody asked
     * @param difference   the largest between the engines' first outputs, as a share of the peer's largest value
     */
    record Row(String model, int batch, double gflop, Series reprise, double gflops, double shareOfPeak, double heapBytes, long arenaBytes,
            Series peer, Series ratio, SideBySide.ByDistance distance, Double difference, ColdStart.Result coldReprise,
            ColdStart.Result coldPeer, Profile profile) {}
}
