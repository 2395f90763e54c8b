package dev.reprise.audit.report;

import java.util.List;
import java.util.Map;

/**
 * The images of a report, 8-bit RGB, interleaved.
 *
 * @param width   of an image
 * @param height  of an image
 * @param seeds   of the rows shown
 * @param noise   the initial noise of each row, as an image
 * @param samples by model id, one for each row
 * @param nearest by model id, the nearest training image of each row; no entry where the training set is not known
 */
public record Pictures(int width, int height, List<Long> seeds, List<byte[]> noise, Map<String, List<byte[]>> samples,
        Map<String, List<byte[]>> nearest) {}
