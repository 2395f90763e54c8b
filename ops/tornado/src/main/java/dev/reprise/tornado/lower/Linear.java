package dev.reprise.tornado.lower;

import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.tornado.kernel.Attentions;
import dev.reprise.tornado.kernel.Products;
import dev.reprise.tornado.kernel.Scalar;
import java.util.Arrays;

/** Products: MatMul, Gemm, Conv, attention, and their fused forms. */
final class Linear {
    private Linear() {}

    static boolean lower(Op o) {
        switch (o.type()) {
            case "MatMul" -> matMul(o, false);
            case "Gemm" -> gemm(o);
            case "Conv" -> conv(o, false);
            default -> {
                return false;
            }
        }
        return true;
    }

    static boolean fused(Op o) {
        switch (o.type()) {
            case "MatMulFused" -> matMul(o.only("transB", "alpha", "scale", "activation"), o.integer("transB", 0) != 0);
            case "ConvChannelsLast" ->
                conv(o.only("auto_pad", "dilations", "group", "kernel_shape", "pads", "strides", "activation", "scale", "parts"),
                        true);
            case "FusedAttention" -> attention(o.only("scale", "softcap", "causal", "q_perm", "k_perm", "v_perm", "out_perm", "q_window",
                    "k_window", "v_window"));
            default -> {
                return false;
            }
        }
        return true;
    }

    static int activation(Op o) {
        String a = o.string("activation", "none");
        int code = switch (a) {
            case "none" -> Scalar.NONE;
            case "relu" -> Scalar.RELU;
            case "silu" -> Scalar.SILU;
            case "sigmoid" -> Scalar.SIGMOID;
            case "tanh" -> Scalar.TANH;
            case "gelu" -> Scalar.GELU;
            case "gelu_tanh" -> Scalar.GELU_TANH;
            case "quick_gelu" -> Scalar.QUICK_GELU;
            case "mish" -> Scalar.MISH;
            default -> -1;
        };
        o.require(code >= 0, "activation " + a);
        return code;
    }

    /** Strides in elements of what a product reads and writes. */
    private record Strides(long am, long ak, long bk, long bn, long ym, long yn) {}

    /** Two levels of batches, and what A, B and y step along them. */
    private record Batches(long outer, long inner, long ao, long ai, long bo, long bi, long yo, long yi) {
        static final Batches ONE = new Batches(1, 1, 0, 0, 0, 0, 0, 0);
    }

    private static void product(Op o, long m, long n, long k, int a, int b, int y, Strides s, Batches z, int bias, int residual,
            int activation,
            float alpha, float scale) {
        Op.Draft d = o.launch(o.tiled() ? Kind.GEMM_TILE : Kind.GEMM).words(0, m, n, k).readAny(3, 4, a, 0).readAny(5, 6, b, 0)
                .write(7, y, 0)
                .words(8, s.am, s.ak, s.bk, s.bn, s.ym, s.yn, z.inner, z.ao, z.ai, z.bo, z.bi, z.yo, z.yi).words(22, -1, -1, activation)
                .weight(25, o.region(alpha, scale)).words(26, z.outer * z.inner);
        if (bias >= 0) d.readAny(21, 22, bias, 0);
        if (residual >= 0) d.read(23, residual, 0);
        long flops = 2 * m * n * k * z.outer * z.inner;
        if (o.tiled())
            d.groups(Math.ceilDiv(n, Products.TILE), Math.ceilDiv(m, Products.TILE), z.outer * z.inner, 16, 16, flops);
        else
            d.each(m * n * z.outer * z.inner, flops);
    }

    private static void matMul(Op o, boolean transB) {
        Shape x = o.shape(0), w = o.shape(1);
        o.require(x.rank() >= 1 && w.rank() >= 1, "a scalar");
        Shape xs = x.rank() == 1 ? Shape.of(1, x.dim(0)) : x,
                ws = w.rank() > 1 ? w : transB ? Shape.of(1, w.dim(0)) : Shape.of(w.dim(0), 1);
        long m = xs.dim(-2), k = xs.dim(-1), n = ws.dim(transB ? -2 : -1);
        Shape xb = Shape.of(Arrays.copyOf(xs.dims(), xs.rank() - 2)), wb = Shape.of(Arrays.copyOf(ws.dims(), ws.rank() - 2));
        Shape batch = Shape.broadcast(xb, wb);
        Batches z;
        if (wb.size() == 1 && xb.size() == batch.size()) {
            m *= batch.size();
            z = Batches.ONE;
        } else z = batches(o, batch, xb, wb, m, n, k);
        Strides s = new Strides(k, 1, transB ? 1 : n, transB ? k : 1, n, 1);
        product(o, m, n, k, o.in(0), o.in(1), o.out(0), s, z, o.has(2) ? o.in(2) : -1, o.has(3) ? o.in(3) : -1, activation(o),
                o.real("alpha", 1), o.real("scale", 1));
    }

