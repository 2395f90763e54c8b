"""Trains one of the embedded models: python3 train.py NAME DATA_FOLDER OUT_FOLDER [--steps N] [--minutes M] [--begin P].

Adam, learning rate warmed up over 200 steps and then lowered along a cosine, gradients clipped to norm 1, an
exponential moving average of the weights. Every 250 steps the whole state goes to OUT_FOLDER/NAME.pt; if that file
exists, training continues from it. Convolutions and matrix products run in bfloat16, everything else in float32."""

import argparse
import copy
import math
import os
import time

import torch
from torch import nn

import data
import objective
from specs import BATCH, EMA, LABEL_DROPOUT, SPECS


def norms_in_float32(network):
    """Autocast would hand bfloat16 to the norms, which keep their weights in float32."""
    for module in network.modules():
        if isinstance(module, (nn.GroupNorm, nn.LayerNorm, nn.BatchNorm2d)):
            module.register_forward_pre_hook(lambda _, inputs: (inputs[0].float(),))


def rate(step, progress, peak):
    return peak * min(1.0, (step + 1) / 200) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=SPECS)
    parser.add_argument("data")
    parser.add_argument("out")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--minutes", type=float, default=math.inf, help="end sooner, the cosine following the clock")
    parser.add_argument("--begin", type=float, help="where on the cosine to resume, 0..1; default: where it stopped")
    args = parser.parse_args()
    torch.set_num_threads(1)
    spec = SPECS[args.name]
    steps = args.steps or spec["steps"]
    torch.manual_seed(spec["seed"])
    batch = spec.get("batch", BATCH)

    images, labels = data.load(args.data, 0, spec["count"])
    images = data.to_range(images)
    network = spec["network"]()
    if "initial" in spec:
        network.load_state_dict(torch.load(os.path.join(args.out, spec["initial"] + ".pt"))["average"])
    average = copy.deepcopy(network).requires_grad_(False)
    norms_in_float32(network)
    schedule = spec["schedule"]()
    optimizer = torch.optim.Adam(network.parameters(), betas=(0.9, 0.99))
    path = os.path.join(args.out, args.name + ".pt")
    start, begun = 0, 0.0
    if os.path.exists(path):
        state = torch.load(path)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"])
        start, begun = state["step"], state.get("progress", state["step"] / steps)
        begun = begun if args.begin is None else args.begin

    clock, running = time.time(), None
    for step in range(start, steps):
        by_clock = begun + (1 - begun) * (time.time() - clock) / (60 * args.minutes)
        progress = by_clock if args.begin is not None else max(step / steps, by_clock)
        rows = torch.randint(0, len(images), (batch,))
        y = None
        if spec["labelled"]:
            dropped = torch.rand(batch) < LABEL_DROPOUT
            y = torch.where(dropped, torch.tensor(data.CLASSES), labels[rows])
        with torch.autocast("cpu", torch.bfloat16):
            loss = objective.loss(network, spec["parameterization"], schedule, images[rows], y, spec.get("focused", False))
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        for group in optimizer.param_groups:
            group["lr"] = rate(step, progress, spec["lr"])
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        decay = min(EMA, (step + 1) / (step + 10))
        with torch.no_grad():
            torch._foreach_mul_(list(average.parameters()), decay)
            torch._foreach_add_(list(average.parameters()), list(network.parameters()), alpha=1 - decay)
        running = loss.item() if running is None else 0.99 * running + 0.01 * loss.item()
        done = step + 1
        if done % 100 == 0:
            print(f"{args.name} step {done} loss {running:.5f} {(done - start) / (time.time() - clock):.2f} steps/s",
                  flush=True)
        last = done == steps or progress >= 1
        if done % 250 == 0 or last:
            state = dict(network=network.state_dict(), average=average.state_dict(), step=done, progress=progress,
                         optimizer=optimizer.state_dict(), random=torch.get_rng_state())
            torch.save(state, path + ".new")
            os.replace(path + ".new", path)
        if last:
            break


if __name__ == "__main__":
    main()
