package dev.reprise.audit.command;

import java.nio.file.Path;

/** Where finished work is kept when nobody says. */
final class CacheFolder {
    private CacheFolder() {}

    /** The system property {@code reprise.cache}, {@code $REPRISE_CACHE}, or {@code reprise} in the user's cache folder. */
    static Path standard() {
        for (String given : new String[]{System.getProperty("reprise.cache"), System.getenv("REPRISE_CACHE")})
            if (given != null && !given.isBlank()) return Path.of(given);
        String xdg = System.getenv("XDG_CACHE_HOME");
        return xdg != null && Path.of(xdg).isAbsolute()
                ? Path.of(xdg, "reprise")
                : Path.of(System.getProperty("user.home"), ".cache", "reprise");
    }
}
