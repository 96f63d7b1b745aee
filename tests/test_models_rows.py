"""The VAEs for rows, lists and strings have the shapes they promise, and learn."""

import pytest
import torch
from torch.distributions import Categorical, Multinomial

from course_lib.data import Batch, stream
from course_lib.data.applicants import BLOCKS, applicants
from course_lib.losses import kl_to_standard_normal
from course_lib.models.rows import RowVAE, TasteVAE, TokenVAE
from course_lib.recipes.beyond_pictures import table_step, taste_step, token_step
from course_lib.runtime import noise
from course_lib.training import fit

LISTS = (noise(5, 30, seed=0, device="cpu") > 0.5).float()
TOKENS = torch.tensor([[1, 2, 3, 0], [3, 3, 0, 0], [2, 1, 1, 1]])


def opened(vae):
    return {"vae": vae, "opt": torch.optim.SGD(vae.parameters(), lr=0.0)}


def passed(vae, x):
    """Pass x through with the noise that the step will draw after the same seed."""
    torch.manual_seed(7)
    eps = torch.randn(len(x), vae.latent_dim)
    out = vae(x, eps)
    torch.manual_seed(7)
    return out


@pytest.mark.parametrize(
    ("vae", "x", "shape"),
    [
        (RowVAE(12), torch.zeros(5, 12), (5, 12)),
        (TasteVAE(30), LISTS, (5, 30)),
        (TokenVAE(4, 6), TOKENS, (3, 4, 6)),
    ],
    ids=["rows", "lists", "strings"],
)
def test_what_comes_out_has_the_promised_shape(vae, x, shape):
    x_hat, mu, logvar = vae(x, torch.zeros(len(x), vae.latent_dim))
    assert x_hat.shape == shape and mu.shape == logvar.shape == (len(x), vae.latent_dim)


def test_a_taste_does_not_depend_on_how_often_it_is_said_and_is_sure_when_asked():
    vae = TasteVAE(30).eval()
    torch.testing.assert_close(vae.encode(LISTS), vae.encode(3 * LISTS))
    vae.train()
    assert not torch.equal(vae.encode(LISTS)[0], vae.encode(LISTS)[0])  # it looks at half


def test_the_taste_step_pays_the_multinomial_of_torch_distributions():
    vae = TasteVAE(30).eval()
    score, mu, logvar = passed(vae, LISTS)
    found = taste_step(Batch(LISTS, None), **opened(vae), kl_weight=0.3)
    each = []
    for row, liked in zip(score, LISTS, strict=True):
        n = liked.sum()
        orders = torch.lgamma(n + 1)  # in how many orders, which no network can change
        each.append(orders - Multinomial(int(n), logits=row).log_prob(liked))
    each = torch.stack(each)
    torch.testing.assert_close(found["error"], each.mean())
    kl = kl_to_standard_normal(mu, logvar)
    torch.testing.assert_close(found["loss"], (each + 0.3 * kl).mean())


def test_the_token_step_pays_for_every_place_and_for_the_guess():
    vae = TokenVAE(4, 6).eval()
    batch = Batch(TOKENS, torch.tensor([0.5, -1.0, 2.0]))
    torch.manual_seed(7)
    mu, logvar = vae.encode(TOKENS)
    z = mu + (0.5 * logvar).exp() * torch.randn(3, vae.latent_dim)
    score = vae.decode(z)
    torch.manual_seed(7)
    found = token_step(batch, **opened(vae), kl_weight=0.7, guess_sigma=0.5)
    error = -Categorical(logits=score).log_prob(TOKENS).sum(dim=1)
    guess = (vae.guess(z)[:, 0] - batch.label) ** 2 / 0.5
    torch.testing.assert_close(found["error"], error.mean())
    torch.testing.assert_close(found["guess"], guess.mean())
    kl = kl_to_standard_normal(mu, logvar)
    torch.testing.assert_close(found["loss"], (error + guess + 0.7 * kl).mean())


def test_the_table_step_pays_for_numbers_and_for_words():
    vae, x = RowVAE(12), applicants(6, 0).rows()
    x_hat, mu, logvar = passed(vae, x)
    found = table_step(Batch(x, None), **opened(vae), sigma=0.2)
    error = ((x_hat[:, :3] - x[:, :3]) ** 2).sum(dim=1) / 0.08
    for score, word in zip(x_hat.split(BLOCKS, 1)[1:], x.split(BLOCKS, 1)[1:], strict=True):
        error = error - Categorical(logits=score).log_prob(word.argmax(dim=1))
    torch.testing.assert_close(found["error"], error.mean())
    kl = kl_to_standard_normal(mu, logvar)
    torch.testing.assert_close(found["loss"], (error + kl).mean())


def test_two_words_are_learned_and_their_length_is_guessed():
    torch.manual_seed(0)
    x = torch.tensor([[1, 2, 3, 0], [3, 3, 0, 0]]).repeat(32, 1)
    vae = TokenVAE(4, 6, width=32, latent_dim=4)
    opt = torch.optim.Adam(vae.parameters(), lr=1e-2)
    batches = stream(Batch(x, (x > 0).sum(dim=1).float()), 16, 0)
    fit(token_step, batches, 200, vae=vae, opt=opt)
    mu, _ = vae.encode(x[:2])
    assert torch.equal(vae.decode(mu).argmax(dim=2), x[:2])
    torch.testing.assert_close(vae.guess(mu)[:, 0], torch.tensor([3.0, 2.0]), atol=0.3, rtol=0)


GUARDS = [
    (test_the_taste_step_pays_the_multinomial_of_torch_distributions, (),
     "recipes.beyond_pictures", [
        ("-(batch.x * score.log_softmax(dim=1))", "-(batch.x * score)"),
        ("-(batch.x * score.log_softmax(dim=1)).sum", "-(batch.x * score.log_softmax(dim=1)).mean"),
    ]),
    (test_the_token_step_pays_for_every_place_and_for_the_guess, (), "recipes.beyond_pictures", [
        ("decode(z).log_softmax(dim=2)", "decode(z).log_softmax(dim=1)"),
        ("/ (2 * guess_sigma**2)", "/ guess_sigma**2"),
        ("(0.5 * logvar).exp() * torch", "logvar.exp() * torch"),
        ("error + guess + kl_weight * kl", "error + kl_weight * kl"),
    ]),
    (test_the_table_step_pays_for_numbers_and_for_words, (), "recipes.beyond_pictures", [
        ("/ (2 * sigma**2)", "/ sigma**2"),
        ("error - (word * score", "error + (word * score"),
    ]),
    (test_a_taste_does_not_depend_on_how_often_it_is_said_and_is_sure_when_asked, (),
     "models.rows", [
        ("F.normalize(x)", "x"),
        ("0.5, self.training", "0.5, True"),
    ]),
]  # fmt: skip
