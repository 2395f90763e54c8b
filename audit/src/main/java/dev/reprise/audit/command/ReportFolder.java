package dev.reprise.audit.command;

import dev.reprise.audit.certificate.Certificate;
import dev.reprise.audit.experiment.Audit;
import dev.reprise.audit.report.HtmlReport;
import dev.reprise.audit.report.Outcome;
import dev.reprise.audit.report.Results;
import dev.reprise.loaders.AtomicFile;
import dev.reprise.loaders.image.Image;
import dev.reprise.loaders.image.ImageGrid;
import dev.reprise.loaders.image.Png;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;

/**
 * The folder of an audit. {@code report.json}, {@code data.npz} and {@code pictures.npz} and {@code certificate.json} are all that
 * {@code report.html} is made of; {@code samples/ID.npz} are the images as they were computed. Each file appears whole or not at all, and the report comes
 * last, so that a report means a finished audit.
 */
record ReportFolder(Path folder) {
    private static final String JSON = "report.json", DATA = "data.npz", PICTURES = "pictures.npz", CERTIFICATE = "certificate.json",
            HTML = "report.html";

    /** Makes the folder, before anything is computed for it, and removes what a process that was killed left half written. */
    void prepare() {
        try {
            Files.createDirectories(folder.resolve("samples"));
            Path probe = Files.createTempFile(folder, ".probe", ".tmp");
            Files.delete(probe);
            for (Path p : List.of(folder, folder.resolve("samples")))
                try (Stream<Path> files = Files.list(p)) {
                    for (Path f : (Iterable<Path>) files.filter(x -> x.getFileName().toString().matches("\\..*\\.tmp"))::iterator)
                        Files.deleteIfExists(f);
                }
        } catch (IOException e) {
            throw Failure.environment(folder + ": the report's folder cannot be written (" + e.getMessage() + "); give another with --out",
                    e);
        }
    }

    Path html() { return folder.resolve(HTML); }

    void samples(String id, Map<String, Tensor> arrays) { Npz.write(folder.resolve("samples").resolve(id + ".npz"), arrays); }

    void write(Audit a, Certificate certificate) {
        Npz.write(folder.resolve(DATA), a.data());
        Npz.write(folder.resolve(PICTURES), a.pictures());
        grid(a.results(), a.pictures());
        AtomicFile.write(folder.resolve(JSON), Json.write(a.results()).getBytes(StandardCharsets.UTF_8));
        page(a.results(), a.data(), a.pictures(), certificate);
    }

    private void page(Results r, Map<String, Tensor> data, Map<String, Tensor> pictures, Certificate certificate) {
        AtomicFile.write(folder.resolve(HTML), HtmlReport.render(r, data, pictures, certificate).getBytes(StandardCharsets.UTF_8));
    }

    /** Makes the page again from the other files. */
    Results rebuild() {
        Results r = results();
        try (Arena arena = Arena.ofShared()) {
            Path certificate = folder.resolve(CERTIFICATE);
            page(r, arrays(DATA, arena), arrays(PICTURES, arena), Files.exists(certificate) ? CertificateFiles.read(certificate) : null);
        }
        return r;
    }

    private Map<String, Tensor> arrays(String name, Arena arena) {
        if (!Files.exists(folder.resolve(name))) throw missing(name);
        return Npz.read(folder.resolve(name), arena);
    }

    /** The arrays behind the numbers. */
    Map<String, Tensor> data(Arena arena) { return arrays(DATA, arena); }

    Results results() {
        Path file = folder.resolve(JSON);
        if (!Files.exists(file)) throw missing(JSON);
        try {
            Results r = Json.MAPPER.readValue(Files.readString(file), Results.class);
            if (!Results.FORMAT.equals(r.format()))
                throw Failure.badInput(file + ": format must be " + Results.FORMAT + ", found " + r.format());
            return r;
        } catch (JacksonException e) {
            throw Failure.badInput(file + ": is no report of this version (" + e.getOriginalMessage().lines().findFirst().orElse("") + ")",
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Failure missing(String name) {
        return Failure
                .badInput(folder + ": holds no " + name + "; give the folder that 'audit --out' wrote, of an audit that has finished");
    }

    /** The first noises, a model in each column. */
    private void grid(Results r, Map<String, Tensor> pictures) {
        List<String> ids = r.experiments().stream().filter(Outcome.Matrix.class::isInstance).map(Outcome.Matrix.class::cast)
                .map(Outcome.Matrix::sources).findFirst().orElse(r.sources().stream().map(Results.Source::id).toList());
        List<List<Image>> rows = new ArrayList<>();
        int n = ids.stream().mapToInt(id -> pictures.get("samples." + id).shape().dimInt(0)).min().orElse(0);
        for (int i = 0; i < Math.min(32, n); i++) {
            List<Image> row = new ArrayList<>();
            Image first = HtmlReport.picture(pictures.get("samples." + ids.getFirst()), i);
            for (String id : ids) {
                Image image = HtmlReport.picture(pictures.get("samples." + id), i);
                row.add(image.width() == first.width() && image.height() == first.height() ? image : null);
            }
            rows.add(row);
        }
        if (!rows.isEmpty()) Png.write(folder.resolve("grid.png"), ImageGrid.of(rows, rows.getFirst().getFirst().width() < 48 ? 4 : 1, 2));
    }
}
