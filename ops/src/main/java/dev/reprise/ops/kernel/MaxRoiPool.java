package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Maximum over the bins of regions whose corners are rounded to pixels (Fast R-CNN, section 2.1): x (N, C, H, W), rois
 * (R, 5) as batch index, x1, y1, x2, y2 to (R, C, height, width). An empty bin is 0.
 */
public record MaxRoiPool(Shape x, int height, int width, float scale) implements Kernel {
    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        long channels = x.dim(1), rows = x.dim(2), columns = x.dim(3), bins = (long) height * width;
        Tensor rois = in[1];
        workers.run(rois.shape().dim(0) * channels, 1, (begin, end, _) -> {
            for (long i = begin; i < end; i++) {
                long roi = i / channels * 5, image = (long) rois.getDouble(roi);
                if (image < 0 || image >= x.dim(0))
                    throw new IndexOutOfBoundsException(
                            "batch index " + image + " of region " + roi / 5 + " is outside [0, " + x.dim(0) + ")");
                long left = corner(rois, roi + 1), top = corner(rois, roi + 2);
                double h = (double) Math.max(corner(rois, roi + 4) - top + 1, 1) / height,
                        w = (double) Math.max(corner(rois, roi + 3) - left + 1, 1) / width;
                long plane = (image * channels + i % channels) * rows * columns;
                for (long b = 0; b < bins; b++) {
                    long r = b / width, c = b % width;
                    long y0 = bound(Math.floor(r * h) + top, rows), y1 = bound(Math.ceil((r + 1) * h) + top, rows);
                    long x0 = bound(Math.floor(c * w) + left, columns), x1 = bound(Math.ceil((c + 1) * w) + left, columns);
                    double max = y1 > y0 && x1 > x0 ? Double.NEGATIVE_INFINITY : 0;
                    for (long y = y0; y < y1; y++)
                        for (long k = x0; k < x1; k++)
                            max = Math.max(max, in[0].getDouble(plane + y * columns + k));
                    out[0].setDouble(i * bins + b, max);
                }
            }
        });
    }

    private long corner(Tensor rois, long i) {
        double v = rois.getDouble(i) * scale;
        return (long) Math.copySign(Math.floor(Math.abs(v) + 0.5), v);
    }

    private static long bound(double v, long size) { return (long) Math.clamp(v, 0.0, (double) size); }
}
