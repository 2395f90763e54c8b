package dev.reprise.ops.device;

import java.util.List;

/** Found by {@link java.util.ServiceLoader}: a family of devices, such as all that TornadoVM sees. */
public interface DeviceProvider {
    /** What precedes the colon in the ids of its devices. */
    String name();

    /** What is there; empty where nothing is, and then {@link #unavailable} says why. Must not throw. */
    List<Device> devices();

    /** Why {@link #devices} is empty, as a sentence; "" where it is not. */
    String unavailable();
}
