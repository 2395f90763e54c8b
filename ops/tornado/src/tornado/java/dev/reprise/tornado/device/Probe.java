package dev.reprise.tornado.device;

import dev.reprise.ops.device.Device;
import dev.reprise.tornado.kernel.Norms;
import dev.reprise.tornado.lower.Kind.Tier;
import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/** Asks TornadoVM for its devices. */
final class Probe {
    /** Local memory that the largest kernel needs: attention's tiles, in bytes. */
    private static final long LOCAL_BYTES = 27 << 10;

    private Probe() {}

    static List<Device> devices() {
        // A kernel that does not compile must fail: TornadoVM would run it as sequential Java, which is wrong for work-groups.
        if (System.getProperty("tornado.recover.bailout") == null) System.setProperty("tornado.recover.bailout", "False");
        TornadoRuntime runtime = TornadoRuntimeProvider.getTornadoRuntime();
        List<Device> all = new ArrayList<>();
        for (int b = 0; b < runtime.getNumBackends(); b++)
            for (int d = 0; d < runtime.getBackend(b).getNumDevices(); d++)
                all.add(new Real("tornado:" + b + ":" + d, runtime.getBackend(b).getDevice(d)));
        // What auto may pick comes first, so that the bare name "tornado" means it too.
        all.sort((x, y) -> Boolean.compare(y.info().accelerator(), x.info().accelerator()));
        return all;
    }

    /** A device of TornadoVM. */
    private static final class Real extends dev.reprise.tornado.device.TornadoDevice {
        private final TornadoDevice device;
        private final Info info;

        Real(String id, TornadoDevice device) {
            this.device = device;
            TornadoDeviceType type = device.getDeviceType();
            info = new Info(id, switch (device.getTornadoVMBackend()) {
                case OPENCL -> "OpenCL";
                default -> device.getTornadoVMBackend().name();
            }, device.getPhysicalDevice().getDeviceName().strip() + " (" + type + ", " + device.getPlatformName().strip() + ")",
                    device.getMaxGlobalMemory(), type == TornadoDeviceType.GPU || type == TornadoDeviceType.ACCELERATOR);
        }

        @Override
        public Info info() { return info; }

        @Override
        Machine machine(int arena, int weights) {
            if (4L * arena + 4L * weights > device.getMaxGlobalMemory())
                throw new IllegalStateException(
                        (4L * arena + 4L * weights) + " bytes are needed and the device has " + device.getMaxGlobalMemory());
            return new TornadoMachine(device, arena, weights);
        }

        @Override
        long largest() {
            // The array's header counts too.
            return Math.min(Integer.MAX_VALUE - 64, device.getMaxAllocMemory() / 4 - 64);
        }

        @Override
        Tier tier() {
            String wanted = System.getProperty("reprise.tornado.tier", "");
            if (wanted.equals("portable")) return Tier.PORTABLE;
            long[] most = device.getDeviceMaxWorkgroupDimensions();
            boolean room = device.getDeviceLocalMemorySize() >= LOCAL_BYTES && most.length > 0 && most[0] >= Norms.GROUP;
            return room ? Tier.LOCAL : Tier.PORTABLE;
        }
    }
}
