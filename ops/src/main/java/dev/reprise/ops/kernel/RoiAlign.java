package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Average or maximum of bilinear samples in the bins of regions (Mask R-CNN, section 3; ONNX RoiAlign): x (N, C, H, W),
 * rois (R, 4) as x1, y1, x2, y2, batch indices (R) to (R, C, height, width). In double, rounded once. As in ONNX, the
 * maximum is taken over the four weighted corners of every sample, not over the samples.
 *
 * @param halfPixel whether regions are shifted by half a pixel (and may then be smaller than one)
 * @param sampling  samples along each side of a bin, or 0 for as many as the bin has pixels
 */
public record RoiAlign(boolean max, Shape x, int height, int width, int sampling, double scale, boolean halfPixel) implements Kernel {
    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        long channels = x.dim(1), bins = (long) height * width;
        Tensor rois = in[1];
        workers.run(rois.shape().dim(0) * channels, 1, (begin, end, _) -> {
            for (long i = begin; i < end; i++) {
                long roi = i / channels, image = in[2].getLong(roi);
                if (image < 0 || image >= x.dim(0))
                    throw new IndexOutOfBoundsException("batch index " + image + " of region " + roi + " is outside [0, " + x.dim(0) + ")");
                double shift = halfPixel ? 0.5 : 0, left = rois.getDouble(roi * 4) * scale - shift,
                        top = rois.getDouble(roi * 4 + 1) * scale - shift;
                double w = rois.getDouble(roi * 4 + 2) * scale - shift - left, h = rois.getDouble(roi * 4 + 3) * scale - shift - top;
                if (!halfPixel) {
                    w = Math.max(w, 1);
                    h = Math.max(h, 1);
                }
                long plane = (image * channels + i % channels) * x.dim(2) * x.dim(3);
                for (long b = 0; b < bins; b++)
                    out[0].setDouble(i * bins + b,
                            bin(in[0], plane, top + b / width * (h / height), left + b % width * (w / width), h / height, w / width));
            }
        });
    }

    private double bin(Tensor t, long plane, double top, double left, double h, double w) {
        int ny = sampling > 0 ? sampling : (int) Math.ceil(h), nx = sampling > 0 ? sampling : (int) Math.ceil(w);
        double sum = 0, best = Double.NEGATIVE_INFINITY;
        for (int y = 0; y < ny; y++)
            for (int k = 0; k < nx; k++) {
                double py = top + (y + 0.5) * h / ny, px = left + (k + 0.5) * w / nx;
                if (max) best = Math.max(best, sample(t, plane, py, px));
                else sum += sample(t, plane, py, px);
            }
        if (max) return ny > 0 && nx > 0 ? best : 0;
        return sum / Math.max(ny * nx, 1);
    }

    private double sample(Tensor t, long plane, double y, double x0) {
        long rows = x.dim(2), columns = x.dim(3);
        if (!(y >= -1 && y <= rows && x0 >= -1 && x0 <= columns)) return 0;
        y = Math.clamp(y, 0.0, (double) rows - 1);
        x0 = Math.clamp(x0, 0.0, (double) columns - 1);
        long r = (long) y, c = (long) x0, down = Math.min(r + 1, rows - 1), right = Math.min(c + 1, columns - 1);
        double ly = y - r, lx = x0 - c;
        double a = (1 - ly) * (1 - lx) * t.getDouble(plane + r * columns + c), b = (1 - ly) * lx * t.getDouble(plane + r * columns + right);
        double d = ly * (1 - lx) * t.getDouble(plane + down * columns + c), e = ly * lx * t.getDouble(plane + down * columns + right);
        return max ? Math.max(Math.max(a, b), Math.max(d, e)) : a + b + d + e;
    }
}
