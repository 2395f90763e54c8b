package dev.reprise.engine.pass;

import dev.reprise.engine.plan.PlanGraph;
import dev.reprise.engine.plan.PlanOptions;
import dev.reprise.ops.device.CpuDevice;

/**
 * The rewrites between a specialized graph and its plan, in order. Each depends on the graph and on shapes other than
 * the batch alone, so that a sample's bits do not depend on its batch.
 */
public final class Passes {
    private Passes() {}

    public static void run(PlanGraph g, PlanOptions options) {
        Cleanup.run(g);
        LowerEinsum.run(g);
        FuseActivations.run(g);
        FuseNorms.run(g);
        FuseAttention.run(g);
        FuseLinear.run(g);
        Layout.run(g);
        Cleanup.run(g);
        Deinterleave.run(g);
        AttentionWindows.run(g);
        // A device takes nodes one by one, and --exact has no such convolution.
        if (options.device() == CpuDevice.INSTANCE && !options.exact()) FusePools.run(g);
    }

    /** Gives the device of the options what it can run. */
    public static void partition(PlanGraph g, PlanOptions options) {
        if (options.device() != CpuDevice.INSTANCE) Partition.run(g, options.device(), options.strict(), options.warnings());
    }
}
