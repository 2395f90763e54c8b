package dev.reprise.loaders.onnx;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.reprise.engine.Model;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.operator.OperatorException;
import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.Sha256;
import dev.reprise.loaders.Source;
import dev.reprise.loaders.onnx.proto.Onnx.ModelProto;
import dev.reprise.loaders.onnx.proto.Onnx.StringStringEntryProto;
import dev.reprise.loaders.weights.WeightBinding;
import dev.reprise.loaders.weights.WeightFile;
import dev.reprise.ops.kernel.WarmUp;
import dev.reprise.ops.tensor.Pages;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads ONNX models (IR versions 3 to 13, operator sets 1 to 24 of the default domain, model-local functions of any).
 *
 * <p>The file is mapped; weights stay where they are and are paged in when used, so a model may be larger than the heap
 * and than 2 GB. External data must lie in the model's folder. Calls of the model's own functions are replaced by their
 * bodies. A file that is damaged, contradicts itself or is hostile ends in a {@link LoadException} that says why.
 */
public final class OnnxLoader {
    private static final int MIN_IR = 3;
    private static final int MAX_IR = 13;
    /** Metadata of a model with bound weights: which file, how many initializers. */
    public static final String WEIGHTS = "weights";
    /** Metadata of a model with bound weights: the hash of the model without them. */
    public static final String GRAPH = "weights.graph";

    /** Bytes of a file that are hashed at a time, and then forgotten: with 16 MB a small model was in memory twice, packed and as its file. */
    private static final long HASHED = 1 << 20;

    /** After so long the first run is over, also on two cores with a model of 200 MB. */
    private static final Duration LATER = Duration.ofSeconds(4);

    private OnnxLoader() {}

    /**
     * A model whose every operator is supported.
     *
     * @throws LoadException where the file cannot be read, is wrong, or (unsupported) uses what Reprise does not implement
     */
    public static Model load(Path file) { return load(file, null); }

    /**
     * As {@link #load(Path)}, with the tensors of a weight file in the place of the initializers of the same names. The model's hash then
     * covers both files; the metadata says under {@value #WEIGHTS} what was bound and under {@value #GRAPH} the hash without weights.
     *
     * @param weights null for none
     */
    public static Model load(Path file, WeightBinding weights) {
        WarmUp.start(file.toFile().length());
        return check(read(file, weights));
    }

    /** As {@link #load(Path)}, from memory: external data is refused. */
    public static Model load(byte[] bytes, String name) {
        return check(read(bytes, name, null));
    }

    /** As {@link #load(Path, WeightBinding)}, from memory: external data is refused. */
    public static Model load(byte[] bytes, String name, WeightBinding weights) {
        return check(read(bytes, name, weights));
    }

    /** As {@link #load(Path)}, from memory that must outlive the model. */
    public static Model load(MemorySegment bytes, String name) {
        return check(read(bytes, name));
    }

    /** As {@link #load(Path)} without the check of operators: for looking into models that cannot be run. */
    public static Model read(Path file) {
        return read(file, null);
    }

    /** As {@link #load(Path, WeightBinding)} without the check of operators. */
    public static Model read(Path file, WeightBinding weights) {
        Source source = new Source(file.getFileName() == null ? file.toString() : file.getFileName().toString());
        Arena arena = Arena.ofShared();
        return closingOnFailure(source, arena,
                () -> read(source, source.map(file, arena), file.toAbsolutePath().getParent(), arena, weights));
    }

    public static Model read(byte[] bytes, String name) { return read(bytes, name, null); }

    private static Model read(byte[] bytes, String name, WeightBinding weights) {
        Arena arena = Arena.ofShared();
        return closingOnFailure(new Source(name), arena, () -> {
            MemorySegment copy = arena.allocate(Math.max(bytes.length, 1)).asSlice(0, bytes.length);
            copy.copyFrom(MemorySegment.ofArray(bytes));
            return read(new Source(name), copy, null, arena, weights);
        });
    }

    public static Model read(MemorySegment bytes, String name) {
        Arena arena = Arena.ofShared();
        return closingOnFailure(new Source(name), arena, () -> read(new Source(name), bytes, null, arena, null));
    }

    @FunctionalInterface
    private interface Reading {
        Model run();
    }

    private static Model closingOnFailure(Source source, Arena arena, Reading reading) {
        boolean done = false;
        try {
            Model m = reading.run();
            done = true;
            return m;
        } catch (OutOfMemoryError e) {
            throw source.error("needs more memory than there is (" + e.getMessage() + "); raise the JVM's -Xmx", e);
        } finally {
            if (!done) arena.close();
        }
    }

