package dev.reprise.audit.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reports, for comparison. */
final class Reports {
    private Reports() {}

    /** A page without the section that differs from run to run. */
    static String withoutRun(String page) {
        int begin = page.indexOf("<section class=\"run\">"), end = page.indexOf("</section>", begin);
        return page.substring(0, begin) + page.substring(end);
    }

    /** The numbers of an audit without what differs from run to run. */
    static JsonNode withoutRun(Path folder) throws IOException {
        ObjectNode n = (ObjectNode) Json.MAPPER.readTree(Files.readString(folder.resolve("report.json")));
        n.remove("run");
        return n;
    }
}
