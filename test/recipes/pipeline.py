"""A text-to-image pipeline of Stable Diffusion's form with random weights, in the folder that Optimum would export, and what PyTorch
with diffusers' schedulers makes of it: writes test/src/test/resources/pipeline/.

Needs diffusers (any version that has the schedulers below) and regex: python3 test/recipes/pipeline.py
"""
import json
import pathlib
import warnings

import numpy as np
import onnx
import torch
from torch import nn

import tokenizer
from half import to_half
from networks.latent import CrossUnet, TextTransformer, VaeDecoder

TARGET = pathlib.Path(__file__).parents[1] / "src/test/resources/pipeline"
WIDTH, LENGTH, SIZE, SCALING, SEEDS = 16, 77, 8, 0.18215, (3, 4)
PROMPT, NEGATIVE, GUIDANCE = "A photo of a small red circle, 3 of 4; it's the same!", "a poster", 7.5
SCHEDULER = {"_class_name": "PNDMScheduler", "_diffusers_version": "0.30.0", "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
             "num_train_timesteps": 1000, "prediction_type": "epsilon", "set_alpha_to_one": False, "skip_prk_steps": True, "steps_offset": 1,
             "timestep_spacing": "leading", "trained_betas": None, "clip_sample": False}
# name of the run: class, what differs from the configuration, steps, guidance
RUNS = {"pndm": ("PNDMScheduler", {}, 8, GUIDANCE), "ddim": ("DDIMScheduler", {}, 6, 1.0), "euler": ("EulerDiscreteScheduler", {}, 6, GUIDANCE),
        "euler-ancestral": ("EulerAncestralDiscreteScheduler", {}, 6, GUIDANCE), "dpm-multistep": ("DPMSolverMultistepScheduler", {}, 6, GUIDANCE),
        "unipc": ("UniPCMultistepScheduler", {}, 6, GUIDANCE), "heun": ("HeunDiscreteScheduler", {}, 4, GUIDANCE)}


class Unet(nn.Module):
    def __init__(self):
        super().__init__()
        self.unet = CrossUnet(ch=8, context=WIDTH)

    def forward(self, sample, timestep, encoder_hidden_states):
        return self.unet(sample, timestep.expand(sample.shape[0]), encoder_hidden_states)


def encode(folder, text):
    """By the tokenizer's own greedy definition, not by Reprise's: transformers and this agree on plain prompts."""
    import regex
    vocabulary = json.loads((folder / "vocab.json").read_text())
    ranks = {tuple(l.split()): i for i, l in enumerate((folder / "merges.txt").read_text().splitlines()[1:])}
    symbols, ids = tokenizer.byte_symbols(), []
    for word in regex.findall(r"'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+", text.lower()):
        s = [symbols[b] for b in word.encode()]
        s[-1] += "</w>"
        while len(s) > 1 and (best := min(zip(s, s[1:]), key=lambda p: ranks.get(p, 1e9))) in ranks:
            i = next(i for i in range(len(s)) if tuple(s[i:i + 2]) == best)
            s[i:i + 2] = ["".join(best)]
        ids += [vocabulary[x] for x in s]
    end = vocabulary[tokenizer.END]
    ids = [vocabulary[tokenizer.START], *ids[:LENGTH - 2], end]
    return torch.tensor([ids + [end] * (LENGTH - len(ids))], dtype=torch.int32)


def export(network, inputs, outputs, dynamic, file):
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(network, tuple(inputs.values()), file, opset_version=14, input_names=list(inputs), output_names=outputs, dynamic_axes=dynamic)


def save(file, value):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value, indent=2) + "\n")


