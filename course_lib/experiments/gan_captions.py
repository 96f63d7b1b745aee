"""Words to pictures by the GANs that come with the course: obedience, and what no word asks for.

One training of each, so seeds say what other noise and other captions do, and not what another
training would have given. The rules, written before the first run on the finished weights (a trial
run on weights of 6,900 of 30,000 rounds came before). "Always" means in each of five seeds.

Claim 30, text becomes pictures: confirmed if the recogniser always reads all five words of the
    caption in more than half of 500 pictures; refuted if always in less than a tenth; else it
    depends. Photographs ordered by name are marked by the classifier, and decide nothing: it names
    only 93 of 100 real ones rightly.
Never seen: the rule of `captions`, and its captions: held-out ones, and twins that were seen. The
    GAN composes as well as it repeats if the 95 % t-interval of the difference lies above -0.05;
    worse, if below; else the difference was not pinned down.
Modes are lost where no word looks: if pictures of one caption, or their backdrops, always vary
    less than 0.8 times as much as real ones of one caption; not lost if both always vary more.
Less noise buys obedience and costs variety: if at half the noise always as many pictures or more
    are right than at the full noise, and their variety is always smaller.
The walk between two draws of noise is smooth if its largest step is always less than twice its
    mean step, and if halfway always at most 0.05 fewer pictures are right than at its ends.

The first run found hardly any variety within a caption. So louder noise and walks were measured on
the forger of photographs too, afterwards: see `gan_clothes`. No rule was changed.
"""

import torch
from torch import Tensor

from course_lib.data.catalog_factors import Factors, select
from course_lib.data.catalog_paint import render
from course_lib.data.catalog_words import KINDS
from course_lib.experiments import edits
from course_lib.experiments.captions import N_EACH, marks, pairs, some, told, with_other_chances
from course_lib.experiments.gan_clothes import N_STOPS, SCALES, along, clothes, drawn, within
from course_lib.judges import read_pictures
from course_lib.models.pictures import PictureGenerator
from course_lib.painters import load_painter, paint
from course_lib.runtime import noise, pick_device
from course_lib.sampling import arc, evaluating, jerk

N, N_WORDS, N_CAPTIONS, N_WALKS = 500, 250, 60, 100


def measure(seed: int) -> dict:
    """Order pictures of both GANs in words: five processor seconds.

    Returns:
        {catalog: `marks` of test captions, held_out, seen, difference: see `captions.pairs`,
        word: see `one_word`, noise: {scale: see `one_caption`}, real: the same of real pictures,
        walk: see `walks`, fashion: see `clothes`}.
    """
    painter = load_painter("gan", "catalog")
    factors = some("test", N, seed)
    found = {"catalog": marks(paint(painter, N, seed, told(factors)), factors)}
    found |= pairs(painter, seed, guidance=1.0)
    found["word"] = one_word(painter.model, seed)
    found["noise"], found["real"] = one_caption(painter.model, seed)
    return found | {"walk": walks(painter.model, seed), "fashion": clothes(seed)}


def between(G: PictureGenerator, z: Tensor, one: Tensor, other: Tensor, share: float) -> Tensor:
    """Return what noise (N, Z) becomes a share of the way between two wishes (N, 5), as numbers."""
    device = pick_device()
    with evaluating(G):
        first, second = (G.conditions(wanted.to(device)) for wanted in (one, other))
        return G.draw(z.to(device), torch.lerp(first, second, share)).float().clamp(-1, 1).cpu()


def one_word(G: PictureGenerator, seed: int) -> dict:
    """Keep the noise and change one word of the caption.

    Returns:
        {success, wished, rest, each: {word: success}} as of `edits`, and how far the backdrops
        move: backdrop: {word, noise, real}, if a word changes, or the noise, or chance in real
        pictures of one caption.
    """
    orders = edits.ordered("test", N_WORDS, seed)
    z, other = (noise(N_WORDS, G.latent_dim, seed=2 * seed + i, device="cpu") for i in (0, 1))
    words = told(orders.factors)
    before, after = drawn(G, z, words), drawn(G, z, told(orders.wanted))
    found = edits.marks(after, orders)
    far = {"word": after, "noise": drawn(G, other, words)}
    moved = {name: corners(x).sub(corners(before)).norm(dim=1) for name, x in far.items()}
    chances = render(with_other_chances(orders.factors, seed))
    moved["real"] = (corners(chances) - corners(orders.x)).norm(dim=1)
    found["backdrop"] = {name: way.mean().item() for name, way in moved.items()}
    return {name: found[name] for name in ("success", "wished", "rest", "each", "backdrop")}


def corners(x: Tensor) -> Tensor:
    """Return the mean colour of the upper corners of pictures (N, 3, S, S): (N, 3)."""
    return torch.cat([x[:, :, :4, :4], x[:, :, :4, -4:]], dim=3).mean(dim=(2, 3))


def one_caption(G: PictureGenerator, seed: int) -> tuple[dict, dict]:
    """Draw each of 60 captions four times, from more or less noise.

    Returns:
        {scale: found} and what is found in real pictures: `marks`, and variety and backdrops, how
        much pictures of one caption vary, and the colour behind them, as multiples of real ones.
    """
    factors = some("validation", N_CAPTIONS, seed)
    repeated = select(factors, torch.arange(N_CAPTIONS).repeat_interleave(N_EACH))
    real, others = (render(with_other_chances(repeated, 2 * seed + i)) for i in (0, 1))
    z = noise(N_CAPTIONS * N_EACH, G.latent_dim, seed=seed, device="cpu")

    def found(x: Tensor) -> dict[str, float]:
        vary = {"variety": lambda x: x.flatten(1), "backdrops": corners}
        ratios = {name: within(see(x)) / within(see(others)) for name, see in vary.items()}
        return marks(x, repeated) | ratios

    return {f"{s:g}": found(drawn(G, s * z, told(repeated))) for s in SCALES}, found(real)


def walks(G: PictureGenerator, seed: int) -> dict:
    """Walk from one noise to another, the caption fixed, and from one kind to the next.

    Returns:
        {noise, kind: {jerk, ends, middle}, fade: {middle}}: the largest step over the mean step,
        and shares: of the ends and of the middle read as captioned (noise, fade), or taken for
        valid (kind). "fade" mixes the pixels of both ends.
    """
    factors = some("test", N_WALKS, seed)
    start, end = (noise(N_WALKS, G.latent_dim, seed=2 * seed + i, device="cpu") for i in (0, 1))
    words, other = told(factors), told(next_kind(factors))
    path = along(lambda share: drawn(G, arc(start, end, share), words))
    change = along(lambda share: between(G, start, words, other, share))

    def right(x: Tensor) -> float:
        return marks(x, factors)["all_five"]

    def valid(x: Tensor) -> float:
        return read_pictures(x).valid.double().mean().item()

    found = {"fade": {"middle": right((path[0] + path[-1]) / 2)}}
    for name, way, share in (("noise", path, right), ("kind", change, valid)):
        ends, middle = (share(way[0]) + share(way[-1])) / 2, share(way[N_STOPS // 2])
        found[name] = {"jerk": jerk(way).mean().item(), "ends": ends, "middle": middle}
    return found


def next_kind(factors: Factors) -> Factors:
    """Return the same products, each of the kind that follows in the list."""
    return factors._replace(kind=(factors.kind + 1) % len(KINDS))
