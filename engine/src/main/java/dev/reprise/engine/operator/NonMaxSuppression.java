package dev.reprise.engine.operator;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** NonMaxSuppression (since 10, 11). Among equal scores the lower box index goes first. */
final class NonMaxSuppression {
    private NonMaxSuppression() {}

    static void register(Registry r) { r.addDynamic("NonMaxSuppression", 10, NonMaxSuppression::evaluate, "center_point_box"); }

    /** Corners, lower first. */
    private record Box(float y0, float x0, float y1, float x1) {
        static Box of(Tensor t, long at, boolean center) {
            float a = t.getFloat(at), b = t.getFloat(at + 1), c = t.getFloat(at + 2), d = t.getFloat(at + 3);
            if (center) return new Box(b - d / 2, a - c / 2, b + d / 2, a + c / 2);
            return new Box(Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d));
        }

        float area() { return (y1 - y0) * (x1 - x0); }

        float overlap(Box o) {
            float h = Math.min(y1, o.y1) - Math.max(y0, o.y0), w = Math.min(x1, o.x1) - Math.max(x0, o.x0);
            if (h <= 0 || w <= 0) return 0;
            return h * w / (area() + o.area() - h * w);
        }
    }

    private static Datum[] evaluate(EvalContext c) {
        Tensor boxes = c.tensor(0), scores = c.tensor(1);
        Shape b = boxes.shape(), s = scores.shape();
        if (b.rank() != 3 || s.rank() != 3 || b.dim(2) != 4 || b.dim(0) != s.dim(0) || b.dim(1) != s.dim(2)
                || boxes.dtype() != DType.FLOAT32
                || scores.dtype() != DType.FLOAT32)
            throw c.error("boxes " + boxes + " and scores " + scores + " must be float32 (batch, n, 4) and (batch, classes, n)");
        long most = c.has(2) ? c.tensor(2).getLong(0) : 0;
        float iou = c.has(3) ? c.tensor(3).getFloat(0) : 0, least = c.has(4) ? c.tensor(4).getFloat(0) : Float.NEGATIVE_INFINITY;
        if (!(iou >= 0 && iou <= 1)) throw c.error("iou_threshold is " + iou + ", expected one in [0, 1]");
        boolean center = c.attributes().flag("center_point_box", false);
        int n = b.dimInt(1);
        List<long[]> chosen = new ArrayList<>();
        for (int batch = 0; batch < b.dim(0); batch++) {
            long first = (long) batch * n * 4;
            List<Box> all = IntStream.range(0, n).mapToObj(i -> Box.of(boxes, first + i * 4L, center)).toList();
            for (int k = 0; k < s.dim(1); k++) {
                long row = (batch * s.dim(1) + k) * n;
                // Stable, so that equal scores keep the order of the boxes.
                List<Integer> order = IntStream.range(0, n).filter(i -> !c.has(4) || scores.getFloat(row + i) > least).boxed()
                        .sorted(Comparator.comparing(i -> -scores.getFloat(row + i))).toList();
                List<Box> kept = new ArrayList<>();
                for (int i : order) {
                    if (kept.size() >= most) break;
                    Box box = all.get(i);
                    if (kept.stream().anyMatch(o -> o.overlap(box) > iou)) continue;
                    kept.add(box);
                    chosen.add(new long[]{batch, k, i});
                }
            }
        }
        Tensor out = c.allocate(DType.INT64, Shape.of(chosen.size(), 3));
        for (int i = 0; i < chosen.size() * 3; i++)
            out.setLong(i, chosen.get(i / 3)[i % 3]);
        return new Datum[]{out};
    }
}
