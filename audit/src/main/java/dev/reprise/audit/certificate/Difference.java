package dev.reprise.audit.certificate;

import java.util.List;

/**
 * Where a run first differs from its certificate.
 *
 * @param output   the tensor
 * @param sample   index of the first dimension; null where the tensor as a whole is another one
 * @param expected SHA-256 of that sample (or tensor) in the certificate, or what else was expected
 * @param found    the same of what was compared with it
 * @param where    what was compared: a new run, or the file beside the certificate
 * @param element  the first element that differs; null where the certificate's own arrays are not at hand
 * @param step     of a trajectory, the first in which that sample differs; null where none was stored
 */
public record Difference(String output, Long sample, String expected, String found, String where, Element element, Long step) {
    /** Values as numbers and as the hexadecimal digits of their bytes, most significant first. */
    public record Element(List<Long> index, String expected, String expectedBits, String found, String foundBits) {}
}
