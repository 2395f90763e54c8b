package dev.reprise.tornado.lower;

import dev.reprise.ops.device.Subgraph;
import dev.reprise.ops.device.Subgraph.Port;
import dev.reprise.tornado.kernel.Receipts;
import dev.reprise.tornado.lower.Kind.Tier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A piece of a graph as launches over two arrays: the arena, in which every value has a place while it lives, and the weights.
 *
 * @param calls      in order
 * @param regions    constants that must lie among the weights
 * @param arena      floats of the arena, the first of which are the receipts
 * @param inputs     places of the inputs in the arena
 * @param outputs    of the outputs
 */
public record Program(List<Call> calls, List<Region> regions, long arena, int[] inputs, int[] outputs, long flops) {
    /**
     * A launch whose values have places.
     *
     * @param words   the kernel's integers
     * @param at      indices of words to which the begin of a region is still to be added
     * @param regions which, one for each of {@code at}
     * @param grid    threads along x, y, z
     * @param group   of them in a work-group
     */
    public record Call(Kind kind, String operator, int[] words, int[] at, int[] regions, int[] grid, int[] group, long flops) {
        /** The integers with regions that begin at {@code begins}. */
        public int[] words(int[] begins) {
            int[] w = words.clone();
            for (int i = 0; i < at.length; i++)
                w[at[i]] += begins[regions[i]];
            return w;
        }
    }

    /** Where a value lives: from which launch to which. */
    private static final class Life {
        int from = Integer.MAX_VALUE, to = -1;
        long size, at;
    }

    /** @throws IllegalArgumentException where an operation is not supported */
    public static Program of(Subgraph piece, Tier tier) {
        Lowering l = new Lowering(piece.values(), tier);
        try {
            for (Subgraph.Operation o : piece.operations())
                l.lower(o);
        } catch (Refusal e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        List<Launch> launches = l.launches();
        Life[] lives = lives(l, piece, launches);
        long arena = place(lives);
        if (arena > Integer.MAX_VALUE) throw new IllegalArgumentException("the piece needs an arena of " + arena + " floats; 2^31 - 1 fit");
        List<Call> calls = new ArrayList<>();
        long flops = 0;
        for (Launch launch : launches) {
            calls.add(call(launch, l, lives));
            flops += launch.flops();
        }
        return new Program(calls, l.regions(), arena, places(l, lives, piece.inputs()), places(l, lives, piece.outputs()), flops);
    }

    private static int[] places(Lowering l, Life[] lives, int[] values) {
        return Arrays.stream(values).map(v -> (int) lives[l.root(v)].at).toArray();
    }

    private static Call call(Launch launch, Lowering l, Life[] lives) {
        int[] words = launch.words().clone();
        List<Launch.Place> weights = launch.places().stream().filter(p -> p.region() >= 0).toList();
        for (Launch.Place p : launch.places()) {
            words[p.word()] = (int) (p.plus() + (p.region() >= 0 ? 0 : lives[l.root(p.value())].at));
            if (p.space() >= 0) words[p.space()] = p.region() >= 0 ? 1 : 0;
        }
        return new Call(launch.kind(), launch.operator(), words, weights.stream().mapToInt(Launch.Place::word).toArray(),
                weights.stream().mapToInt(Launch.Place::region).toArray(), launch.grid(), launch.group(), launch.flops());
    }

    private static Life[] lives(Lowering l, Subgraph piece, List<Launch> launches) {
        Life[] lives = new Life[l.values().size()];
        for (int i = 0; i < lives.length; i++) {
            lives[i] = new Life();
            Port p = l.values().get(i);
            lives[i].size = p.constant() == null ? p.shape().size() : 0;
        }
        for (int v : piece.inputs())
            lives[l.root(v)].from = -1;
        for (int i = 0; i < launches.size(); i++)
            for (Launch.Place p : launches.get(i).places()) {
                if (p.value() < 0) continue;
                Life life = lives[l.root(p.value())];
                life.from = Math.min(life.from, i);
                life.to = Math.max(life.to, i);
            }
        for (int v : piece.outputs())
            lives[l.root(v)].to = launches.size();
        return lives;
    }

    /** First fit, the largest first; answers what the whole takes. Places are multiples of 32 floats, so that reads of groups of threads are aligned. */
    private static long place(Life[] lives) {
        List<Life> order = new ArrayList<>(Arrays.stream(lives).filter(v -> v.size > 0 && (v.to >= 0 || v.from < 0)).toList());
        order.sort((a, b) -> Long.compare(b.size, a.size));
        List<Life> placed = new ArrayList<>();
        long all = Receipts.FLOATS;
        for (Life v : order) {
            long at = Receipts.FLOATS;
            for (Life other : placed) {
                if (other.to < v.from || v.to < other.from) continue;
                if (at + v.size <= other.at) break;
                at = Math.max(at, other.at + other.size + 31 & -32L);
            }
            v.at = at;
            all = Math.max(all, at + v.size);
            int index = 0;
            while (index < placed.size() && placed.get(index).at <= at)
                index++;
            placed.add(index, v);
        }
        return all;
    }
}