    private static Model check(Model model) {
        try {
            model.check();
            return model;
        } catch (OperatorException e) {
            model.close();
            throw new LoadException(model.info().name(), e.getMessage(), e.unsupported(), e);
        }
    }

    private static Model read(Source source, MemorySegment bytes, Path folder, Arena arena, WeightBinding weights) {
        if (bytes.byteSize() == 0) throw source.error("is empty");
        Splitter.Split split = Splitter.split(source, bytes, ModelProto.getDescriptor());
        ModelProto m;
        try {
            m = ModelProto.parser().parseFrom(split.bytes(), 0, split.length());
        } catch (InvalidProtocolBufferException e) {
            throw source.error("is damaged or no ONNX file (" + e.getMessage() + ")", e);
        }
        if (!m.hasGraph()) throw source.error("holds no graph: it is damaged or no ONNX model");
        if (m.getIrVersion() < MIN_IR || m.getIrVersion() > MAX_IR)
            throw source.unsupported("IR version " + m.getIrVersion() + " (known are " + MIN_IR + " to " + MAX_IR + ")");
        ExternalData external = new ExternalData(source, folder, arena);
        TensorReader tensors = new TensorReader(source, split.payloads(), external, arena);
        Scope scope = Scope.ofModel(m.getOpsetImportList());
        Graph graph = new GraphImporter(source, new FunctionLibrary(source, m.getFunctionsList()), tensors).graph(m.getGraph(), scope);
        Map<String, String> metadata = new LinkedHashMap<>();
        for (StringStringEntryProto e : m.getMetadataPropsList())
            metadata.put(e.getKey(), e.getValue());
        WeightFile file = weights == null ? null : WeightFile.open(weights.file(), arena);
        WeightBinding.Report bound = weights == null ? null : weights.apply(graph, file, arena);
        Long opset = scope.opset("");
        String producer = (m.getProducerName() + " " + m.getProducerVersion()).strip();
        // Nothing may fail from here on: the thread that hashes needs the memory until the model is closed.
        FutureTask<Model.Info> info = inBackground(bytes, () -> {
            String hash = sha256(bytes, external);
            if (weights != null) {
                metadata.put(GRAPH, hash);
                metadata.put(WEIGHTS, file.name() + ": " + bound);
                hash = new Sha256().update(hash).update(file.sha256()).hex();
            }
            return new Model.Info(source.name(), hash, (int) m.getIrVersion(),
                    opset == null ? 0 : Math.clamp(opset, 0, Integer.MAX_VALUE), producer, metadata);
        });
        // What was read on the way: the file's structure, which lies between the weights.
        Pages.forget(bytes);
        return new Model(graph, source.name(), () -> get(info), arena, t -> Pages.forget(t.data()));
    }

    /**
     * A model can be prepared, be packed and run while its file is hashed, which begins when the hash is wanted, or after {@link #LATER}: where there are few
     * cores, the first run needs them for itself and for the JVM's compiler. Not where the memory is a caller's and of this thread alone.
     */
    private static <T> FutureTask<T> inBackground(MemorySegment bytes, Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread other = Thread.ofPlatform().daemon().name("reprise-hash").unstarted(() -> {
            try {
                task.get(LATER.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                task.run();
            } catch (InterruptedException | ExecutionException e) {
                // nobody interrupts it, and whoever asks for the hash gets the exception
            }
        });
        if (bytes.isAccessibleBy(other)) other.start();
        else task.run();
        return task;
    }

    private static <T> T get(FutureTask<T> result) {
        result.run(); // which does nothing where it runs, or has run
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return result.get();
                } catch (InterruptedException e) {
                    interrupted = true; // the memory that is hashed may not be freed before the end
                }
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a model file could not be read: " + e.getCause(), e.getCause());
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    /** Of the model file, and of the files of its external data after it: whatever decides what the model computes. */
    private static String sha256(MemorySegment model, ExternalData external) {
        Sha256 hash = new Sha256();
        // Weights are packed meanwhile, and forgotten; pages that are only hashed must not pile up beside the packed ones.
        for (long at = 0; at < model.byteSize(); at += HASHED) {
            MemorySegment piece = model.asSlice(at, Math.min(HASHED, model.byteSize() - at));
            hash.update(piece);
            Pages.forget(piece);
        }
        external.files().forEach(hash::update);
        return hash.hex();
    }
}
