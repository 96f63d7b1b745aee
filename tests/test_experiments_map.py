"""What the experiments on a VAE's map count is counted right, where the truth is known."""

import torch

from course_lib.data import Batch
from course_lib.data.catalog import catalog_split
from course_lib.data.catalog_paint import render
from course_lib.data.catalog_words import VOCABULARY
from course_lib.experiments.attributes import Places, some, wishes
from course_lib.experiments.augment import few_of_each, shifted
from course_lib.experiments.halfway import different_pairs, walks
from course_lib.experiments.recolour import marks, other_colours
from course_lib.runtime import generator, noise
from course_lib.sampling import straight


def test_a_truly_recoloured_picture_gets_full_marks_and_the_old_one_none():
    x, factors, wanted = other_colours("test", seed=0)
    assert torch.equal(x[:5], catalog_split("test", 5).x)
    assert not (wanted == factors.colour).any() and wanted.max() == 7
    truth = render(factors._replace(colour=wanted))
    assert min(marks(truth, factors, wanted).values()) > 0.99
    kept = marks(x, factors, wanted)
    assert kept["success"] == kept["colour"] == 0 and kept["rest"] > 0.99


def test_wishes_are_always_something_else_and_reach_every_answer():
    factors = some("test", 300, seed=1)
    for question, names in enumerate(VOCABULARY):
        new = wishes(factors, question, seed=1)
        assert not (new == factors[question]).any()
        assert set(new.tolist()) == set(range(len(names)))


def test_a_step_of_no_length_changes_nothing_and_fulfils_no_wish():
    nowhere = [torch.zeros(len(names), 3 * 32 * 32) for names in VOCABULARY]
    found = Places("test", 40, 0, lambda x: x, lambda x: x).edited(nowhere, 1, strength=1.5)
    assert found["success"] == found["wished"] == 0 and found["strength"] == 1.5
    assert set(found["changed"].values()) == {0.0}


def test_pairs_differ_in_kind():
    label = torch.randint(10, (350,), generator=generator(0))
    first, second = different_pairs(label, seed=0)
    assert not (label[first] == label[second]).any() and len(set(second.tolist())) > 150


def test_fading_takes_even_steps_and_a_jump_does_not():
    start, end = (noise(350, 1, 8, 8, seed=s, device="cpu").tanh() for s in (0, 1))
    assert abs(walks(lambda x: x, start, end, straight)["longest"] - 1) < 1e-4

    def jump(a, b, share):
        return a if share < 0.5 else b

    assert abs(walks(lambda x: x, start, end, jump)["longest"] - 8) < 1e-4


def test_shifts_move_by_a_pixel_and_bring_in_black():
    x = noise(40, 1, 8, 8, seed=0, device="cpu").tanh()
    seen = set()
    for before, after in zip(x, shifted(x, generator(0)), strict=True):
        for v in (-1, 0, 1):
            for h in (-1, 0, 1):
                wide = torch.full((1, 10, 10), -1.0)
                wide[:, 1 + v : 9 + v, 1 + h : 9 + h] = before
                if torch.equal(wide[:, 1:9, 1:9], after):
                    seen.add((v, h))
    assert len(seen) == 9 and not len(shifted(x[:0], generator(0)))


def test_few_of_each_class_are_few_of_each():
    split = Batch(torch.arange(200.0)[:, None], torch.arange(200) % 10)
    few = few_of_each(split, 7, seed=0)
    assert few.label.bincount().tolist() == [7] * 10
    assert torch.equal(few.x[:, 0].long() % 10, few.label)
    assert not torch.equal(few.x, few_of_each(split, 7, seed=1).x)


GUARDS = [
    (test_shifts_move_by_a_pixel_and_bring_in_black, (), "experiments.augment", [
        ("value=-1.0", "value=0.0"),
        ("torch.randint(-1, 2,", "torch.randint(-1, 1,"),
    ]),
    (test_a_truly_recoloured_picture_gets_full_marks_and_the_old_one_none, (),
     "experiments.recolour", [
        ("torch.randint(1, len(COLOURS)", "torch.randint(0, len(COLOURS)"),
        ("colour & rest,", "rest,"),
    ]),
]  # fmt: skip
