"""Each check accepts right answers in any style, and no plausible wrong one."""

import inspect
import math

import pytest
import scipy.stats
import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli, Binomial, MultivariateNormal, Normal, kl_divergence

from course_lib import checks


def images(a):
    return a.reshape(-1, 1, 1, 1)


def bits(logit, value):
    return -Bernoulli(logits=logit).log_prob(torch.full_like(logit, value)).mean()


def loop_jump(x, eps, a):
    each = zip(x, eps, a, strict=True)
    return torch.stack([math.sqrt(s) * p + math.sqrt(1 - s) * e for p, e, s in each])


RIGHT = {
    "kl": [
        lambda mu, logvar: 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1),
        lambda mu, logvar: kl_divergence(Normal(mu, logvar.exp() ** 0.5), Normal(0, 1)).sum(-1),
        lambda mu, logvar: [(m @ m + v.exp().sum() - len(v) - v.sum()).item() / 2
                            for m, v in zip(mu, logvar, strict=True)],
    ],
    "place": [
        lambda mu, logvar, eps: mu + (0.5 * logvar).exp() * eps,
        lambda mu, logvar, eps: torch.addcmul(mu, torch.exp(logvar).sqrt(), eps),
    ],
    "detective_loss": [
        lambda real, fake: F.softplus(-real).mean() + F.softplus(fake).mean(),
        lambda real, fake: (bits(real, 1.0) + bits(fake, 0.0)).item(),
    ],
    "forger_loss": [
        lambda fake: F.softplus(-fake).mean(),
        lambda fake: F.binary_cross_entropy_with_logits(fake, torch.ones_like(fake)),
    ],
    "jump": [
        lambda x, eps, a: images(a) ** 0.5 * x + (1 - images(a)) ** 0.5 * eps,
        loop_jump,
    ],
    "clean_guess": [
        lambda x_t, eps, a: (x_t - (1 - images(a)).sqrt() * eps) / images(a).sqrt(),
        lambda x_t, eps, a: x_t * images(a) ** -0.5 - (1 / images(a) - 1).sqrt() * eps,
    ],
    "precision": [
        lambda distance, radius: (distance <= radius).any(dim=1).float().mean(),
        lambda distance, radius: ((distance - radius).min(dim=1).values < 0).double().mean(),
        lambda distance, radius: sum(any(d <= r for d, r in zip(row, radius, strict=True))
                                     for row in distance.tolist()) / len(distance),
    ],
    "support": [
        lambda distance, limit: len(distance) ** 2 / (2 * (distance <= limit).triu(1).sum()),
        lambda distance, limit: len(distance) ** 2 / ((distance <= limit).sum() - len(distance)),
        lambda distance, limit: len(distance) ** 2 / 2 / sum(
            distance[i, j].item() <= limit for i in range(len(distance)) for j in range(i)),
    ],
    "luck": [
        lambda right, n: sum(math.comb(n, k) for k in range(right, n + 1)) / 2**n,
        lambda right, n: scipy.stats.binom.sf(right - 1, n, 0.5),
        lambda right, n: Binomial(n, torch.tensor(0.5)).log_prob(
            torch.arange(right, n + 1.0)).exp().sum(),
    ],
    "waiting": [
        lambda z: -torch.log(1 - torch.special.ndtr(z)),
        lambda z: -torch.log1p(-(1 + torch.erf(z / 2**0.5)) / 2),
        lambda z: [-math.log(math.erfc(number / math.sqrt(2)) / 2) for number in z.tolist()],
    ],
    "kde": [
        lambda x, train, h: torch.exp(-torch.cdist(x, train) ** 2 / (2 * h**2)).mean(dim=1)
        / (2 * math.pi * h**2),
        lambda x, train, h: torch.stack([
            MultivariateNormal(point, h**2 * torch.eye(2)).log_prob(x).exp() for point in train
        ]).mean(dim=0),
    ],
    "copies": [
        lambda ours, control: (ours < control.quantile(0.01)).float().mean(),
        lambda ours, control: sum(ours < torch.quantile(control, 0.01)).item() / len(ours),
    ],
    "reverse_kl": [
        lambda counts: sum(c / sum(counts) * math.log(c / sum(counts) * len(counts))
                           for c in counts.tolist() if c),
        lambda counts: math.log(8) - scipy.stats.entropy(counts.numpy()),
        lambda counts: math.log(8)
        + torch.special.xlogy(counts / counts.sum(), counts / counts.sum()).sum(),
    ],
    "slope_penalty": [
        lambda slopes: ((slopes**2).sum(dim=(1, 2, 3)).sqrt() - 1).square().mean(),
        lambda slopes: sum((s.norm().item() - 1) ** 2 for s in slopes) / len(slopes),
    ],
}  # fmt: skip

