package dev.reprise.audit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import jdk.incubator.vector.FloatVector;
import picocli.CommandLine.IVersionProvider;

/** What this build calls itself, and what it runs on: provenance of every result. */
public final class Version implements IVersionProvider {
    /**
     * @param reprise    version of this build
     * @param jdk        vendor and version of the Java runtime
     * @param os         operating system and architecture
     * @param vectorBits width of the vectors that kernels use on this machine; results do not depend on it
     * @param processors that the JVM may use
     */
    public record Environment(String reprise, String jdk, String os, int vectorBits, int processors) {}

    Version() {}

    public static Environment environment() {
        return new Environment(number(), System.getProperty("java.vendor") + " " + Runtime.version(),
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch"),
                FloatVector.SPECIES_PREFERRED.vectorBitSize(), Runtime.getRuntime().availableProcessors());
    }

    /** The version that the build wrote beside this class. */
    public static String number() {
        try (InputStream in = Version.class.getResourceAsStream("build.properties")) {
            Properties p = new Properties();
            p.load(in);
            return p.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String[] getVersion() { return new String[]{"reprise " + number()}; }
}
