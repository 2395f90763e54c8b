/** Tensors, deterministic kernels, the worker pool and the device SPI. Depends on nothing but the JDK. */
module dev.reprise.ops {
    requires transitive jdk.incubator.vector;

    exports dev.reprise.ops.tensor;
    exports dev.reprise.ops.kernel;
    exports dev.reprise.ops.math;
    exports dev.reprise.ops.parallel;
    exports dev.reprise.ops.device;

    uses dev.reprise.ops.device.DeviceProvider;
}
