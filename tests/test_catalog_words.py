"""A caption says exactly what the factors are, and reads back to them."""

import pytest
import torch

from course_lib.data.catalog_factors import sample_factors, select
from course_lib.data.catalog_words import VOCABULARY, Words, caption, parse, wish

EVERYTHING = torch.cartesian_prod(*(torch.arange(len(names)) for names in VOCABULARY))


def test_every_combination_reads_back_and_has_a_caption_of_its_own():
    captions = caption(Words(*EVERYTHING.T))
    assert len(captions) == len(set(captions)) == 12 * 8 * 5 * 2 * 3
    assert torch.equal(torch.tensor([parse(text) for text in captions]), EVERYTHING)


def test_captions_read_like_english():
    assert caption(parse("A  small RED striped mug , tilted  left")) == [
        "a small red striped mug, tilted left"
    ]
    assert caption(parse("large black dotted trousers, upright")) == [
        "large black dotted trousers, upright"
    ]
    assert caption(parse("large blue plain t-shirt, tilted right")) == [
        "a large blue plain T-shirt, tilted right"
    ]


def test_a_caption_describes_the_factors_picture_by_picture():
    factors = sample_factors(50, seed=0)
    captions = caption(factors)
    assert len(captions) == 50
    for i, text in enumerate(captions):
        assert parse(text) == tuple(int(factor[i]) for factor in factors[:5])
    assert caption(select(factors, slice(7, 9))) == captions[7:9]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a tiny red striped mug, upright", "'tiny' is not a size: choose one of small, large$"),
        ("a small beige striped mug, upright", "'beige' is not a colour: choose one of red, "),
        ("a small red tartan mug, upright", "'tartan' is not a pattern: choose one of plain, "),
        ("a small red striped cat, upright", "'cat' is not a kind: choose one of T-shirt, "),
        ("a small red striped mug, askew", "'askew' is not a tilt: choose one of tilted left, "),
        ("a small red striped mug", "the tilt is missing: choose one of tilted left, "),
        ("a small red striped", "the kind is missing"),
        ("a small red mug, upright", "'mug' is not a pattern"),
        ("", "the size is missing"),
        ("a", "the size is missing"),
        ("a small red striped mug cup, upright", "'cup' is one word too many"),
        ("a small red striped mug, upright, upright", "'upright, upright' is not a tilt"),
    ],
)
def test_a_word_that_is_not_understood_is_named(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        parse(text)


def test_a_wish_that_is_a_whole_caption_is_read_like_one():
    for text in caption(sample_factors(200, seed=1)):
        assert wish(text) == parse(text)
        assert wish(" ".join(reversed(text.replace("tilted ", "tilted_").split()))
                    .replace("_", " ")) == parse(text)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("", (-1, -1, -1, -1, -1)),
        ("a", (-1, -1, -1, -1, -1)),
        ("a Red mug", (7, 0, -1, -1, -1)),
        ("tilted right, a t-shirt", (0, -1, -1, -1, 2)),
        ("pink pink checked", (-1, 6, 3, -1, -1)),
    ],
)
def test_what_is_not_said_stays_open(text, answers):
    assert wish(text) == answers


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a red blue mug", "'red' and 'blue' cannot both be the colour: say one of them$"),
        ("a mug, tilted left, upright", "'tilted left' and 'upright' cannot both be the tilt"),
        ("a velvet mug", "'velvet' is not a word of the catalog: it knows T-shirt, trousers"),
        ("a mug, tilted", "'tilted' is not a word"),
        ("infrared", "'infrared' is not a word"),
    ],
)
def test_wishes_that_cannot_be_understood_are_refused(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        wish(text)


GUARDS = [
    (test_wishes_that_cannot_be_understood_are_refused,
     ("infrared", "'infrared' is not a word"), "data.catalog_words", [
        (r"(?<!\S){re.escape", "{re.escape"),
    ]),
    (test_what_is_not_said_stays_open, ("", (-1,) * 5), "data.catalog_words", [
        ("said.get(factor, -1)", "said.get(factor, 0)"),
    ]),
]  # fmt: skip