    private static Batches batches(Op o, Shape batch, Shape xb, Shape wb, long m, long n, long k) {
        // Dimensions that both factors walk through evenly are one; two may be left.
        long[] d = new long[batch.rank()], u = d.clone(), v = d.clone(), px = walk(xb, batch, m * k), pw = walk(wb, batch, k * n);
        int c = 0;
        for (int i = 0; i < batch.rank(); i++) {
            if (batch.dim(i) == 1) continue;
            if (c > 0 && u[c - 1] == px[i] * batch.dim(i) && v[c - 1] == pw[i] * batch.dim(i)) d[c - 1] *= batch.dim(i);
            else d[c++] = batch.dim(i);
            u[c - 1] = px[i];
            v[c - 1] = pw[i];
        }
        o.require(c <= 2, "batches that broadcast over " + c + " dimensions");
        if (c == 0) return Batches.ONE;
        if (c == 1) return new Batches(1, d[0], 0, u[0], 0, v[0], 0, m * n);
        return new Batches(d[0], d[1], u[0], u[1], v[0], v[1], d[1] * m * n, m * n);
    }

    private static long[] walk(Shape part, Shape whole, long each) {
        long[] own = part.strides(), r = new long[whole.rank()];
        for (int i = 0; i < part.rank(); i++)
            r[whole.rank() - part.rank() + i] = part.dim(i) == 1 ? 0 : own[i] * each;
        return r;
    }

    private static void gemm(Op o) {
        boolean transA = o.integer("transA", 0) != 0, transB = o.integer("transB", 0) != 0;
        Shape a = o.shape(0), y = o.result();
        long m = y.dim(0), n = y.dim(1), k = a.dim(transA ? 0 : 1);
        float beta = o.real("beta", 1);
        boolean add = o.has(2) && beta != 0;
        Shape c = add ? o.shape(2) : Shape.SCALAR;
        boolean bias = add && beta == 1 && c.size() == n && c.rank() > 0 && c.dim(-1) == n;
        Strides s = new Strides(transA ? 1 : k, transA ? m : 1, transB ? 1 : n, transB ? k : 1, n, 1);
        int residual = -1;
        if (add && !bias) {
            // beta C, spread to the whole of y, is what the product is added to.
            int factor = o.temporary(Shape.SCALAR), scaled = o.temporary(y);
            o.launch(Kind.FILL).words(0, 1).write(1, factor, 0).weight(2, o.region(beta)).each(1, 0);
            Elementwise.zip(o, Scalar.MUL, o.in(2), c, factor, Shape.SCALAR, scaled, y);
            residual = scaled;
        }
        product(o, m, n, k, o.in(0), o.in(1), o.out(0), s, Batches.ONE, bias ? o.in(2) : -1, residual, Scalar.NONE, o.real("alpha", 1), 1);
    }

    private static void conv(Op o, boolean last) {
        Shape x = o.shape(0), w = o.shape(1), y = o.result();
        int spatial = w.rank() - 2;
        if (spatial == 3) {
            Volumes.conv(o, last);
            return;
        }
        o.require(spatial == 1 || spatial == 2, "over " + spatial + " spatial dimensions");
        o.require(!o.constant(0), "of a constant");
        Window p = Window.of(o, x, w.dims(), last, y);
        long group = o.integer("group", 1), m = w.dim(0) / group, c = w.dim(1), kh = p.kernel()[0], kw = p.kernel()[1], k = kh * kw * c;
        long n = x.dim(0), oh = p.out()[0], ow = p.out()[1];
        int weights;
        boolean constant = o.constant(1);
        // The weights' rows dealt to so many parts: row i is output i % parts * (rows / parts) + i / parts.
        int parts = (int) o.integer("parts", 1);
        o.require(parts == 1 || constant && group == 1 && m % parts == 0, m + " outputs dealt to " + parts + " parts");
        if (constant)
            weights = o.region(1, "conv/" + group + "/" + parts, group * k * m,
                    to -> pack(o.port(1).constant(), to, (int) group, (int) m, (int) c, (int) (kh * kw), parts));
        else {
            weights = o.temporary(Shape.of(group * k * m));
            Movement.copy(o, o.in(1), 0, new long[]{m * c * kh * kw, 1, kh * kw, c * kh * kw}, weights, 0, new long[]{k * m, c * m, m, 1},
                    new long[]{group, kh * kw, c, m});
        }
        long[] sx = p.strides(x, last), sy = p.strides(y, last);
        Op.Draft d = o.launch(o.tiled() ? Kind.CONV_TILE : Kind.CONV).words(0, n * oh * ow, m, k).read(3, o.in(0), 0);
        if (constant) d.weight(4, weights).words(31, 1);
        else d.read(4, weights, 0);
        d.write(5, o.out(0), 0)
                .words(6, oh, ow, p.in()[0], p.in()[1], c, kw, p.stride()[0], p.stride()[1], p.dilation()[0], p.dilation()[1],
                        p.pad()[0], p.pad()[1])
                .words(18, sx).words(22, sy).words(26, -1, -1, activation(o))
                .weight(29, o.region(1, o.real("scale", 1))).words(30, group);
        if (o.has(2)) d.readAny(32, 26, o.in(2), 0);
        if (o.has(3)) d.read(27, o.in(3), 0);
        long flops = 2 * n * oh * ow * m * group * k;
        if (o.tiled()) d.groups(Math.ceilDiv(m, Products.TILE), Math.ceilDiv(n * oh * ow, Products.TILE), group, 16, 16, flops);
        else d.each(n * oh * ow * m * group, flops);
    }

