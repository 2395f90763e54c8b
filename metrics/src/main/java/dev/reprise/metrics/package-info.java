/**
 * How reproducible and how original samples are: {@link dev.reprise.metrics.Scores} over the similarity of
 * {@link dev.reprise.metrics.Descriptor descriptors}, and over pixels.
 */
package dev.reprise.metrics;
