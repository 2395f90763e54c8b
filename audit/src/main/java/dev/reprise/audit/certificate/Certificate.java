package dev.reprise.audit.certificate;

import dev.reprise.audit.Version;
import dev.reprise.ops.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * What a run was made of, enough to do it again from nothing, and the hash of all that came out. It says nothing of the
 * machine, the time, threads or batches: the same run gives the same bytes of certificate wherever it is done.
 *
 * @param format    {@link #FORMAT}
 * @param command   of the command line, such as "sample"
 * @param arguments of that command, without those that cannot change a bit: the positional ones as given, then
 *                  {@code --name=value} in the order of their names
 * @param inputs    the files among the arguments, and those that were read beside them
 * @param engine    what computed
 * @param settings  the same in words, with defaults filled in: for people
 * @param outputs   every tensor that came out, and the noise that went in
 */
public record Certificate(String format, String command, List<String> arguments, List<Input> inputs, Engine engine,
        Map<String, Object> settings, List<Output> outputs) {
    public static final String FORMAT = "reprise-certificate-1";

    /**
     * @param argument the path as it stands in the arguments; null for a file that was found beside one
     * @param file     its path; null for what Reprise brings along
     * @param sha256   of its bytes; of a folder, see {@link InputFiles#sha256}
     */
    public record Input(String argument, String file, String sha256) {}

    /** @param exact whether {@code --exact} was given: another last bit is right then */
    public record Engine(String reprise, boolean exact) {
        public static Engine of(boolean exact) { return new Engine(Version.number(), exact); }
    }

    /**
     * @param file   beside the certificate that holds the array; null where none was written
     * @param array  its name there
     * @param sha256 of its bytes, row-major and little-endian
     * @param rows   the same for each index of the first dimension: one for a sample
     */
    public record Output(String name, String file, String array, String dtype, List<Long> shape, String sha256, List<String> rows) {
        public static Output of(String name, String file, String array, Tensor t) {
            List<String> rows = new ArrayList<>();
            for (long i = 0; t.shape().rank() > 0 && i < t.shape().dim(0); i++)
                rows.add(t.rows(i, i + 1).sha256());
            return new Output(name, file, array, t.dtype().name().toLowerCase(Locale.ROOT),
                    LongStream.of(t.shape().dims()).boxed().toList(), t.sha256(), rows);
        }
    }

    /** The output of that name, or null. */
    public Output output(String name) {
        return outputs.stream().filter(o -> o.name().equals(name)).findFirst().orElse(null);
    }
}
