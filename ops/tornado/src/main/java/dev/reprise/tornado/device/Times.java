package dev.reprise.tornado.device;

import dev.reprise.ops.device.Device;

/** What a piece has cost so far, in nanoseconds. */
final class Times {
    private long compile, load, transfer, kernels, runs;

    synchronized void compiled(long nanos) { compile += nanos; }

    synchronized void loaded(long nanos) { load += nanos; }

    synchronized void ran(long transferNanos, long kernelNanos) {
        transfer += transferNanos;
        kernels += kernelNanos;
        runs++;
    }

    synchronized Device.Cost cost() { return new Device.Cost(compile, load, transfer, kernels, runs); }
}
