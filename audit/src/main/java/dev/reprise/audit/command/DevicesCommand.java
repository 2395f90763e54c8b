package dev.reprise.audit.command;

import dev.reprise.ops.device.Device;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "devices", description = "Lists where networks can run, as --device takes it, or tells why there is nothing but the CPU.")
public final class DevicesCommand implements Callable<Integer> {
    /** @param missing why there is no device but the CPU; "" where there is one */
    record Found(List<Device.Info> devices, String missing) {}

    @Spec
    private CommandSpec spec;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() {
        Found found = new Found(DeviceList.all(), DeviceList.why());
        json.print(spec, found, out -> {
            out.printf("%-14s %-10s %12s  %s%n", "--device", "backend", "memory", "name");
            for (Device.Info d : found.devices)
                out.printf("%-14s %-10s %12s  %s%s%n", d.id(), d.backend(), memory(d.memory()), d.name(),
                        d.accelerator() || d.id().equals("cpu") ? "" : "; auto does not pick it");
            if (!found.missing.isEmpty()) out.println("No graphics processor: " + found.missing + ".");
        });
        return 0;
    }

    private static String memory(long bytes) { return bytes == 0 ? "" : String.format(Locale.ROOT, "%.1f GB", bytes / 1e9); }
}
