package dev.reprise.audit.command;

import dev.reprise.engine.SessionOptions;
import dev.reprise.ops.device.CpuDevice;
import dev.reprise.ops.device.Device;
import dev.reprise.ops.device.Devices;
import java.util.HashSet;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How the engine runs. Of these, {@code --exact} and {@code --device} change bits of a result. */
public final class EngineOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: one for each processor). The result does not depend on it.")
    private Integer threads;

    @Option(names = "--device", paramLabel = "NAME", description = "Where to run: cpu (the default), auto (the first graphics processor, or the "
            + "CPU), or one that `reprise devices` lists, such as tornado or tornado:0:1. What a device cannot do runs on the CPU, with a warning.", defaultValue = "cpu")
    private String device;

    @Option(names = "--device-strict", description = "Fail where the device is not there or cannot do all of it.")
    private boolean strict;

    @Option(names = "--exact", description = "Sum the products of every convolution directly, without Winograd's transform: slower, and other last bits.")
    private boolean exact;

    private final Set<String> said = new HashSet<>();

    /** Whether sums are taken directly, see {@link dev.reprise.engine.plan.PlanOptions#exact}. */
    public boolean exact() { return exact; }

    /** The options that other processes of the same work need. */
    public String[] deviceArguments() {
        return strict ? new String[]{"--device", device, "--device-strict"} : new String[]{"--device", device};
    }

    public SessionOptions options() {
        SessionOptions base = SessionOptions.DEFAULT
                .plan(SessionOptions.DEFAULT.plan().exact(exact).device(device()).strict(strict).warnings(this::warn));
        if (threads == null) return base;
        if (threads < 1 || threads > 1024) throw Failure.badInput("--threads must be from 1 to 1024, found " + threads);
        return base.threads(threads);
    }

    private Device device() {
        if (device.equals("auto")) {
            Device d = Devices.automatic();
            if (d == CpuDevice.INSTANCE && strict) throw Failure.badInput("--device auto finds no graphics processor: " + DeviceList.why());
            return d;
        }
        try {
            return Devices.named(device);
        } catch (IllegalArgumentException e) {
            boolean absent = device.equals("tornado") || device.startsWith("tornado:");
            if (!absent) throw Failure.badInput("--device: " + e.getMessage());
            String why = "--device " + device + " is not there: " + (DeviceList.why().isEmpty() ? e.getMessage() : DeviceList.why());
            if (strict) throw Failure.badInput(why);
            warn(why + "; running on the CPU");
            return CpuDevice.INSTANCE;
        }
    }

    /** Each cause once, however many plans it befalls. */
    private synchronized void warn(String what) {
        if (said.add(what)) spec.commandLine().getErr().println("reprise: warning: " + what);
    }
}
