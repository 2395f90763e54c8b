package dev.reprise.audit.command;

import dev.reprise.ops.device.CpuDevice;
import dev.reprise.ops.device.Device;
import dev.reprise.ops.device.Devices;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What devices there are, and why there are no others. */
final class DeviceList {
    private static final String INSTALL = "install a TornadoVM 5.2.0 SDK for JDK 25 and point TORNADOVM_HOME at it (docs/gpu.md)";

    private DeviceList() {}

    static List<Device.Info> all() { return Devices.all().stream().map(Device::info).toList(); }

    /** Why there is no device but the CPU, as a sentence; "" where there is one. */
    static String why() {
        return why(System.getenv("TORNADOVM_HOME"));
    }

    static String why(String home) {
        if (Devices.all().stream().anyMatch(d -> d != CpuDevice.INSTANCE)) return "";
        List<String> missing = Devices.missing();
        if (!missing.isEmpty()) return String.join("; ", missing);
        if (home == null || home.isBlank()) return "TORNADOVM_HOME is not set; " + INSTALL;
        if (!Files.exists(Path.of(home, "tornado-argfile")))
            return "TORNADOVM_HOME is " + home + ", which holds no tornado-argfile; " + INSTALL;
        return "this program was built without TornadoVM; start it with ./reprise, which builds it again with TORNADOVM_HOME set";
    }
}
