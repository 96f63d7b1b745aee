"""Each check accepts right answers in any style, and no plausible wrong one."""

import inspect
import math

import pytest
import scipy.special
import scipy.stats
import torch
import torch.nn.functional as F
from torch.distributions import (
    Bernoulli,
    Binomial,
    Categorical,
    Multinomial,
    MultivariateNormal,
    Normal,
    kl_divergence,
)

from course_lib import checks


def images(a):
    return a.reshape(-1, 1, 1, 1)


def bits(logit, value):
    return -Bernoulli(logits=logit).log_prob(torch.full_like(logit, value)).mean()


def loop_jump(x, eps, a):
    each = zip(x, eps, a, strict=True)
    return torch.stack([math.sqrt(s) * p + math.sqrt(1 - s) * e for p, e, s in each])


def turned(a, b, share):
    """Go along the arc by a rotation in the plane of a and b, found by a QR decomposition."""
    plane, r = torch.linalg.qr(torch.stack([a, b], dim=1).double())
    at = torch.atan2(r[1], r[0])
    turn = (at[1] - at[0] + math.pi) % (2 * math.pi) - math.pi
    place = at[0] + share * turn
    return a.norm() * plane @ torch.stack([place.cos(), place.sin()])


def slerp(a, b, share):
    angle = torch.acos(a @ b / (a.norm() * b.norm()))
    return (torch.sin((1 - share) * angle) * a + torch.sin(share * angle) * b) / torch.sin(angle)


