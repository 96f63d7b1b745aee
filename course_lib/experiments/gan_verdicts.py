"""The verdicts on the articles' claims about stability, by the rules that gan_cures set beforehand.

Each function takes the stored values of `gan_cures`, and returns a line of numbers and a word.
"""

from collections.abc import Callable
from statistics import mean

from course_lib.experiments.gan_cures import FAMILIES, LATER, PLAN, TARGET, share_reaching

RATES = [str(rate) for rate in PLAN.rates]


def verdicts(values: dict) -> dict[str, dict[str, str]]:
    """Return for each claim, by number, what was measured and the verdict."""
    return {
        claim: dict(zip(("measured", "verdict"), judge(values), strict=True))
        for claim, judge in CLAIMS.items()
    }


def best_rate(part: dict) -> str:
    """Return the learning rate whose runs end nearest to the truth, on average."""
    return min(RATES, key=lambda rate: mean(part[rate]["latest"]["distance"]))


def unstable(values: dict) -> tuple[str, str]:
    """Claim 21: GANs are notoriously unstable."""
    plain, (vae, diffusion) = share_reaching(values["plain"]), others(values)
    cures = [cure for cure in values if cure not in (*FAMILIES, *LATER)]
    cured = {cure: share_reaching(values[cure]) for cure in cures}
    best = max(cured, key=cured.get)
    said = f"{plain:.0%} of plain GANs reach the target, VAE {vae:.0%}, diffusion {diffusion:.0%}"
    said += f"; best cure {best} {cured[best]:.0%}"
    if plain >= min(vae, diffusion):
        return said, "refuted"
    if plain > min(vae, diffusion) - 0.2:
        return said, "depends"
    return said, "depends" if cured[best] >= max(vae, diffusion) - 0.1 else "confirmed"


def collapses(values: dict) -> tuple[str, str]:
    """Claim 22: GANs often collapse."""
    modes = [m for rate in RATES for m in values["plain"][rate]["latest"]["modes"]]
    rarest = [r for rate in RATES for r in values["plain"][rate]["latest"]["rarest"]]
    missing, uneven = mean(m < 8 for m in modes), mean(r < 1 / 16 for r in rarest)
    said = f"{missing:.0%} of plain runs miss a mode, in {uneven:.0%} one has under half its share"
    if missing >= 1 / 3:
        return said, "confirmed"
    return said, "depends" if uneven >= 1 / 3 else "refuted"


def touchy(values: dict) -> tuple[str, str]:
    """Claim 23: GANs may fail to converge, and their settings are a pain."""
    from scipy.stats import spearmanr

    plain = values["plain"]
    shares = [mean(reaches(plain[rate]["latest"])) for rate in RATES]
    losses = [loss for rate in RATES for loss in plain[rate]["forger_loss"]]
    distances = [d for rate in RATES for d in plain[rate]["latest"]["distance"]]
    rank = float(spearmanr(losses, distances).statistic)
    said = "target by rate " + ", ".join(f"{share:.0%}" for share in shares)
    said += f"; loss and distance rank together at {rank:.2f}"
    true = (max(shares) - min(shares) >= 0.3) + (abs(rank) < 0.3)
    return said, ("refuted", "depends", "confirmed")[true]


def steadier(family: str) -> Callable[[dict], tuple[str, str]]:
    """Claims 48 and 88: this family is more stable than a GAN."""

    def judge(values: dict) -> tuple[str, str]:
        ours, plain = share_reaching(values[family]), share_reaching(values["plain"])
        said = f"{family} {ours:.0%}, plain GAN {plain:.0%} of the runs"
        if ours >= plain + 0.2:
            return said, "confirmed"
        return said, "depends" if ours > plain else "refuted"

    return judge


def bridges(values: dict) -> tuple[str, str]:
    """Claim 50: a VAE has fewer troubles with mode collapse."""
    vae, plain = (values[who][best_rate(values[who])]["latest"] for who in ("VAE", "plain"))
    whole, between = sum(m == 8 for m in vae["modes"]), mean(vae["between"])
    said = f"all modes in {whole} of 10 seeds; {between:.0%} of points lie between the modes"
    said += f", of the GAN's {mean(plain['between']):.0%}"
    if whole < 9:
        return said, "refuted"
    return said, "depends" if between > mean(plain["between"]) else "confirmed"


def diverse(values: dict) -> tuple[str, str]:
    """Claim 87: diffusion is diverse, and keeps its modes."""
    part = values["diffusion"][best_rate(values["diffusion"])]["latest"]
    whole = sum(m == 8 for m in part["modes"])
    even = sum(r >= 1 / 16 for r in part["rarest"])
    said = f"all modes in {whole} of 10 seeds, the rarest with half its share in {even}"
    return said, "confirmed" if min(whole, even) >= 9 else "refuted"


def others(values: dict) -> tuple[float, float]:
    """Return the shares of the VAE's and of diffusion's runs that reach the target."""
    return share_reaching(values["VAE"]), share_reaching(values["diffusion"])


def reaches(counted: dict) -> list[bool]:
    """Say of each seed whether it reaches the target."""
    return [distance <= TARGET for distance in counted["distance"]]


CLAIMS = {
    "21": unstable,
    "22": collapses,
    "23": touchy,
    "48": steadier("VAE"),
    "50": bridges,
    "87": diverse,
    "88": steadier("diffusion"),
}
