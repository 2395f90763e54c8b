/**
 * Image data sets as they are published, read as streams from the files that were downloaded:
 * {@link dev.reprise.loaders.data.DataSets#open} finds out what a file is.
 */
package dev.reprise.loaders.data;
