package dev.reprise.audit.command;

/** Reports, for comparison. */
final class HtmlPages {
    private HtmlPages() {}

    /** A report without the section that differs from run to run. */
    static String withoutRun(String page) {
        int begin = page.indexOf("<section class=\"run\">"), end = page.indexOf("</section>", begin);
        return page.substring(0, begin) + page.substring(end);
    }
}
