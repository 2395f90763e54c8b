package dev.reprise.audit.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs the official ONNX backend suite (node, simple, pytorch-converted, pytorch-operator) on Reprise. Each case runs on a
 * thread of its own with a time limit, and ends as passed, failed, unsupported or excluded, the last three with a reason.
 */
public final class Conformance {
    public enum Outcome {
        PASSED, FAILED, UNSUPPORTED, EXCLUDED
    }

    /**
     * @param group  the folder that the case lies in, such as "node"
     * @param reason "" where it passed
     */
    public record Result(String group, String name, Outcome outcome, String reason, long millis) {}

    public record Report(List<Result> results) {
        public long count(Outcome o) { return results.stream().filter(r -> r.outcome == o).count(); }

        /** "passed P, failed F, unsupported U, excluded E". */
        public String summary() {
            return "passed " + count(Outcome.PASSED) + ", failed " + count(Outcome.FAILED) + ", unsupported " + count(Outcome.UNSUPPORTED)
                    + ", excluded "
                    + count(Outcome.EXCLUDED);
        }
    }

    /**
     * @param filter  cases whose name it finds are run; null for all
     * @param seconds time limit of a case
     */
    public record Options(Pattern filter, Executor executor, int seconds) {
        public static final Options DEFAULT = new Options(null, Executor.SESSION, 60);
    }

    private static final long STACK_BYTES = 8 << 20;

    private Conformance() {}

    /**
     * Runs every case below a folder.
     *
     * @param folder   the suite's data, one of its groups, or one case
     * @param progress is told each result as it comes
     * @throws IOException where the folder cannot be read
     */
    public static Report run(Path folder, Options options, Consumer<Result> progress) throws IOException {
        List<Path> cases;
        try (Stream<Path> s = Files.walk(folder, 3)) {
            cases = s.filter(p -> p.getFileName().toString().equals("model.onnx")).map(Path::getParent)
                    .filter(p -> options.filter == null || options.filter.matcher(p.getFileName().toString()).find()).sorted().toList();
        }
        Exclusions exclusions = new Exclusions();
        List<Result> results = new ArrayList<>();
        for (Path c : cases) {
            Result r = run(c.toAbsolutePath().normalize(), options, exclusions);
            results.add(r);
            progress.accept(r);
        }
        return new Report(List.copyOf(results));
    }

    private static Result run(Path folder, Options options, Exclusions exclusions) {
        String name = folder.getFileName().toString();
        String group = folder.getParent() == null ? "" : folder.getParent().getFileName().toString();
        String excluded = exclusions.reason(name);
        if (excluded != null) return new Result(group, name, Outcome.EXCLUDED, excluded, 0);
        long start = System.nanoTime();
        FutureTask<String> task = new FutureTask<>(() -> CaseRunner.failure(folder, options.executor));
        // A thread for each case: one that runs into the limit is left behind without harm to the next.
        Thread t = new Thread(null, task, "conformance-" + name, STACK_BYTES);
        t.setDaemon(true);
        t.start();
        Outcome outcome;
        String reason;
        try {
            reason = task.get(options.seconds, TimeUnit.SECONDS);
            outcome = reason == null ? Outcome.PASSED : Outcome.FAILED;
        } catch (ExecutionException e) {
            Throwable c = e.getCause();
            outcome = CaseRunner.unsupported(c) ? Outcome.UNSUPPORTED : Outcome.FAILED;
            reason = outcome == Outcome.UNSUPPORTED ? c.getMessage() : describe(c);
        } catch (TimeoutException e) {
            t.interrupt();
            outcome = Outcome.FAILED;
            reason = "took longer than " + options.seconds + " s";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        return new Result(group, name, outcome, reason == null ? "" : reason, (System.nanoTime() - start) / 1_000_000);
    }

    private static String describe(Throwable c) {
        StackTraceElement[] at = c.getStackTrace();
        return c.getClass().getSimpleName() + ": " + c.getMessage() + (at.length == 0 ? "" : " (at " + at[0] + ")");
    }

    /** {@code Conformance DIR [--filter REGEX] [--executor interpreter|session] [--list]}: --list prints every case. */
    public static void main(String[] args) throws IOException {
        Path folder = null;
        Options o = Options.DEFAULT;
        boolean list = false;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--filter" -> o = new Options(Pattern.compile(args[++i]), o.executor, o.seconds);
                case "--executor" -> o = new Options(o.filter, Executor.valueOf(args[++i].toUpperCase(Locale.ROOT)), o.seconds);
                case "--list" -> list = true;
                default -> folder = Path.of(args[i]);
            }
        }
        if (folder == null)
            throw new IllegalArgumentException("usage: Conformance DIR [--filter REGEX] [--executor interpreter|session] [--list]");
        boolean all = list;
        Report report = run(folder, o, r -> {
            if (all || r.outcome == Outcome.FAILED)
                System.out.println(r.outcome + " " + r.group + "/" + r.name + (r.reason.isEmpty() ? "" : ": " + r.reason));
        });
        System.out.println(report.summary());
        System.exit(report.count(Outcome.FAILED) == 0 ? 0 : 1);
    }
}