def make(folder):
    vocabulary = tokenizer.write(folder / "tokenizer", length=LENGTH)
    torch.manual_seed(0)
    text, unet, vae = TextTransformer(vocabulary, LENGTH, WIDTH, heads=4, depth=1).eval(), Unet().eval(), VaeDecoder(ch=8, scale=1.0).eval()
    with torch.no_grad():
        # The prompt must matter, and the images must not be grey.
        unet.unet.out[2].weight.mul_(3)
        vae.conv_out.weight.mul_(2)
    export(text, {"input_ids": encode(folder / "tokenizer", PROMPT)}, ["last_hidden_state", "pooler_output"], {"input_ids": {0: "batch"}},
           folder / "text_encoder/model.onnx")
    batch = {0: "batch"}
    export(unet, {"sample": torch.randn(2, 4, SIZE, SIZE), "timestep": torch.tensor([999]), "encoder_hidden_states": torch.randn(2, LENGTH, WIDTH)}, ["out_sample"],
           {"sample": {**batch, 2: "height", 3: "width"}, "encoder_hidden_states": batch, "out_sample": batch}, folder / "unet/model.onnx")
    export(vae, {"latent_sample": torch.randn(1, 4, SIZE, SIZE)}, ["sample"], {"latent_sample": {**batch, 2: "height", 3: "width"}, "sample": batch},
           folder / "vae_decoder/model.onnx")
    onnx.save(to_half(onnx.load(folder / "unet/model.onnx"), "timestep"), folder / "unet-half.onnx")
    save(folder / "unet/config.json", {"_class_name": "UNet2DConditionModel", "in_channels": 4, "sample_size": SIZE, "cross_attention_dim": WIDTH})
    save(folder / "vae_decoder/config.json", {"_class_name": "AutoencoderKL", "block_out_channels": [8, 16, 16], "latent_channels": 4, "scaling_factor": SCALING})
    save(folder / "text_encoder/config.json", {"architectures": ["CLIPTextModel"], "hidden_size": WIDTH})
    save(folder / "scheduler/scheduler_config.json", SCHEDULER)
    save(folder / "model_index.json", {"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.30.0", "feature_extractor": [None, None], "safety_checker": [None, None],
                                       "scheduler": ["diffusers", "PNDMScheduler"], "text_encoder": ["optimum", "ORTModel"], "tokenizer": ["transformers", "CLIPTokenizer"],
                                       "unet": ["optimum", "ORTModel"], "vae_decoder": ["optimum", "ORTModel"]})
    return text, unet, vae


@torch.no_grad()
def sample(folder, text, unet, vae, scheduler, steps, guidance):
    context = torch.cat([text(encode(folder / "tokenizer", p))[0] for p in (NEGATIVE, PROMPT)])
    negative, prompt = (c[None].repeat(len(SEEDS), 1, 1) for c in context)
    streams = [torch.Generator().manual_seed(s) for s in SEEDS]
    scheduler.set_timesteps(steps)
    x = torch.cat([torch.randn(1, 4, SIZE, SIZE, generator=g) for g in streams]) * scheduler.init_noise_sigma
    more = {"generator": streams} if "Ancestral" in type(scheduler).__name__ else {}
    for t in scheduler.timesteps:
        z = scheduler.scale_model_input(x, t)
        # An int64 input, as diffusers' ONNX pipeline fills it.
        at = torch.tensor([int(t)])
        e = unet(z, at, prompt)
        if guidance > 1:
            u = unet(z, at, negative)
            e = u + guidance * (e - u)
        x = scheduler.step(e, t, x, **more).prev_sample
    return x, vae(x / SCALING)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    import diffusers
    networks = make(TARGET)
    arrays = {}
    for name, (kind, changes, steps, guidance) in RUNS.items():
        # As its pipelines do, only the entries that the class knows.
        made = getattr(diffusers, kind).from_config({**SCHEDULER, **changes})
        latents, images = sample(TARGET, *networks, made, steps, guidance)
        arrays[name + ".latents"] = latents.numpy()
        if name in ("pndm", "ddim"):
            arrays[name + ".images"] = images.numpy()
        print(name, latents.abs().max().item(), images.std().item(), (images.abs() == 1).float().mean().item())
    np.savez(TARGET / "expected.npz", **arrays)
    print(sum(f.stat().st_size for f in TARGET.rglob("*") if f.is_file()), "bytes")