WRONG = {
    "kl": [
        lambda mu, logvar: 0.5 * (mu**2 + logvar.exp() - 1 - logvar).mean(dim=1),
        lambda mu, logvar: 0.5 * (mu**2 + logvar.exp() - 1 + logvar).sum(dim=1),
        lambda mu, logvar: (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1),
        lambda mu, logvar: -0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1),
        lambda mu, logvar: 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(),
    ],
    "place": [
        lambda mu, logvar, eps: mu + logvar.exp() * eps,
        lambda mu, logvar, eps: mu + logvar * eps,
        lambda mu, logvar, eps: mu + (0.5 * logvar).exp(),
        lambda mu, logvar, eps: mu + (0.5 * logvar).exp() * torch.randn_like(eps),
    ],
    "detective_loss": [
        lambda real, fake: F.softplus(real).mean() + F.softplus(-fake).mean(),
        lambda real, fake: F.softplus(-real).mean() - F.softplus(fake).mean(),
        lambda real, fake: (F.softplus(-real).mean() + F.softplus(fake).mean()) / 2,
        lambda real, fake: F.softplus(-real).sum() + F.softplus(fake).sum(),
        lambda real, fake: torch.cat([F.softplus(-real), F.softplus(fake)]).mean() * 2,
    ],
    "forger_loss": [
        lambda fake: -F.softplus(fake).mean(),
        lambda fake: F.softplus(fake).mean(),
        lambda fake: -F.softplus(-fake).mean(),
        lambda fake: -torch.sigmoid(fake).mean(),
    ],
    "jump": [
        lambda x, eps, a: images(a).sqrt() * x + (1 - images(a)) * eps,
        lambda x, eps, a: images(a) * x + (1 - images(a)) * eps,
        lambda x, eps, a: (1 - images(a)).sqrt() * x + images(a).sqrt() * eps,
        lambda x, eps, a: images(a).sqrt() * x + eps,
    ],
    "clean_guess": [
        lambda x_t, eps, a: x_t - (1 - images(a)).sqrt() * eps,
        lambda x_t, eps, a: (x_t - (1 - images(a)) * eps) / images(a).sqrt(),
        lambda x_t, eps, a: (x_t - (1 - images(a)).sqrt() * eps) / images(a),
        lambda x_t, eps, a: (x_t + (1 - images(a)).sqrt() * eps) / images(a).sqrt(),
    ],
    "precision": [
        lambda distance, radius: (distance <= radius).any(dim=0).float().mean(),
        lambda distance, radius: (distance <= radius).float().mean(),
        lambda distance, radius: (distance <= radius).any(dim=1).sum(),
        lambda distance, radius: (distance <= radius[:, None]).any(dim=1).float().mean(),
        lambda distance, radius: (distance > radius).any(dim=1).float().mean(),
        lambda distance, radius: (distance <= radius).all(dim=1).float().mean(),
    ],
    "support": [
        lambda distance, limit: len(distance) ** 2 / (2 * (distance <= limit).sum()),
        lambda distance, limit: len(distance) ** 2 / (2 * (distance <= limit).triu().sum()),
        lambda distance, limit: len(distance) ** 2 / (2 * ((distance <= limit).sum() - 7)),
        lambda distance, limit: len(distance) ** 2 / (distance <= limit).triu(1).sum(),
        lambda distance, limit: (distance <= limit).triu(1).sum(),
        lambda distance, limit: len(distance) ** 2 / (2 * (distance > limit).triu(1).sum()),
    ],
    "luck": [
        lambda right, n: scipy.stats.binom.sf(right, n, 0.5),
        lambda right, n: scipy.stats.binom.pmf(right, n, 0.5),
        lambda right, n: scipy.stats.binom.cdf(right, n, 0.5),
        lambda right, n: scipy.stats.binomtest(right, n).pvalue,
        lambda right, n: right / n,
        lambda right, n: 0.5**right,
    ],
    "waiting": [
        lambda z: -torch.special.ndtr(z).log(),
        lambda z: torch.log(1 - torch.special.ndtr(z)),
        lambda z: torch.special.ndtr(z),
        lambda z: torch.exp(z),
        lambda z: -torch.log(1 - torch.sigmoid(z)),
        lambda z: -torch.log(torch.rand_like(z)),
    ],
    "kde": [
        lambda x, train, h: torch.exp(-torch.cdist(x, train) ** 2 / (2 * h**2)).sum(dim=1)
        / (2 * math.pi * h**2),
        lambda x, train, h: torch.exp(-torch.cdist(x, train) ** 2 / (2 * h**2)).mean(dim=1),
        lambda x, train, h: torch.exp(-torch.cdist(x, train) ** 2 / (2 * h**2)).mean(dim=1)
        / (math.sqrt(2 * math.pi) * h),
        lambda x, train, h: torch.exp(-torch.cdist(x, train) / (2 * h**2)).mean(dim=1)
        / (2 * math.pi * h**2),
        lambda x, train, h: torch.exp(-torch.cdist(x, train) ** 2 / (2 * h)).mean(dim=1)
        / (2 * math.pi * h),
    ],
    "copies": [
        lambda ours, control: (ours < control.quantile(0.01)).sum(),
        lambda ours, control: (ours > control.quantile(0.01)).float().mean(),
        lambda ours, control: (ours < control.min()).float().mean(),
        lambda ours, control: (ours < control.median()).float().mean(),
    ],
    "reverse_kl": [
        lambda counts: (math.log(8) - scipy.stats.entropy(counts.numpy())) / math.log(2),
        lambda counts: scipy.stats.entropy(counts.numpy()),
        lambda counts: scipy.stats.entropy(counts.numpy()) - math.log(8),
        lambda counts: math.log(6) - scipy.stats.entropy(counts.numpy()),
        lambda counts: (counts / counts.sum() * (counts / counts.sum() * 8).log()).sum(),
        lambda counts: ((1 / 8) * ((1 / 8) / (counts / counts.sum())).log()).sum(),
    ],
    "slope_penalty": [
        lambda slopes: (slopes.norm(dim=1) - 1).square().mean(),
        lambda slopes: (slopes.flatten(1).square().sum(dim=1) - 1).square().mean(),
        lambda slopes: slopes.flatten(1).square().sum(dim=1).mean(),
        lambda slopes: (slopes.flatten(1).norm(dim=1).mean() - 1).square(),
        lambda slopes: (slopes.flatten(1).norm(dim=1) - 1).square().sum(),
        lambda slopes: (slopes.flatten(1).norm(dim=1) - 1).abs().mean(),
        lambda slopes: (slopes.flatten(1).norm(dim=1) - 1).clamp(min=0).square().mean(),
    ],
}  # fmt: skip

