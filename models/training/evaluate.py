"""Measures how often the model draws what the prompt says, and prints the result as JSON.

    evaluate.py MODEL [--judge FILE] [--colours N] [--pairs N] [--sheet FILE.png] [--device cuda]

Things: 'a THING on a COLOUR background', by default every thing on every colour, one fixed seed
each; right means that the judge (judge.py) names the thing and the border has the colour.
Pairs: 'a THING and a THING on a COLOUR background', random but seeded; right means that the two
halves show the two things, in either order, and the border has the colour. Shapes: shape, its
colour and the border. Nothing is picked and nothing is retried. Rates come with the Wilson 95 %
interval. "unseen" counts the combinations that no training picture showed.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image

from captions import on_background, with_article
from contact_sheet import draw_sheet
from generate import Generator, Settings
from judge import Judge, background_colour, load_judge, subject_colour
from judge_views import half_view, single_view
from plans import PLANS
from scenes import LEFT, RIGHT
from vocabulary import COLOURS, MOUNTS, SHAPE_COLOURS, SHAPES, THINGS, is_held_out

_SEEDS = {"things": 1_000, "shapes": 20_000, "pairs": 30_000}
# An earlier run showed these on held-out backgrounds, so they do not count as unseen.
_RIDING = {"astronaut", *MOUNTS}


@dataclass(frozen=True)
class Case:
    """A prompt and what its picture has to show."""

    prompt: str
    names: tuple[str, ...]
    backdrop: str
    colour: str | None = None  # of a shape

    @property
    def unseen(self) -> bool:
        return any(is_held_out(n, self.backdrop) and n not in _RIDING for n in self.names)


@dataclass(frozen=True)
class Verdict:
    case: Case
    picture: Image.Image
    seen: tuple[str | None, ...]
    backdrop: str
    colour: str | None = None

    @property
    def right_things(self) -> bool:
        return (Counter(self.seen) == Counter(self.case.names)
                and self.colour == self.case.colour)

    @property
    def right(self) -> bool:
        return self.right_things and self.backdrop == self.case.backdrop

    def describe(self) -> str:
        seen = " + ".join(str(name or "nothing known") for name in self.seen)
        return f"{self.case.prompt}: {self.colour or ''} {seen} on {self.backdrop}"


def thing_cases(colours: int, rng: random.Random) -> list[Case]:
    return [
        Case(on_background(with_article(name), backdrop), (name,), backdrop)
        for name in THINGS for backdrop in rng.sample(list(COLOURS), colours)
    ]


def shape_cases(count: int, rng: random.Random) -> list[Case]:
    cases = []
    for i in range(count):
        kind, colour = SHAPES[i % len(SHAPES)], rng.choice(SHAPE_COLOURS)
        backdrop = rng.choice([c for c in COLOURS if c != colour])
        subject = with_article(f"{colour} {kind}")
        cases.append(Case(on_background(subject, backdrop), (kind,), backdrop, colour))
    return cases


def pair_cases(count: int, rng: random.Random) -> list[Case]:
    cases = []
    for _ in range(count):
        first, second = rng.sample(list(THINGS), 2)
        backdrop = rng.choice(list(COLOURS))
        subject = f"{with_article(first)} and {with_article(second)}"
        cases.append(Case(on_background(subject, backdrop), (first, second), backdrop))
    return cases


def judge_singles(judge: Judge, cases: list[Case], pictures: list[Image.Image]) -> list[Verdict]:
    names = judge([single_view(p) for p in pictures])
    return [
        Verdict(case, picture, (name,), background_colour(picture),
                subject_colour(picture) if case.colour else None)
        for case, picture, name in zip(cases, pictures, names)
    ]


def judge_pairs(judge: Judge, cases: list[Case], pictures: list[Image.Image]) -> list[Verdict]:
    halves = zip(judge([half_view(p, LEFT) for p in pictures]),
                 judge([half_view(p, RIGHT) for p in pictures]))
    return [
        Verdict(case, picture, seen, background_colour(picture))
        for case, picture, seen in zip(cases, pictures, halves)
    ]


def rate(verdicts: list[Verdict], passed: Callable[[Verdict], bool] = lambda v: v.right) -> dict:
    """The share that passed, with its Wilson 95 % interval."""
    n = len(verdicts)
    if n == 0:
        return {"of": 0}
    good, z = sum(map(passed, verdicts)), 1.96
    share = good / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return {"right": good, "of": n, "percent": round(100 * share, 1),
            "interval": [round(100 * (middle - reach), 1), round(100 * (middle + reach), 1)]}


def summary(verdicts: list[Verdict]) -> dict:
    return {
        **rate(verdicts),
        "unseen": rate([v for v in verdicts if v.case.unseen]),
        "background_only": rate(verdicts, lambda v: v.backdrop == v.case.backdrop),
    }


def worst_things(verdicts: list[Verdict]) -> dict[str, str]:
    """Things with at least one failure, most failures first, with what was seen instead."""
    failures: dict[str, Counter] = {}
    for v in verdicts:
        if not v.right:
            seen = v.seen[0] if v.backdrop == v.case.backdrop else f"{v.backdrop} background"
            failures.setdefault(v.case.names[0], Counter())[seen or "nothing known"] += 1
    ordered = sorted(failures.items(), key=lambda item: -item[1].total())
    return {name: ", ".join(f"{count} x {seen}" for seen, count in counts.most_common())
            for name, counts in ordered}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--judge", type=Path, default=Path("judge.pt"), help="kept here")
    parser.add_argument("--colours", type=int, default=len(COLOURS), help="for each thing")
    parser.add_argument("--shapes", type=int, default=36)
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--steps", type=int, default=Settings.steps)
    parser.add_argument("--guidance", type=float, default=Settings.guidance)
    parser.add_argument("--sheet", type=Path, help="draw all failures here")
    parser.add_argument("--device", choices=list(PLANS), default="cpu")
    parser.add_argument("--processes", type=int, default=2, help="that render for the judge")
    args = parser.parse_args()

    judge = load_judge(args.judge, torch.device(args.device), args.processes)
    settings = Settings(steps=args.steps, guidance=args.guidance)
    generate = Generator(args.model, settings, args.device)
    cases = {
        "things": thing_cases(args.colours, random.Random(_SEEDS["things"])),
        "shapes": shape_cases(args.shapes, random.Random(_SEEDS["shapes"])),
        "pairs": pair_cases(args.pairs, random.Random(_SEEDS["pairs"])),
    }
    cases = {kind: some for kind, some in cases.items() if some}
    verdicts = {}
    for kind, some in cases.items():
        print(f"{len(some)} {kind}", file=sys.stderr, flush=True)
        pictures = generate([case.prompt for case in some], _SEEDS[kind])
        judging = judge_pairs if kind == "pairs" else judge_singles
        verdicts[kind] = judging(judge, some, pictures)

    report = {kind: summary(some) for kind, some in verdicts.items()}
    report["failing_things"] = worst_things(verdicts.get("things", []))
    failed = [v for some in verdicts.values() for v in some if not v.right]
    report["failures"] = [v.describe() for v in failed]
    report["judge_accuracy"] = round(judge.accuracy, 4)
    report["settings"] = vars(settings)
    print(json.dumps(report, indent=1, ensure_ascii=False))
    if args.sheet and failed:
        draw_sheet([v.picture for v in failed], [v.describe() for v in failed]).save(args.sheet)


if __name__ == "__main__":
    main()
