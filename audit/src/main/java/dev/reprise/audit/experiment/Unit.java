package dev.reprise.audit.experiment;

import dev.reprise.audit.cache.Key;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.function.DoubleConsumer;

/** A piece of work that is done once: its result goes to the cache. */
interface Unit {
    Key key();

    /** For the progress, such as "sampling DiT". */
    String step();

    /** What it takes compared with others, in images times evaluations. */
    double cost();

    /** Images it makes or looks at. */
    int images();

    /** @param progress hears the part that is done */
    Map<String, Tensor> make(Arena arena, DoubleConsumer progress);
}
