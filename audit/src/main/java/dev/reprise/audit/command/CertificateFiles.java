package dev.reprise.audit.command;

import dev.reprise.audit.certificate.Certificate;
import dev.reprise.loaders.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;

/** Certificates as JSON files. */
final class CertificateFiles {
    private CertificateFiles() {}

    static void write(Path file, Certificate c) { AtomicFile.write(file, (Json.write(c) + "\n").getBytes(StandardCharsets.UTF_8)); }

    /** @throws Failure (bad input) where the file is no certificate, or one of another format */
    static Certificate read(Path file) {
        Certificate c;
        try {
            c = Json.MAPPER.readValue(Files.readString(file), Certificate.class);
        } catch (JacksonException e) {
            throw Failure.badInput(file + ": no certificate: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (c == null || !Certificate.FORMAT.equals(c.format()))
            throw Failure.badInput(file + ": 'format' must be " + Certificate.FORMAT + ", found " + (c == null ? null : c.format()));
        if (c.command() == null || c.arguments() == null || c.inputs() == null || c.engine() == null || c.settings() == null
                || c.outputs() == null)
            throw Failure.badInput(file + ": a certificate has command, arguments, inputs, engine, settings and outputs; one is missing");
        for (Certificate.Output o : c.outputs())
            if (o.name() == null || o.sha256() == null || o.dtype() == null || o.shape() == null || o.rows() == null)
                throw Failure.badInput(file + ": an output has name, dtype, shape, sha256 and rows; one is missing");
        return c;
    }
}
