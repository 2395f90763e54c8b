package dev.reprise.tornado.device;

import dev.reprise.ops.device.Device;
import dev.reprise.ops.device.DeviceFailure;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.tornado.lower.Program;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A piece of a graph on a machine: inputs over, kernel after kernel, outputs back. Intermediate results stay on the device. */
final class CompiledPiece implements Device.Piece {
    private final Program program;
    private final Machine machine;
    private final int[][] words;
    private final Times times = new Times();
    private final TornadoDevice device;
    private boolean open = true;

    /** @param device told when the piece is given up */
    CompiledPiece(Program program, Machine machine, TornadoDevice device) {
        this.program = program;
        this.machine = machine;
        this.device = device;
        int[] at = machine.load(program, times);
        words = program.calls().stream().map(c -> c.words(at)).toArray(int[][]::new);
    }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        synchronized (machine) {
            if (!open) throw new IllegalStateException("the piece is closed");
            if (machine.failure() != null) throw new DeviceFailure(device.says(machine.failure()), machine.failure());
            try {
                run(in, out);
            } catch (RuntimeException | Error e) {
                machine.fail(e);
                throw new DeviceFailure(device.says(e), e);
            }
        }
    }

    private void run(Tensor[] in, Tensor[] out) {
        machine.begin();
        long start = System.nanoTime();
        for (int i = 0; i < in.length; i++) {
            if (in[i].dtype() == DType.FLOAT32) machine.upload(in[i].data(), program.inputs()[i]);
            else machine.uploadIntegers(in[i].data(), in[i].dtype() == DType.INT64, program.inputs()[i]);
        }
        long there = System.nanoTime();
        for (int i = 0; i < words.length; i++) {
            Program.Call c = program.calls().get(i);
            machine.send(c.kind(), words[i], c.grid(), c.group());
        }
        long done = System.nanoTime();
        for (int i = 0; i < out.length; i++)
            if (out[i] != null) machine.download(program.outputs()[i], out[i].data());
        times.ran(there - start + System.nanoTime() - done, done - there);
    }

    @Override
    public long flops() { return program.flops(); }

    @Override
    public Device.Cost cost() { return times.cost(); }

    @Override
    public List<Device.Work> work() {
        record Key(String operator, String tier) {}
        Map<Key, Device.Work> all = new LinkedHashMap<>();
        for (Program.Call c : program.calls())
            all.merge(new Key(c.operator(), c.kind().tier().text()), new Device.Work(c.operator(), c.kind().tier().text(), 1, c.flops()),
                    (a, b) -> new Device.Work(a.operator(), a.tier(), a.launches() + b.launches(), a.flops() + b.flops()));
        return List.copyOf(all.values());
    }

    @Override
    public void close() {
        synchronized (machine) {
            if (!open) return;
            open = false;
            machine.unload(program);
        }
        device.tidy();
    }
}
