"""A small vocabulary of CLIP's form (bytes, bytes at a word's end, merges, two special tokens), trained on the project's own prose:
writes vocab.json, merges.txt and their two configurations into a folder.
"""
import collections
import json
import pathlib
import re

START, END = "<|startoftext|>", "<|endoftext|>"
PROSE = ("a photo of a small red circle on a blue field; a painting of two green squares and a yellow triangle in the style of a poster; "
         "an image, a drawing, a picture of the same noise; it's we're they've i'm she'll he'd isn't. 0 1 2 3 2024. ") * 3


def byte_symbols():
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [b for b in range(256) if b not in printable]
    return {b: chr(b) for b in printable} | {b: chr(256 + i) for i, b in enumerate(others)}


def train(text, merges):
    symbols = byte_symbols()
    words = collections.Counter(re.findall(r"'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|[^\s\w]+", text.lower()))
    split = {w: [symbols[b] for b in w.encode()] for w in words}
    for s in split.values():
        s[-1] += "</w>"
    out = []
    while len(out) < merges:
        pairs = collections.Counter()
        for w, s in split.items():
            for p in zip(s, s[1:]):
                pairs[p] += words[w]
        best = min(pairs, key=lambda p: (-pairs[p], p))
        out.append(best)
        for w, s in split.items():
            i, merged = 0, []
            while i < len(s):
                both = tuple(s[i:i + 2]) == best
                merged.append("".join(best) if both else s[i])
                i += 2 if both else 1
            split[w] = merged
    return out


def write(folder, merges=400, length=77):
    root = pathlib.Path(__file__).parents[2]
    text = PROSE + "".join((root / f).read_text() for f in ("README.md", "docs/sampling.md", "docs/scores.md"))
    best = train(text, merges)
    # CLIP's order: the printable bytes first, then the others.
    ordered = sorted(byte_symbols().values())
    vocabulary = ordered + [s + "</w>" for s in ordered] + ["".join(p) for p in best] + [START, END]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(vocabulary)}, ensure_ascii=False, separators=(",", ":")))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(" ".join(p) for p in best) + "\n")
    token = lambda t: {"content": t, "lstrip": False, "normalized": True, "rstrip": False, "single_word": False}
    (folder / "special_tokens_map.json").write_text(json.dumps(
        {"bos_token": token(START), "eos_token": token(END), "pad_token": END, "unk_token": token(END)}, indent=2) + "\n")
    (folder / "tokenizer_config.json").write_text(json.dumps(
        {"tokenizer_class": "CLIPTokenizer", "model_max_length": length, "do_lower_case": True, "errors": "replace"}, indent=2) + "\n")
    return len(vocabulary)