NAMES = [n for n, f in inspect.getmembers(checks, inspect.isfunction)
         if f.__module__.startswith(checks.__name__) and not n.startswith("_")]  # fmt: skip
EVERY_CHECK = pytest.mark.parametrize("name", NAMES)


def cases(answers):
    return [pytest.param(name, f, id=f"{name}-{i}")
            for name in answers for i, f in enumerate(answers[name])]  # fmt: skip


@pytest.fixture
def said(capsys, monkeypatch):
    """Run a check without COURSE_STRICT, where nothing may raise, and return what it printed."""
    monkeypatch.delenv("COURSE_STRICT", raising=False)

    def run(name, answer):
        torch.manual_seed(0)
        getattr(checks, name)(answer)
        return capsys.readouterr().out

    return run


def stub(*_):
    raise NotImplementedError


def test_every_check_has_right_and_wrong_answers_here():
    assert set(NAMES) == set(RIGHT) == set(WRONG)
    assert all(len(RIGHT[name]) >= 2 and len(WRONG[name]) >= 2 for name in NAMES)


@pytest.mark.parametrize(("name", "answer"), cases(RIGHT))
def test_a_right_answer_passes_however_it_is_written(said, name, answer):
    assert said(name, answer).startswith("✓ ")


@pytest.mark.parametrize(("name", "answer"), cases(WRONG))
def test_a_plausible_wrong_answer_gets_a_hint(said, name, answer):
    out = said(name, answer)
    assert out.startswith("✗ ") and out.count("\n") == 1 and "error" not in out


@EVERY_CHECK
def test_an_untouched_stub_is_left_in_peace(said, name):
    assert said(name, stub) == "○ Not tried yet. The cells below do not need it.\n"


@EVERY_CHECK
def test_a_crash_is_reported_as_a_crash_with_its_traceback(said, name):
    out = said(name, lambda *_: 1 / 0)
    assert out.startswith("✗ Your function stopped with an error:\nTraceback")
    assert "test_checks.py" in out and "ZeroDivisionError: division by zero" in out


@EVERY_CHECK
def test_a_crash_inside_pytorch_still_shows_the_learners_own_line(said, name):
    out = said(name, lambda *_: F.mse_loss(torch.ones(2), "three"))
    assert out.index("test_checks.py") < out.index("functional.py") and "in judge" not in out
    assert "takes 0 positional arguments" in said(name, lambda: 0)


@EVERY_CHECK
@pytest.mark.parametrize("answer", [None, "0.5", [[1.0], [1.0, 2.0]]], ids=str)
def test_an_answer_that_is_no_number_is_named(said, name, answer):
    out = said(name, lambda *_: answer)
    assert out == f"✗ Return a tensor or a number, not {type(answer).__name__}.\n"


@EVERY_CHECK
def test_a_wrong_shape_is_named(said, name):
    assert "got (2, 3, 4)" in said(name, lambda *_: torch.zeros(2, 3, 4))


@EVERY_CHECK
def test_not_a_number_is_wrong(said, name):
    truth = RIGHT[name][0]
    assert said(name, lambda *x: torch.as_tensor(truth(*x)) * float("nan")).startswith("✗ ")


@EVERY_CHECK
@pytest.mark.parametrize("answer", [stub, lambda *_: None, lambda *_: 1 / 0])
def test_under_course_strict_whatever_is_not_right_raises(name, answer, monkeypatch):
    monkeypatch.setenv("COURSE_STRICT", "1")
    with pytest.raises(AssertionError, match="^[○✗]"):
        getattr(checks, name)(answer)


@pytest.mark.parametrize(("name", "answer"), cases(RIGHT))
def test_under_course_strict_a_right_answer_passes(name, answer, monkeypatch):
    monkeypatch.setenv("COURSE_STRICT", "1")
    getattr(checks, name)(answer)
