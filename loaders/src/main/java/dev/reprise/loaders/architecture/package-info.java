/** Networks that are built here, because the files that hold their weights do not describe them. */
package dev.reprise.loaders.architecture;
