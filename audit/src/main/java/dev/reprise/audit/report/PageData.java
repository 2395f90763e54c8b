package dev.reprise.audit.report;

import dev.reprise.audit.report.Results.Pair;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the page's script works with: every similarity and distance as the float32 it is, so that a moved threshold counts what
 * Reprise would count, and the pictures.
 */
public final class PageData {
    private static final JsonMapper MAPPER = JsonMapper.builder().disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY).build();

    private PageData() {}

    static String json(Results r, Map<String, Tensor> data, Map<String, Tensor> pictures) {
        Map<String, Object> all = new LinkedHashMap<>(), pairs = new LinkedHashMap<>(), values = new LinkedHashMap<>(),
                images = new LinkedHashMap<>();
        all.put("title", r.title());
        all.put("threshold", r.settings().threshold());
        all.put("maeThreshold", r.settings().maeThreshold());
        all.put("seed", Long.parseLong(r.settings().seeds().split("-")[0]));
        Map<String, Object> labels = new LinkedHashMap<>();
        r.sources()
                .forEach(s -> labels.put(s.id(),
                        Map.of("label", s.label(), "noises", s.noises()).entrySet().stream().sorted(Map.Entry.comparingByKey())
                                .collect(LinkedHashMap::new, (m, e) -> m.put(e.getKey(), e.getValue()), Map::putAll)));
        all.put("sources", labels);
        for (Pair p : pairs(r))
            pairs.put(p.data(), List.of(p.a(), p.b()));
        all.put("pairs", pairs);
        List<Object> planes = new ArrayList<>();
        for (Outcome o : r.experiments())
            planes.add(o instanceof Outcome.Hyperplane h ? Map.of("points", h.points()) : Map.of());
        all.put("experiments", planes);
        data.forEach((name, t) -> values.put(name, encode(t)));
        all.put("values", values);
        pictures.forEach((name, t) -> {
            if (name.startsWith("samples."))
                images.put(name.substring(8), List.of(t.shape().dimInt(0), t.shape().dimInt(2), t.shape().dimInt(1), base64(bytes(t))));
        });
        all.put("images", images);
        all.put("report", new Results(r.format(), r.title(), r.settings(), r.sources(), r.experiments(), null));
        // "</" would end the element that holds this.
        return MAPPER.writeValueAsString(all).replace("<", "\\u003c");
    }

    /** Every pair that an experiment has. */
    public static List<Pair> pairs(Results r) {
        List<Pair> all = new ArrayList<>();
        for (Outcome o : r.experiments())
            switch (o) {
            case Outcome.Matrix m -> all.addAll(m.pairs());
            case Outcome.Memorization m -> {
                all.addAll(m.ideal());
                m.regimes().forEach(g -> all.add(g.pair()));
            }
            case Outcome.Steps s -> all.addAll(s.pairs());
            case Outcome.Hyperplane h -> h.agreements().forEach(a -> all.add(a.pair()));
            case Outcome.Conditional c -> {
                c.byClass().forEach(b -> all.addAll(b.pairs()));
                all.addAll(c.acrossClasses());
            }
            case Outcome.Device d -> d.variants().forEach(v -> all.add(v.pair()));
            case Outcome.Mixture _ -> {
            }
            case Outcome.Quality _ -> {
            }
            }
        return all;
    }

    private static String encode(Tensor t) {
        if (t.dtype() == DType.INT64) {
            ByteBuffer b = ByteBuffer.allocate(Math.toIntExact(4 * t.size())).order(ByteOrder.LITTLE_ENDIAN);
            for (long i = 0; i < t.size(); i++)
                b.putFloat(t.getLong(i));
            return base64(b.array());
        }
        return base64(bytes(t));
    }

    private static byte[] bytes(Tensor t) {
        byte[] b = new byte[Math.toIntExact(t.byteSize())];
        MemorySegment.copy(t.data(), 0, MemorySegment.ofArray(b), 0, b.length);
        return b;
    }

    private static String base64(byte[] b) { return Base64.getEncoder().encodeToString(b); }
}
