"""What the notebooks of the three families ask for."""

from collections.abc import Callable

import torch
from torch.distributions import Exponential, Normal, kl_divergence

from course_lib.checks.judging import judge
from course_lib.runtime import noise


def kl(my_kl: Callable) -> None:
    """Check my_kl(mu, logvar): (B, Z), (B, Z) -> (B,), against torch.distributions."""
    mu, logvar = noise(4, 3, seed=0, device="cpu"), noise(4, 3, seed=1, device="cpu")
    truth = kl_divergence(Normal(mu, (0.5 * logvar).exp()), Normal(0.0, 1.0)).sum(dim=1)
    judge(
        lambda: my_kl(mu, logvar),
        truth,
        "Equal to the closed form of torch.distributions, in nats.",
        {
            "You averaged over the latents: the KL of independent numbers is a sum.": truth / 3,
            "The sign is turned round: a KL is never negative.": -truth,
            "The factor 1/2 is missing.": 2 * truth,
        },
    )


def place(my_place: Callable) -> None:
    """Check my_place(mu, logvar, eps): a draw from N(mu, exp(logvar)) made from eps."""
    mu, logvar, eps = (noise(4, 3, seed=s, device="cpu") for s in range(3))
    judge(
        lambda: my_place(mu, logvar, eps),
        mu + logvar.exp().sqrt() * eps,
        "A standard normal eps lands where N(mu, exp(logvar)) would put it.",
        {
            "exp(logvar) is the variance: its root scales eps.": mu + logvar.exp() * eps,
            "logvar is a logarithm: undo it before you scale eps.": mu + logvar * eps,
        },
    )


def detective_loss(my_loss: Callable) -> None:
    """Check my_loss(real_logit, fake_logit): the two cross-entropies of D, summed."""
    real, fake = noise(6, 1, seed=0, device="cpu") * 5, noise(4, 1, seed=1, device="cpu") * 5
    says_real = -torch.sigmoid(real).log().mean()
    says_fake = -(1 - torch.sigmoid(fake)).log().mean()
    swapped = -(1 - torch.sigmoid(real)).log().mean() - torch.sigmoid(fake).log().mean()
    judge(
        lambda: my_loss(real, fake),
        says_real + says_fake,
        "Low when real scores high and fake scores low; 2 log 2 when D cannot tell.",
        {
            "The targets are swapped: this detective would learn to praise fakes.": swapped,
            "The real half is missing.": says_fake,
            "The fake half is missing.": says_real,
            "The sign is turned round: a cross-entropy is never negative.": -(
                says_real + says_fake
            ),
        },
    )


def forger_loss(my_loss: Callable) -> None:
    """Check my_loss(fake_logit): the non-saturating loss, -log D(fake)."""
    fake = noise(6, 1, seed=1, device="cpu") * 5
    saturating = (1 - torch.sigmoid(fake)).log().mean()
    judge(
        lambda: my_loss(fake),
        -torch.sigmoid(fake).log().mean(),
        "Low when the detective is fooled, and steep when it is not.",
        {
            "This is the saturating form: it goes flat just when the forger is losing.": saturating,
            "This is the detective's goal: the forger wants fakes to be called real.": -saturating,
        },
    )


def jump(my_jump: Callable) -> None:
    """Check my_jump(x, eps, a): sqrt(a) x + sqrt(1 - a) eps, with a of shape (B,)."""
    x, eps = (noise(5, 1, 4, 4, seed=s, device="cpu") for s in range(2))
    a = torch.tensor([0.999, 0.9, 0.5, 0.1, 0.001])
    b = a[:, None, None, None]
    judge(
        lambda: my_jump(x, eps, a),
        b.sqrt() * x + (1 - b).sqrt() * eps,
        "Signal variance a, noise variance 1 - a: together always 1.",
        {
            "The noise needs the root of 1 - a: variances add up, standard deviations do not.":
                b.sqrt() * x + (1 - b) * eps,
            "These are variances: take the root of both before you mix.": b * x + (1 - b) * eps,
            "Signal and noise are swapped.": (1 - b).sqrt() * x + b.sqrt() * eps,
        },
    )  # fmt: skip


def clean_guess(my_guess: Callable) -> None:
    """Check my_guess(x_t, eps_hat, a): the clean image that x_t and eps_hat imply."""
    x, eps = (noise(5, 1, 4, 4, seed=s, device="cpu") for s in range(2))
    a = torch.tensor([0.999, 0.9, 0.5, 0.1, 0.01])
    b = a[:, None, None, None]
    x_t = b.sqrt() * x + (1 - b).sqrt() * eps
    judge(
        lambda: my_guess(x_t, eps, a),
        x,
        "The jump undone: with the true noise, the true image.",
        {
            "Divide by sqrt(a) as well: the signal was shrunk by it.": x_t - (1 - b).sqrt() * eps,
            "The noise was scaled by sqrt(1 - a), not 1 - a.": (x_t - (1 - b) * eps) / b.sqrt(),
        },
    )


def waiting(my_waiting: Callable) -> None:
    """Check my_waiting(z): (N,) standard normal to exponential of mean 1, growing with z."""
    z = noise(9, seed=0, device="cpu")
    u = Normal(0.0, 1.0).cdf(z)
    judge(
        lambda: my_waiting(z),
        Exponential(1.0).icdf(u),
        "The same share of waits is shorter as of draws is smaller.",
        {
            "The right shape, turned round: a large z should be a long wait.": -u.log(),
            "The logarithm of a share is below 0: a wait is not. Turn the sign.": (1 - u).log(),
            "Even between 0 and 1 already; now go backwards through 1 - exp(-wait).": u,
        },
    )


def kde(my_kde: Callable) -> None:
    """Check my_kde(x, train, h): the density at x (M, 2) of Gaussians h wide around train."""
    x, train, h = noise(5, 2, seed=0, device="cpu"), noise(4, 2, seed=1, device="cpu"), 0.5
    truth = Normal(train, h).log_prob(x[:, None]).sum(dim=2).exp().mean(dim=1)
    judge(
        lambda: my_kde(x, train, h),
        truth,
        "A mean of densities is a density: together it weighs 1.",
        {
            "You summed: each training point has a share of 1/N.": truth * len(train),
            "The height is missing: in the plane, divide by 2 pi h^2.": truth * 2 * torch.pi * h**2,
        },
    )


def copies(my_copies: Callable) -> None:
    """Check my_copies(ours, control): the share of distances below all but 1 % of control's."""
    control = torch.linspace(1, 2, 101, dtype=torch.float64)  # its 1 % quantile is 1.01
    ours = torch.tensor([0.0, 0.5, 1.005, 1.02, 1.5, 3.0, 3.0, 3.0], dtype=torch.float64)
    share = torch.tensor(3 / 8, dtype=torch.float64)
    judge(
        lambda: my_copies(ours, control),
        share,
        "The share of images suspiciously near to something seen in training.",
        {
            "You counted them: divide by how many images there are.": 8 * share,
            "This is the share that is not suspicious.": 1 - share,
            "Too strict: 1 % of the control may lie below the line.": share * 2 / 3,
        },
    )  # fmt: skip
