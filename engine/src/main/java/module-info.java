/** The graph, its operators, passes and plans, and the public Model and Session. */
module dev.reprise.engine {
    requires transitive dev.reprise.ops;

    exports dev.reprise.engine;
    exports dev.reprise.engine.graph;
    exports dev.reprise.engine.operator;
    exports dev.reprise.engine.plan;
}
