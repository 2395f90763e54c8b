package dev.reprise.audit.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.samplers.model.Parameterization;
import dev.reprise.samplers.model.TimeConvention;
import dev.reprise.samplers.schedule.Edm;
import dev.reprise.samplers.schedule.VpDiscrete;
import org.junit.jupiter.api.Test;

class SidecarTest {
    private static final String JSON = """
            {
              "name": "unet",
              "parameterization": "edm",
              "schedule": {"kind": "edm", "sigmaMin": 0.002, "sigmaMax": 80.0, "rho": 7.0, "sigmaData": 0.25},
              "inputs": {"sample": "x", "time": "c_noise", "label": "y"},
              "time": "cnoise",
              "output": "F",
              "sampleShape": [3, 16, 16],
              "range": [-1, 1],
              "classes": {"count": 2, "null": 2, "names": ["disc", "ring"]},
              "sampler": {"name": "edm-heun", "steps": 18},
              "training": {"dataset": "synthetic-shapes", "seed": 20240607, "first": 100, "count": 64}
            }
            """;

    private static Sidecar parse(String json) { return Sidecar.of(new Fields("unet.json", Tree.json(json, "unet.json")), "unet"); }

    @Test
    void readsEveryField() {
        Sidecar s = parse(JSON);
        assertThat(s.spec().parameterization()).isEqualTo(new Parameterization.Edm(0.25));
        assertThat(s.spec().schedule()).isEqualTo(new Edm(0.002, 80, 7, 0.25));
        assertThat(s.spec().time()).isEqualTo(TimeConvention.CNOISE);
        assertThat(s.spec().classes().nullLabel()).isEqualTo(2);
        assertThat(s.spec().sampleShape().dims()).containsExactly(3, 16, 16);
        assertThat(s.spec().suggestion().steps()).isEqualTo(18);
        assertThat(s.training()).isEqualTo(new Sidecar.Training("synthetic-shapes", 20240607, 100, 64));
        assertThat(s.objective()).isEqualTo("EDM preconditioning");
    }

    @Test
    void knowsEverySchedule() {
        String discrete = JSON.replace("\"edm\"", "\"epsilon\"").replace("\"cnoise\"", "\"index\"");
        for (String kind : new String[]{"{\"kind\": \"vp\"}", "{\"kind\": \"sub-vp\"}", "{\"kind\": \"ve\"}", "{\"kind\": \"vp-discrete\"}",
            "{\"kind\": \"vp-discrete\", \"betas\": \"cosine\"}", "{\"kind\": \"vp-discrete\", \"betas\": \"scaled-linear\"}"})
            assertThat(parse(discrete.replaceFirst("\"schedule\": \\{[^}]*\\}", "\"schedule\": " + kind)).spec().schedule()).as(kind)
                    .isNotNull();
        assertThat(parse(discrete.replaceFirst("\"schedule\": \\{[^}]*\\}", "\"schedule\": {\"kind\": \"vp-discrete\", \"steps\": 10}"))
                .spec().schedule())
                .isEqualTo(VpDiscrete.linear(1e-4, 0.02, 10));
    }

    @Test
    void mistakesAreNamedWithTheirLine() {
        record Case(String from, String to, String... said) {}
        for (Case c : new Case[]{//
            new Case("\"parameterization\": \"edm\"", "\"parameterization\": \"noise\"", "unet.json:3", "noise", "epsilon"), //
            new Case("\"kind\": \"edm\"", "\"kind\": \"vpp\"", "unet.json:4", "vpp"), //
            new Case("\"sigmaMax\": 80.0", "\"sigmaMax\": -1", "unet.json:4", "sigmaMax"), //
            new Case("[3, 16, 16]", "[3, -16, 16]", "unet.json:8", "sampleShape"), //
            new Case("[-1, 1]", "[1]", "unet.json:9", "range"), //
            new Case("\"count\": 2", "\"count\": 0", "unet.json:10", "count"), //
            new Case("\"steps\": 18", "\"steps\": \"18\"", "unet.json:11", "sampler.steps"), //
            new Case("\"rho\": 7.0", "\"sigmamin\": 7.0", "unet.json:4", "schedule.sigmamin", "sigmaMin"), //
            new Case("\"time\": \"cnoise\"", "\"times\": \"cnoise\"", "unet.json:6", "'times' is not known", "time"), //
            new Case("\"label\": \"y\"", "\"class\": \"y\"", "unet.json:5", "inputs.class", "label"), //
            new Case("\"null\": 2", "\"none\": 2", "unet.json:10", "classes.none", "null"), //
            new Case("\"steps\": 18", "\"steps\": 18, \"rho\": 3", "unet.json:11", "sampler.rho"), //
            new Case("\"sample\": \"x\", ", "", "unet.json:5", "inputs.sample"), //
            new Case("\"name\": \"unet\",", "\"kind\": \"descriptor\",", "no diffusion model")})
            assertThatThrownBy(() -> parse(JSON.replace(c.from, c.to))).as(c.to).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll(c.said);
    }
}