    /** (group, M, C, window) as (group, window, C, M), the rows dealt. */
    private static void pack(Tensor w, float[] to, int groups, int m, int c, int window, int parts) {
        float[] from = w.toFloats();
        for (int g = 0; g < groups; g++)
            for (int i = 0; i < m; i++)
                for (int j = 0; j < c; j++)
                    for (int k = 0; k < window; k++)
                        to[((g * window + k) * c + j) * m + i % parts * (m / parts) + i / parts] = from[((g * m + i) * c + j) * window + k];
    }

    /** Where an operand of attention lies: sizes and strides along batch, head, row, column, and where it begins. */
    private record View(long[] sizes, long[] strides, long begin) {
        static View of(Op o, Shape physical, String name) {
            long[] window = o.integers(name + "_window", null);
            if (window != null) return new View(Arrays.copyOf(window, 4), Arrays.copyOfRange(window, 4, 8), window[8]);
            o.require(physical.rank() == 4, "an operand of shape " + physical);
            long[] perm = o.integers(name + "_perm", new long[]{0, 1, 2, 3}), own = physical.strides(), sizes = new long[4],
                    strides = new long[4];
            for (int i = 0; i < 4; i++) {
                sizes[(int) perm[i]] = physical.dim(i);
                strides[(int) perm[i]] = own[i];
            }
            return new View(sizes, strides, 0);
        }
    }

    private static void attention(Op o) {
        View qv = View.of(o, o.shape(0), "q"), kv = View.of(o, o.shape(1), "k"), vv = View.of(o, o.shape(2), "v");
        long[] q = qv.sizes, k = kv.sizes, v = vv.sizes, sq = qv.strides, sk = kv.strides, sv = vv.strides;
        long[] sy = View.of(o, o.result(), "out").strides;
        long b = q[0], h = q[1], lq = q[2], lk = k[2], width = q[3], values = v[3];
        float scale = o.real("scale", (float) (1 / Math.sqrt(width)));
        o.require(o.real("softcap", 0) == 0, "softcap");
        boolean tiled = o.tiled() && width <= Attentions.WIDTH && values <= Attentions.WIDTH;
        Op.Draft d = o.launch(tiled ? Kind.ATTENTION_TILE : Kind.ATTENTION).words(0, lq, lk, width, values, h).read(5, o.in(0), qv.begin)
                .read(6, o.in(1), kv.begin).read(7, o.in(2), vv.begin).write(8, o.out(0), 0)
                .words(9, sq[0], sq[1], sq[2], sk[0], sk[1], sk[2], sv[0],
                        sv[1], sv[2], sy[0], sy[1], sy[2], h / k[1], -1)
                .weight(28, o.region(scale)).words(29, o.integer("causal", 0) != 0 ? lk - lq + 1 : -1, b * h);
        if (o.has(3)) {
            Shape mask = o.shape(3);
            o.require(mask.rank() <= 4, "a mask of " + mask.rank() + " dimensions");
            long[] own = mask.strides(), s = new long[4];
            for (int i = 0; i < mask.rank(); i++)
                s[4 - mask.rank() + i] = mask.dim(i) == 1 ? 0 : own[i];
            d.readAny(23, 22, o.in(3), 0).words(24, s);
        }
        long flops = 2 * b * h * lq * lk * (width + values);
        if (tiled) d.groups(Math.ceilDiv(lq, Attentions.ROWS), 1, b * h, 16, 16, flops);
        else d.each(b * h * lq * values, flops);
    }
}
