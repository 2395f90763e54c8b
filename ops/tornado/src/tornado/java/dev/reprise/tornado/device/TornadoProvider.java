package dev.reprise.tornado.device;

import dev.reprise.ops.device.Device;
import dev.reprise.ops.device.DeviceProvider;
import java.util.List;

/** Every device that TornadoVM sees, as {@code tornado:BACKEND:DEVICE}; looked for once, when somebody first asks. */
public final class TornadoProvider implements DeviceProvider {
    /** What TornadoVM's argument file sets. */
    private static final String STARTED = "tornado.load.api.implementation";

    /** What the probe found; made once a JVM. */
    private static final class Found {
        static final List<Device> DEVICES;
        static final String WHY;

        static {
            List<Device> devices = List.of();
            String why = "";
            if (System.getProperty(STARTED) == null)
                why = "TornadoVM: the JVM was started without its options; use ./reprise with TORNADOVM_HOME set, or java @$TORNADOVM_HOME/tornado-argfile";
            else {
                try {
                    devices = List.copyOf(Probe.devices());
                    if (devices.isEmpty()) why = "TornadoVM: it started, but found no device (is a driver for its backend installed?)";
                } catch (Throwable t) {
                    // Without a driver its classes fail to initialize: an Error, and another one at every later try.
                    why = "TornadoVM: " + cause(t);
                }
            }
            DEVICES = devices;
            WHY = why;
        }

        private static String cause(Throwable t) {
            while (t.getCause() != null && t.getCause() != t)
                t = t.getCause();
            return t.getClass().getSimpleName() + (t.getMessage() == null ? "" : ": " + t.getMessage());
        }
    }

    @Override
    public String name() { return "tornado"; }

    @Override
    public List<Device> devices() { return Found.DEVICES; }

    @Override
    public String unavailable() { return Found.WHY; }
}
