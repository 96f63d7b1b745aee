"""Can a GAN be told what to draw, can one be steered that was not, and what can be read in z?

Rules, written before the first run. Every asked or found digit is named by a support vector
machine, which no slope of ours has seen.

"Hard to control without conditions, and these add complexity" (claim 25) is confirmed if steering
finds the class wished for in less than half of the cases after 31 passes, and telling adds more
than a tenth to the parameters of both players, in every seed; refuted if neither in any seed; else
it depends. Beside it, and deciding nothing, stand the search (draw as many as there are passes,
take the best) and the rare wish: a class that leans to the right as only one in ten of it does.

"The noise lacks structure" (claim 26): the ledger wanted the catalog's factors, but no GAN of the
catalog is left untold; so it is digits, and what can be named or measured there. Linear readers
learn class, ink, slant and width from 3,000 latents of the GAN and their pictures, and are marked
on 1,000 others; likewise from the VAE's codes of real digits, train and test, and, the fairer twin,
from latents drawn for the VAE. Confirmed if the GAN's is worse than the VAE's codes for each of the
four in every seed; refuted if for none in any seed; else it depends.

(One run of seed 0 came before the stored ones, with longer trainings and steps of 0.6; then the
step was chosen among 0.3, 0.6, 1, 1.5, 2 and 3 by what the guide itself finds missing, on latents
of seed 100, "told and steered" was added, and trainings were shortened. The rules stayed.)
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.data import load
from course_lib.experiments.augment import DECAYS, classifier
from course_lib.experiments.digit_painters import namer, told_gan, trained
from course_lib.metrics import linear_r2
from course_lib.metrics.handwriting import handwriting
from course_lib.models import Discriminator, Generator, count_parameters
from course_lib.recipes.told_gan import told_gan_players
from course_lib.runtime import generator, pick_device
from course_lib.sampling import decode, evaluating
from course_lib.sampling.steering import steer

STOPS = (0, 1, 3, 10)  # steps of steering
PASSES = tuple(3 * k + 1 for k in STOPS)  # a pass back costs as much as two forth
N_EACH = 40  # wishes for each class
LEANING = 0.9  # the rare wish: leaning more to the right than this share of its class
STEEP = 10.0  # nats for a pixel that the slant lacks
N_READ, N_MARK = 3000, 1000


def measure(seed: int) -> dict:
    """Train a GAN, a told GAN and a VAE, and wish for digits: 20 processor seconds.

    Returns:
        {told: {asked, added}, class, rare: {steered, searched, told and steered: {passes: share}},
        GAN, VAE codes, VAE drawn: {class (share), ink, slant, width (R^2)}}.
    """
    G = trained("gan", seed).players["ema"].model
    label = torch.arange(1000) % 10
    asked = (namer()(told_pictures(seed, label)) == label).double().mean().item()
    found = {"told": {"asked": asked, "added": added_share()}}
    for wish in ("class", "rare"):
        found[wish] = wishes(G, told_gan(seed), wish, seed)
    return found | readings(seed)


def told_pictures(seed: int, label: Tensor) -> Tensor:
    """Return what the told GAN draws for labels (N,), on the CPU."""
    G, device = told_gan(seed), pick_device()
    z = torch.randn(len(label), G.latent_dim, generator=generator(seed))
    with evaluating(G):
        return G(z.to(device), label[:, None].to(device)).cpu()


def added_share() -> float:
    """Return the parameters that telling adds, as a share of those of both untold players."""
    told = told_gan_players(0)
    return (
        count_parameters(told["G"], told["D"]) / count_parameters(Generator(), Discriminator()) - 1
    )


def guide(seed: int) -> nn.Module:
    """Return the network whose slopes steer: a small one, trained on the training digits."""
    return classifier(load("digits").train, "none", DECAYS[1], None, seed).eval()


def leaning() -> Tensor:
    """Return for each class the slant that one in ten of its training digits exceeds, (10,)."""
    train = load("digits").train
    slant = handwriting(train.x).slant
    return torch.stack([slant[train.label == kind].quantile(LEANING) for kind in range(10)])


def lacking(wish: str, label: Tensor, net: nn.Module):
    """Return a function: pictures (B, 1, S, S) -> what each lacks to the wish (B,), in nats."""
    steep = leaning()[label]

    def miss(x: Tensor) -> Tensor:
        short = F.cross_entropy(net(x), label, reduction="none")
        return short + STEEP * F.relu(steep - handwriting(x).slant) * (wish == "rare")

    return miss


def granted(wish: str, x: Tensor, label: Tensor) -> Tensor:
    """Say which pictures are as wished, by the judge's name and the slant measured: (B,) bool."""
    right = namer()(x) == label.cpu()
    return right & (handwriting(x).slant >= leaning()[label]).cpu() if wish == "rare" else right


def wishes(G: nn.Module, told: nn.Module, wish: str, seed: int) -> dict:
    """Grant one kind of wish: by a generator steered or searched, and by a told one steered."""
    device, net, draw = pick_device(), guide(seed), generator(seed)
    label = torch.arange(10, device=device).repeat(N_EACH)
    z = torch.randn(max(PASSES), len(label), G.latent_dim, generator=draw).to(device)
    miss, found = lacking(wish, label, net), {"steered": {}, "searched": {}}
    ways = steer(G.eval(), z[0], miss, STOPS)
    with torch.no_grad():
        lacks = torch.stack([miss(G(row)) for row in z])  # (passes, B)
    for passes, way in zip(PASSES, ways, strict=True):
        picked = z[lacks[:passes].argmin(dim=0), torch.arange(len(label), device=device)]
        for name, latents in (("steered", way.z), ("searched", picked)):
            share = granted(wish, decode(G, latents), label).double().mean().item()
            found[name][str(passes)] = share
    found["told and steered"] = {}
    ways = steer(lambda z: told(z, label[:, None]), z[0], miss, STOPS)
    for passes, way in zip(PASSES, ways, strict=True):
        with evaluating(told):
            x = told(way.z, label[:, None])
        found["told and steered"][str(passes)] = granted(wish, x, label).double().mean().item()
    return found


def readings(seed: int) -> dict:
    """Return how well linear readers tell from latents or codes what the pictures show."""
    gan, vae, data = trained("gan", seed), trained("vae", seed), load("digits")
    found = {}
    for name, recipe in (("GAN", gan), ("VAE drawn", vae)):
        z = torch.randn(N_READ + N_MARK, 16, generator=generator(seed))
        x = recipe.draw(z.to(pick_device())).cpu()
        found[name] = read(z, x, namer()(x), N_READ)
    x = torch.cat([data.train.x, data.test.x]).cpu()
    label = torch.cat([data.train.label, data.test.label]).cpu()
    with evaluating(vae.players["vae"]) as model:
        codes = model.encode(x.to(pick_device()))[0].cpu()
    return found | {"VAE codes": read(codes, x, label, len(data.train.x))}


def read(z: Tensor, x: Tensor, label: Tensor, n: int) -> dict:
    """Fit linear readers to the first n latents or codes (N, Z), and mark them on the others."""
    from sklearn.linear_model import LogisticRegression  # scikit-learn loads only when used

    reader = LogisticRegression(max_iter=1000).fit(z[:n].numpy(), label[:n].numpy())
    found = {"class": float(reader.score(z[n:].numpy(), label[n:].numpy()))}
    truth = torch.stack(handwriting(x), dim=1)
    told = linear_r2(z[:n], truth[:n], z[n:], truth[n:]).tolist()
    return found | dict(zip(("ink", "slant", "width"), told, strict=True))
