package dev.reprise.audit.report;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * A Chromium without a window, driven over its DevTools protocol: no driver, no library, nothing to download.
 *
 * @see <a href="https://chromedevtools.github.io/devtools-protocol/">the protocol</a>
 */
final class Browser implements AutoCloseable {
    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final long SECONDS = 120;

    private final Process process;
    private final HttpClient client = HttpClient.newHttpClient();
    private final WebSocket socket;
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    /** What went wrong in the page, and what it asked the network for. */
    final List<String> errors = new CopyOnWriteArrayList<>(), requests = new CopyOnWriteArrayList<>();
    private final CompletableFuture<String> loaded = new CompletableFuture<>();
    private final Path downloads;
    private volatile String suggested;
    private volatile CompletableFuture<String> downloaded = new CompletableFuture<>();
    private String session;
    private int next;

    /** The program, or null where none is found: {@code $CHROMIUM}, then the usual names on the path. */
    static Path find() {
        List<String> places = new ArrayList<>();
        if (System.getenv("CHROMIUM") != null) places.add(System.getenv("CHROMIUM"));
        for (String folder : System.getenv().getOrDefault("PATH", "/usr/bin").split(":"))
            for (String name : new String[]{"chromium", "chromium-browser", "google-chrome", "chrome"})
                places.add(folder + "/" + name);
        return places.stream().map(Path::of).filter(Files::isExecutable).findFirst().orElse(null);
    }

    Browser(Path program, Path profile) throws Exception {
        process = new ProcessBuilder(program.toString(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--no-first-run", "--disable-background-networking", "--disable-component-update", "--user-data-dir=" + profile,
                "--remote-debugging-port=0", "about:blank")
                .redirectErrorStream(true).start();
        String address = address();
        socket = client.newWebSocketBuilder().buildAsync(URI.create(address), new Listener()).get(SECONDS, TimeUnit.SECONDS);
        downloads = Files.createDirectories(profile.resolveSibling(profile.getFileName() + "-downloads"));
        call("Browser.setDownloadBehavior",
                Map.of("behavior", "allow", "downloadPath", downloads.toAbsolutePath().toString(), "eventsEnabled", true));
        String target = call("Target.createTarget", Map.of("url", "about:blank")).get("targetId").asString();
        session = call("Target.attachToTarget", Map.of("targetId", target, "flatten", true)).get("sessionId").asString();
        for (String domain : new String[]{"Page", "Runtime", "Network"})
            call(domain + ".enable", Map.of());
    }

    private String address() throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        StringBuilder said = new StringBuilder();
        for (String line; (line = lines.readLine()) != null;) {
            said.append(line).append('\n');
            if (line.startsWith("DevTools listening on ")) {
                // Whatever it says later must not fill the pipe.
                Thread.ofVirtual().start(() -> lines.lines().forEach(_ -> {}));
                return line.substring(22).strip();
            }
        }
        throw new IOException("Chromium ended before it listened:\n" + said);
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket s, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                JsonNode n = JSON.readTree(text.toString());
                text.setLength(0);
                if (n.has("id")) answers.remove(n.get("id").asInt()).complete(n);
                else event(n.get("method").asString(), n.get("params"));
            }
            s.request(1);
            return null;
        }

        private void event(String method, JsonNode p) {
            switch (method) {
                case "Runtime.exceptionThrown" -> errors.add(p.get("exceptionDetails").toString());
                case "Network.requestWillBeSent" -> requests.add(p.get("request").get("url").asString());
                case "Browser.downloadWillBegin" -> suggested = p.get("suggestedFilename").asString();
                case "Browser.downloadProgress" -> {
                    if (p.get("state").asString().equals("completed")) downloaded.complete(suggested);
                }
                case "Page.loadEventFired" -> loaded.complete("");
                default -> {
                }
            }
        }
    }

    JsonNode call(String method, Map<String, ?> parameters) throws Exception {
        int id = ++next;
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        Map<String, Object> message = new java.util.HashMap<>(Map.of("id", id, "method", method, "params", parameters));
        if (session != null) message.put("sessionId", session);
        socket.sendText(JSON.writeValueAsString(message), true).get(SECONDS, TimeUnit.SECONDS);
        JsonNode n = answer.get(SECONDS, TimeUnit.SECONDS);
        if (n.has("error")) throw new IOException(method + ": " + n.get("error"));
        return n.get("result");
    }

    void open(Path file) throws Exception {
        call("Page.navigate", Map.of("url", file.toUri().toString()));
        loaded.get(SECONDS, TimeUnit.SECONDS);
    }

    /** The value of an expression in the page; a promise is waited for. */
    JsonNode eval(String expression) throws Exception {
        JsonNode n = call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
        if (n.has("exceptionDetails")) throw new IOException(expression + ": " + n.get("exceptionDetails"));
        return n.get("result").get("value");
    }

    /** After the page has drawn what a change asked for. */
    void settle() throws Exception {
        eval("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))");
    }

    /** Moves the pointer over an element; clicks it perhaps. */
    void point(String selector, boolean click) throws Exception {
        JsonNode box = eval("(() => { const e = document.querySelector(" + JSON.writeValueAsString(selector)
                + "); e.scrollIntoView({block: 'center', behavior: 'instant'}); const r = e.getBoundingClientRect(); return [r.left + r.width / 2, r.top + r.height / 2]; })()");
        settle();
        for (String type : click ? new String[]{"mouseMoved", "mousePressed", "mouseReleased"} : new String[]{"mouseMoved"})
            call("Input.dispatchMouseEvent", Map.of("type", type, "x", box.get(0).asDouble(), "y", box.get(1).asDouble(), "button",
                    type.equals("mouseMoved") ? "none" : "left", "clickCount", 1));
        settle();
    }

    /** Clicks what offers a file, and returns the file. */
    Path download(String selector) throws Exception {
        downloaded = new CompletableFuture<>();
        point(selector, true);
        return downloads.resolve(downloaded.get(SECONDS, TimeUnit.SECONDS));
    }

    void key(String key) throws Exception {
        int code = switch (key) {
            case "ArrowLeft" -> 37;
            case "ArrowUp" -> 38;
            case "ArrowRight" -> 39;
            case "ArrowDown" -> 40;
            case "Escape" -> 27;
            default -> throw new IllegalArgumentException(key);
        };
        for (String type : new String[]{"rawKeyDown", "keyUp"})
            call("Input.dispatchKeyEvent", Map.of("type", type, "key", key, "code", key, "windowsVirtualKeyCode", code));
        settle();
    }

    void screen(int width, int height, boolean phone, boolean dark) throws Exception {
        call("Emulation.setDeviceMetricsOverride", Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", phone));
        call("Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
        settle();
    }

    void picture(Path file, boolean whole) throws Exception {
        String data = call("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", whole)).get("data").asString();
        Files.write(file, Base64.getDecoder().decode(data));
    }

    @Override
    public void close() {
        socket.abort();
        client.shutdownNow();
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(h -> h.onExit().join());
    }
}