RIGHT = {
    "arc": [slerp, turned],
    "direction": [
        lambda codes, label, old, new: codes[label == new].mean(0) - codes[label == old].mean(0),
        lambda codes, label, old, new: (F.one_hot(label).T.float() @ codes
                                        / F.one_hot(label).sum(0)[:, None])[[new, old]].T
        @ torch.tensor([1.0, -1.0]),
    ],
    "gap": [
        lambda table: (table.topk(2, dim=0).values * torch.tensor([[1.0], [-1.0]])).sum(0).mean(),
        lambda table: sum(sorted(c)[-1] - sorted(c)[-2] for c in table.T.tolist()) / table.shape[1],
    ],
    "turned_kl": [
        lambda mu, cov: 0.5 * (cov.trace() + mu @ mu - len(mu) - torch.logdet(cov)),
        lambda mu, cov: (torch.linalg.eigvalsh(cov).sub(1).sum() + mu.pow(2).sum()
                         - torch.linalg.eigvalsh(cov).log().sum()).item() / 2,
    ],
    "agreement": [
        lambda large, small: (F.avg_pool2d(large, 4) - small).square().mean() ** 0.5,
        lambda large, small: (large.unflatten(3, (2, 4)).unflatten(2, (2, 4)).mean((3, 5)) - small)
        .pow(2).mean().sqrt(),
        lambda large, small: F.mse_loss(F.adaptive_avg_pool2d(large, 2), small).item() ** 0.5,
    ],
    "put_back": [
        lambda x_t, x, known, a, eps: torch.where(known, a**0.5 * x + (1 - a) ** 0.5 * eps, x_t),
        lambda x_t, x, known, a, eps: x_t * ~known
        + known * (math.sqrt(a) * x + math.sqrt(1 - a) * eps),
    ],
    "jump_back": [
        lambda x_t, a, b, eps: math.sqrt(b / a) * x_t + math.sqrt(1 - b / a) * eps,
        lambda x_t, a, b, eps: (b**0.5 * x_t + (a - b) ** 0.5 * eps) / a**0.5,
    ],
    "auroc": [
        lambda good, bad: (bad[:, None] > good).float().mean(),
        lambda good, bad: scipy.stats.mannwhitneyu(bad, good).statistic / len(bad) / len(good),
        lambda good, bad: sum(b > g for b in bad for g in good) / (len(bad) * len(good)),
    ],
    "bits": [
        lambda count: scipy.stats.entropy(count, base=2),
        lambda count: Categorical(probs=count).entropy() / math.log(2),
        lambda count: sum(-c / sum(count) * math.log2(c / sum(count)) for c in count.tolist()),
    ],
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
    "pull": [
        lambda logit: torch.sigmoid(logit) - 1,
        lambda logit: -1 / (1 + logit.exp()),
        lambda logit: torch.autograd.grad(
            F.softplus(-logit.requires_grad_()).sum(), logit)[0],
    ],
    "effective_rank": [
        lambda values: torch.distributions.Categorical(values).entropy().exp(),
        lambda values: math.exp(scipy.stats.entropy(values.numpy())),
        lambda values: math.prod((v / sum(values.tolist())) ** -(v / sum(values.tolist()))
                                 for v in values.tolist()),
    ],
    "jump": [
        lambda x, eps, a: images(a) ** 0.5 * x + (1 - images(a)) ** 0.5 * eps,
        loop_jump,
    ],
    "clean_guess": [
        lambda x_t, eps, a: (x_t - (1 - images(a)).sqrt() * eps) / images(a).sqrt(),
        lambda x_t, eps, a: x_t * images(a) ** -0.5 - (1 / images(a) - 1).sqrt() * eps,
    ],
    "clean_from_velocity": [
        lambda x_t, v, a: images(a).sqrt() * x_t - (1 - images(a)).sqrt() * v,
        lambda x_t, v, a: torch.stack([math.sqrt(s) * p - math.sqrt(1 - s) * q
                                       for p, q, s in zip(x_t, v, a.tolist(), strict=True)]),
    ],
    "score": [
        lambda eps, a: -eps / (1 - a)[:, None].sqrt(),
        lambda eps, a: [[-e / math.sqrt(1 - s) for e in row]
                        for row, s in zip(eps.tolist(), a.tolist(), strict=True)],
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
    "liking": [
        lambda score, liked: -(liked * score.log_softmax(dim=1)).sum(dim=1),
        lambda score, liked: [-Multinomial(int(n), logits=s).log_prob(x) + math.lgamma(n + 1)
                              for s, x, n in zip(score, liked, liked.sum(1), strict=True)],
    ],
    "recall": [
        lambda scores, given, hidden, k: hidden.gather(
            1, scores.masked_fill(given > 0, -1e9).topk(k).indices
        ).sum(1) / hidden.sum(1).clamp(max=k),
        lambda scores, given, hidden, k: [
            sum(h[i] for i in sorted(range(len(s)), key=lambda i: (g[i], -s[i]))[:k])
            / min(k, sum(h)) for s, g, h in
            zip(scores.tolist(), given.tolist(), hidden.tolist(), strict=True)],
    ],
    "steer": [
        lambda z, way, missing: z + torch.outer(missing, way) / (way @ way),
        lambda z, way, missing: z + missing[:, None] * torch.linalg.pinv(way[None])[:, 0],
    ],
    "tally": [
        lambda made, known: [sum(m is not None for m in made) / len(made),
                             len({m for m in made if m}) / len([m for m in made if m]),
                             len({m for m in made if m} - known) / len({m for m in made if m})],
        lambda made, known: torch.tensor([0.75, 2 / 3, 0.75]),
    ],
    "pixel_sigma": [
        lambda x_hat, x: (x_hat - x).square().mean().sqrt(),
        lambda x_hat, x: F.mse_loss(x_hat, x) ** 0.5,
        lambda x_hat, x: (x_hat - x).norm().item() / math.sqrt(x.numel()),
    ],
    "bound": [
        lambda log_weight: torch.logsumexp(log_weight, dim=0) - math.log(len(log_weight)),
        lambda log_weight: (log_weight - log_weight.max(0).values).exp().mean(0).log()
        + log_weight.max(0).values,
        lambda log_weight: [scipy.special.logsumexp(w) - math.log(len(w))
                            for w in log_weight.T.double().numpy()],
    ],
    "roll": [
        lambda z, slope, size: torch.stack([
            (p - size * s / s.norm()) * p.norm() / (p - size * s / s.norm()).norm()
            for p, s in zip(z, slope, strict=True)]),
        lambda z, slope, size: F.normalize(z - size * F.normalize(slope)) * z.norm(dim=1)[:, None],
    ],
    "draws": [
        lambda share, sure: math.log(1 - sure) / (1 - share).log(),
        lambda share, sure: (1 - sure + torch.zeros(4)).log2() / (1 - share).log2(),
        lambda share, sure: torch.tensor([math.log(1 - sure, 1 - p) for p in share.tolist()]),
    ],
    "reverse_kl": [
        lambda counts: sum(c / sum(counts) * math.log(c / sum(counts) * len(counts))
                           for c in counts.tolist() if c),
        lambda counts: math.log(8) - scipy.stats.entropy(counts.numpy()),
        lambda counts: math.log(8)
        + torch.special.xlogy(counts / counts.sum(), counts / counts.sum()).sum(),
    ],
    "both": [
        lambda free, first, second, w: free + w * (first - free) + w * (second - free),
        lambda free, first, second, w: torch.lerp(free, first, w) + torch.lerp(free, second, w)
        - free,
    ],
    "hold": [
        lambda x_t, eps_hat, x, mask, a: torch.where(
            mask > 0, eps_hat, (x_t - a**0.5 * x) / (1 - a) ** 0.5
        ),
        lambda x_t, eps_hat, x, mask, a: (
            x_t - a**0.5 * (mask * ((x_t - (1 - a) ** 0.5 * eps_hat) / a**0.5) + (1 - mask) * x)
        ) / math.sqrt(1 - a),
    ],
    "slope_penalty": [
        lambda slopes: ((slopes**2).sum(dim=(1, 2, 3)).sqrt() - 1).square().mean(),
        lambda slopes: sum((s.norm().item() - 1) ** 2 for s in slopes) / len(slopes),
    ],
    "remembered": [
        lambda x_t, train, a: (-(x_t - a**0.5 * train).pow(2).sum(1) / 2 / (1 - a)).softmax(0)
        @ train,
        lambda x_t, train, a: sum(
            MultivariateNormal(a**0.5 * x, (1 - a) * torch.eye(4)).log_prob(x_t).exp() * x
            for x in train) / sum(
            MultivariateNormal(a**0.5 * x, (1 - a) * torch.eye(4)).log_prob(x_t).exp()
            for x in train),
    ],
    "break_even": [
        lambda once_a, each_a, once_b, each_b: (once_a - once_b) / (each_b - each_a),
        lambda once_a, each_a, once_b, each_b: torch.linalg.solve(
            torch.tensor([[each_a, -1.0], [each_b, -1.0]]), torch.tensor([-once_a, -once_b]))[0],
    ],
    "pareto": [
        lambda m: ~((m[None] >= m[:, None]).all(2) & (m[None] > m[:, None]).any(2)).any(1),
        lambda m: torch.tensor([
            all((row > other).any() or (row == other).all() for other in m) for row in m]),
    ],
    "duels": [
        lambda a, b: ((a[:, None] < b).double() + 0.5 * (a[:, None] == b)).mean(),
        lambda a, b: scipy.stats.mannwhitneyu(b, a).statistic / (len(a) * len(b)),
    ],
    "stride": [
        lambda x_t, eps, a, b: b**0.5 * (x_t - (1 - a) ** 0.5 * eps) / a**0.5
        + (1 - b) ** 0.5 * eps,
        lambda x_t, eps, a, b: (b / a) ** 0.5 * x_t
        + ((1 - b) ** 0.5 - (b / a - b) ** 0.5) * eps,
    ],
    "guided": [
        lambda free, told, w: free + w * (told - free),
        lambda free, told, w: torch.lerp(free, told, w),
    ],
}  # fmt: skip

RIGHT |= {
    "fulfilled": [
        lambda read, wished: ((read == wished) | (wished < 0)).all(dim=1),
        lambda read, wished: ((read != wished) & (wished >= 0)).sum(dim=1) == 0,
        lambda read, wished: torch.where(wished < 0, read, wished).eq(read).float().amin(dim=1),
    ],
    "jerk": [
        lambda path: (s := path.diff(dim=0).flatten(1).norm(dim=1)).max() / s.mean(),
        lambda path: len(path[1:]) * (s := path.diff(dim=0).flatten(1).norm(dim=1)).max() / s.sum(),
    ],
    "gram": [
        lambda f: f.flatten(1) @ f.flatten(1).T / f[0].numel(),
        lambda f: torch.einsum("kij,lij->kl", f, f) / (f.shape[1] * f.shape[2]),
    ],
    "cycle": [
        lambda a, b, there, back: (
            (back(there(a)) - a).abs().mean() + (there(back(b)) - b).abs().mean()
        ),
        lambda a, b, there, back: F.l1_loss(back(there(a)), a) + F.l1_loss(there(back(b)), b),
    ],
}
WRONG = {
    "fulfilled": [
        lambda read, wished: (read == wished).all(dim=1),
        lambda read, wished: ((read == wished) & (wished >= 0)).any(dim=1),
        lambda read, wished: ((read == wished) | (wished < 0)).float().mean(dim=1),
        lambda read, wished: ((read == wished) | (wished < 0)).all(dim=1).float().mean(),
        lambda read, wished: ((read == wished) | (wished == 0)).all(dim=1),
    ],
    "jerk": [
        lambda path: (s := path.diff(dim=0).flatten(1).norm(dim=1)).mean() / s.max(),
        lambda path: (s := path.diff(dim=0).flatten(1).square().sum(dim=1)).max() / s.mean(),
        lambda path: path.diff(dim=0).flatten(1).norm(dim=1).max(),
        lambda path: (s := path.diff(dim=0).flatten(1).norm(dim=1)).max() / s.sum(),
        lambda path: (
            path.diff(dim=0).flatten(1).norm(dim=1).max() / (path[-1] - path[0]).norm()
        ),
        lambda path: (s := path.diff(dim=0).flatten(1).norm(dim=1)).max() / s.median(),
    ],
    "arc": [
        lambda a, b, share: (1 - share) * a + share * b,
        lambda a, b, share: slerp(b, a, share),
        lambda a, b, share: slerp(a / a.norm(), b / b.norm(), share),
        lambda a, b, share: slerp(a, b, 0.5),
        lambda a, b, share: a.norm() * ((1 - share) * a + share * b)
        / ((1 - share) * a + share * b).norm(),
    ],
    "gram": [
        lambda f: f.flatten(1) @ f.flatten(1).T,
        lambda f: f.flatten(1) @ f.flatten(1).T / f.numel(),
        lambda f: torch.cov(f.flatten(1), correction=0),
        lambda f: torch.corrcoef(f.flatten(1)),
    ],
    "cycle": [
        lambda a, b, there, back: F.l1_loss(back(there(a)), a),
        lambda a, b, there, back: F.mse_loss(back(there(a)), a) + F.mse_loss(there(back(b)), b),
        lambda a, b, there, back: F.l1_loss(there(back(a)), a) + F.l1_loss(back(there(b)), b),
        lambda a, b, there, back: F.l1_loss(there(a), a) + F.l1_loss(back(b), b),
        lambda a, b, there, back: F.l1_loss(there(a), b) + F.l1_loss(back(b), a),
    ],
    "direction": [
        lambda codes, label, old, new: codes[label == old].mean(0) - codes[label == new].mean(0),
        lambda codes, label, old, new: codes[label == new].mean(0),
        lambda codes, label, old, new: codes[label == new].mean(0) - codes.mean(0),
        lambda codes, label, old, new: codes[label == new].sum(0) - codes[label == old].sum(0),
        lambda codes, label, old, new: codes[label == new].mean(0) - codes[label != new].mean(0),
    ],
    "gap": [
        lambda table: table.max(dim=0).values.mean(),
        lambda table: (table.topk(2, dim=1).values * torch.tensor([1.0, -1.0])).sum(1).mean(),
        lambda table: (table.max(dim=0).values - table.min(dim=0).values).mean(),
        lambda table: (table.max(dim=0).values - table.mean(dim=0)).mean(),
    ],
    "both": [
        lambda free, first, second, w: free + w * (first - free),
        lambda free, first, second, w: free + w * ((first + second) / 2 - free),
        lambda free, first, second, w: free + w * (first + second),
        lambda free, first, second, w: (first + second) / 2,
        lambda free, first, second, w: (free + w * (first - free)) + (free + w * (second - free)),
    ],
    "hold": [
        lambda x_t, eps_hat, x, mask, a: mask * eps_hat,
        lambda x_t, eps_hat, x, mask, a: mask * eps_hat + (1 - mask) * x,
        lambda x_t, eps_hat, x, mask, a: mask * eps_hat + (1 - mask) * (x_t - x),
        lambda x_t, eps_hat, x, mask, a: torch.where(
            mask > 0, (x_t - a**0.5 * x) / (1 - a) ** 0.5, eps_hat
        ),
        lambda x_t, eps_hat, x, mask, a: torch.where(
            mask > 0, eps_hat, (x_t - a * x) / (1 - a)
        ),
        lambda x_t, eps_hat, x, mask, a: torch.where(
            mask > 0, (x_t - (1 - a) ** 0.5 * eps_hat) / a**0.5, x
        ),
    ],
    "turned_kl": [
        lambda mu, cov: 0.5 * (cov.diagonal() + mu**2 - 1 - cov.diagonal().log()).sum(),
        lambda mu, cov: 0.5 * (cov.trace() + mu @ mu - len(mu)),
        lambda mu, cov: 0.5 * (cov.trace() + mu @ mu - len(mu) - torch.det(cov)),
        lambda mu, cov: 0.5 * (cov.sum() + mu @ mu - len(mu) - torch.logdet(cov)),
    ],
    "agreement": [
        lambda large, small: (F.avg_pool2d(large, 4) - small).square().mean(),
        lambda large, small: (F.avg_pool2d(large, 4) - small).abs().mean(),
        lambda large, small: (F.avg_pool2d(large, 4) - small).mean(),
        lambda large, small: (large[..., ::4, ::4] - small).square().mean().sqrt(),
        lambda large, small: F.avg_pool2d(large, 4).square().mean().sqrt(),
    ],
    "put_back": [
        lambda x_t, x, known, a, eps: torch.where(known, x, x_t),
        lambda x_t, x, known, a, eps: torch.where(known, x_t, a**0.5 * x + (1 - a) ** 0.5 * eps),
        lambda x_t, x, known, a, eps: torch.where(known, a * x + (1 - a) * eps, x_t),
        lambda x_t, x, known, a, eps: torch.where(known, a**0.5 * x + (1 - a) * eps, x_t),
    ],
    "jump_back": [
        lambda x_t, a, b, eps: b**0.5 * x_t + (1 - b) ** 0.5 * eps,
        lambda x_t, a, b, eps: (b / a) ** 0.5 * x_t + (1 - b) ** 0.5 * eps,
        lambda x_t, a, b, eps: b / a * x_t + (1 - b / a) * eps,
        lambda x_t, a, b, eps: (a / b) ** 0.5 * x_t + (1 - b / a) ** 0.5 * eps,
        lambda x_t, a, b, eps: (b / a) ** 0.5 * x_t + (1 - b / a) * eps,
    ],
    "auroc": [
        lambda good, bad: (bad[:, None] < good).float().mean(),
        lambda good, bad: (bad[:, None] > good).float().sum(),
        lambda good, bad: (bad > good[: len(bad)]).float().mean(),
        lambda good, bad: bad.mean() - good.mean(),
        lambda good, bad: (bad > good.max()).float().mean(),
        lambda good, bad: (bad > good.median()).float().mean(),
    ],
    "bits": [
        lambda count: Categorical(probs=count).entropy(),
        lambda count: (count / count.sum() * (count / count.sum()).log2()).sum(),
        lambda count: -(count / count.sum()).log2().mean(),
        lambda count: -(count / count.sum()).log2().sum(),
        lambda count: -(count * (count / count.sum()).log2()).sum(),
        lambda count: math.log2(len(count)),
        lambda count: (count / count.sum()).log2().abs().max(),
    ],
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
    "pull": [
        lambda logit: 1 - torch.sigmoid(logit),
        lambda logit: -torch.sigmoid(logit),
        lambda logit: (torch.sigmoid(logit) - 1) / len(logit),
        lambda logit: -torch.sigmoid(logit) * (1 - torch.sigmoid(logit)),
    ],
    "effective_rank": [
        lambda values: torch.distributions.Categorical(values).entropy(),
        lambda values: scipy.stats.entropy(values.numpy(), base=2),
        lambda values: math.exp(scipy.stats.entropy(values.numpy(), base=2)),
        lambda values: torch.distributions.Categorical(values).entropy().neg().exp(),
        lambda values: 1 / (values / values.sum()).square().sum(),
        lambda values: (values > 0).sum(),
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
    "clean_from_velocity": [
        lambda x_t, v, a: images(a).sqrt() * x_t + (1 - images(a)).sqrt() * v,
        lambda x_t, v, a: (1 - images(a)).sqrt() * x_t + images(a).sqrt() * v,
        lambda x_t, v, a: images(a) * x_t - (1 - images(a)) * v,
        lambda x_t, v, a: (x_t - (1 - images(a)).sqrt() * v) / images(a).sqrt(),
    ],
    "score": [
        lambda eps, a: eps / (1 - a)[:, None].sqrt(),
        lambda eps, a: -eps / (1 - a)[:, None],
        lambda eps, a: -eps * (1 - a)[:, None].sqrt(),
        lambda eps, a: -eps / a[:, None].sqrt(),
        lambda eps, a: -eps,
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
    "liking": [
        lambda score, liked: (liked * score.log_softmax(dim=1)).sum(dim=1),
        lambda score, liked: -(liked * score.log_softmax(dim=1)).mean(dim=1),
        lambda score, liked: -(liked * score.log_softmax(dim=1)).sum(dim=1) / liked.sum(dim=1),
        lambda score, liked: F.binary_cross_entropy_with_logits(
            score, liked, reduction="none").sum(dim=1),
        lambda score, liked: -(liked * score).sum(dim=1),
    ],
    "recall": [
        lambda scores, given, hidden, k: hidden.gather(1, scores.topk(k).indices).sum(1)
        / hidden.sum(1).clamp(max=k),
        lambda scores, given, hidden, k: hidden.gather(
            1, scores.masked_fill(given > 0, -1e9).topk(k).indices).sum(1) / hidden.sum(1),
        lambda scores, given, hidden, k: hidden.gather(
            1, scores.masked_fill(given > 0, -1e9).topk(k).indices).sum(1),
        lambda scores, given, hidden, k: hidden.gather(
            1, scores.masked_fill(given > 0, -1e9).topk(k).indices).mean(),
    ],
    "steer": [
        lambda z, way, missing: z + torch.outer(missing, way),
        lambda z, way, missing: z + torch.outer(missing, way) / way.norm(),
        lambda z, way, missing: z - torch.outer(missing, way) / (way @ way),
        lambda z, way, missing: torch.outer(missing, way) / (way @ way),
        lambda z, way, missing: z + missing[:, None] / way,
    ],
    "tally": [
        lambda made, known: [6 / 8, 5 / 6, 4 / 5],
        lambda made, known: [6 / 8, 4 / 8, 3 / 8],
        lambda made, known: [6 / 8, 4 / 6, sum(m not in known for m in made if m) / 6],
        lambda made, known: [6, 4, 3],
    ],
    "pixel_sigma": [
        lambda x_hat, x: (x_hat - x).square().mean(),
        lambda x_hat, x: (x_hat - x).square().flatten(1).sum(1).mean().sqrt(),
        lambda x_hat, x: (x_hat - x).abs().mean(),
        lambda x_hat, x: ((x_hat - x).square().mean() / 2).sqrt(),
        lambda x_hat, x: (x_hat - x).mean(),
        lambda x_hat, x: x.std(),
    ],
    "bound": [
        lambda log_weight: log_weight.mean(dim=0),
        lambda log_weight: log_weight.logsumexp(dim=0),
        lambda log_weight: log_weight.exp().mean(dim=0).log(),
        lambda log_weight: log_weight.max(dim=0).values,
        lambda log_weight: log_weight.logsumexp(dim=0) / len(log_weight),
    ],
    "roll": [
        lambda z, slope, size: F.normalize(z + size * F.normalize(slope)) * z.norm(dim=1)[:, None],
        lambda z, slope, size: z - size * F.normalize(slope),
        lambda z, slope, size: F.normalize(z - size * slope) * z.norm(dim=1)[:, None],
        lambda z, slope, size: F.normalize(z - size * slope / slope.norm())
        * z.norm(dim=1)[:, None],
        lambda z, slope, size: F.normalize(z - size * F.normalize(slope)),
        lambda z, slope, size: F.normalize(z - size * F.normalize(slope)) * z.norm(),
        lambda z, slope, size: z,
    ],
    "draws": [
        lambda share, sure: 1 / share,
        lambda share, sure: sure / share,
        lambda share, sure: math.log(sure) / (1 - share).log(),
        lambda share, sure: math.log(1 - sure) / share.log(),
        lambda share, sure: (1 - sure) / share,
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
    "remembered": [
        lambda x_t, train, a: (-(x_t - train).pow(2).sum(1) / 2 / (1 - a)).softmax(0) @ train,
        lambda x_t, train, a: (-(x_t - a**0.5 * train).pow(2).sum(1) / 2).softmax(0) @ train,
        lambda x_t, train, a: (-(x_t - a**0.5 * train).pow(2).sum(1) / (1 - a)).softmax(0) @ train,
        lambda x_t, train, a: (-(x_t - a**0.5 * train).norm(dim=1) / 2 / (1 - a)).softmax(0)
        @ train,
        lambda x_t, train, a: train[(x_t - a**0.5 * train).norm(dim=1).argmin()],
        lambda x_t, train, a: train.mean(0),
    ],
    "break_even": [
        lambda once_a, each_a, once_b, each_b: (once_a - once_b) / (each_a - each_b),
        lambda once_a, each_a, once_b, each_b: (each_b - each_a) / (once_a - once_b),
        lambda once_a, each_a, once_b, each_b: once_a / each_b,
        lambda once_a, each_a, once_b, each_b: (once_a + once_b) / (each_a + each_b),
    ],
    "pareto": [
        lambda m: ~(m[None] > m[:, None]).all(2).any(1),
        lambda m: ~(m[None] >= m[:, None]).all(2).any(1),
        lambda m: ~((m[None] <= m[:, None]).all(2) & (m[None] < m[:, None]).any(2)).any(1),
        lambda m: (m == m.amax(0)).any(1),
        lambda m: m.sum(1) == m.sum(1).max(),
    ],
    "duels": [
        lambda a, b: (a[:, None] < b).double().mean(),
        lambda a, b: (a[:, None] <= b).double().mean(),
        lambda a, b: ((a[:, None] > b).double() + 0.5 * (a[:, None] == b)).mean(),
        lambda a, b: a.mean() < b.mean(),
    ],
    "stride": [
        lambda x_t, eps, a, b: (x_t - (1 - a) ** 0.5 * eps) / a**0.5,
        lambda x_t, eps, a, b: b * (x_t - (1 - a) ** 0.5 * eps) / a**0.5 + (1 - b) * eps,
        lambda x_t, eps, a, b: x_t,
        lambda x_t, eps, a, b: b**0.5 * (x_t - (1 - a) ** 0.5 * eps) + (1 - b) ** 0.5 * eps,
        lambda x_t, eps, a, b: b**0.5 * (x_t - (1 - a) ** 0.5 * eps) / a**0.5,
        lambda x_t, eps, a, b: b**0.5 * x_t + (1 - b) ** 0.5 * eps,
    ],
    "guided": [
        lambda free, told, w: (1 + w) * told - w * free,
        lambda free, told, w: told + w * (free - told),
        lambda free, told, w: told + w * (told - free),
        lambda free, told, w: w * (told - free),
        lambda free, told, w: w * told,
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
