package dev.reprise.audit.command;

import java.nio.file.Files;
import java.nio.file.Path;

/** Looks at the place of a result before the work for it begins. */
final class OutFile {
    private OutFile() {}

    /**
     * @param option that names the file
     * @param file   null for an option that was not given
     * @param ending that its name must have
     */
    static void check(String option, Path file, String... ending) {
        if (file == null) return;
        boolean fits = false;
        for (String e : ending)
            fits |= file.toString().endsWith(e);
        if (!fits) throw Failure.badInput(option + " must end in " + String.join(" or ", ending) + ", found '" + file + "'");
        if (Files.isDirectory(file)) throw Failure.badInput(option + " " + file + ": is a folder");
        writable(option, file, file.toAbsolutePath().getParent());
    }

    /** Likewise for a folder, which need not be there yet. */
    static void checkFolder(String option, Path folder) {
        writable(option, folder, folder.toAbsolutePath());
    }

    private static void writable(String option, Path given, Path folder) {
        Path there = folder;
        while (there != null && !Files.exists(there))
            there = there.getParent();
        if (there == null || !Files.isDirectory(there))
            throw Failure.environment(option + " " + given + ": " + there + " is no folder", null);
        if (!Files.isWritable(there)) throw Failure.environment(option + " " + given + ": " + there + " cannot be written to", null);
    }
}
