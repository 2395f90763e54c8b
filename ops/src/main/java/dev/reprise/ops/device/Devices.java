package dev.reprise.ops.device;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/** The devices of this machine: the CPU, and what providers on the module or class path find. */
public final class Devices {
    private Devices() {}

    /** All devices, the CPU first. */
    public static List<Device> all() {
        List<Device> all = new ArrayList<>(List.of(CpuDevice.INSTANCE));
        for (DeviceProvider p : ServiceLoader.load(DeviceProvider.class))
            all.addAll(p.devices());
        return all;
    }

    /** Why families of devices have none here, a sentence each. */
    public static List<String> missing() {
        List<String> why = new ArrayList<>();
        for (DeviceProvider p : ServiceLoader.load(DeviceProvider.class))
            if (!p.unavailable().isEmpty()) why.add(p.unavailable());
        return why;
    }

    /** The first device that is hardware of its own, or the CPU where there is none. */
    public static Device automatic() {
        return all().stream().filter(d -> d.info().accelerator()).findFirst().orElse(CpuDevice.INSTANCE);
    }

    /**
     * The device with that id ("cpu", "tornado", "tornado:0:1"); a provider's bare name means its first device.
     *
     * @throws IllegalArgumentException naming the devices there are, and why the asked one is not among them
     */
    public static Device named(String id) {
        List<String> known = new ArrayList<>();
        for (Device d : all()) {
            if (d.info().id().equals(id) || d.info().id().startsWith(id + ":")) return d;
            known.add(d.info().id());
        }
        String why = "";
        for (DeviceProvider p : ServiceLoader.load(DeviceProvider.class))
            if (id.equals(p.name()) || id.startsWith(p.name() + ":")) why = p.unavailable().isEmpty() ? "" : " (" + p.unavailable() + ")";
        throw new IllegalArgumentException("there is no device '" + id + "'" + why + "; devices here: " + String.join(", ", known));
    }
}
