"""The parts of the experiments beyond pictures do what they say, by other means."""

import importlib.util

import pytest
import torch
from sklearn.decomposition import TruncatedSVD
from sklearn.metrics import roc_auc_score

from course_lib.data.applicants import BLOCKS, applicants, risk
from course_lib.data.tastes import listeners
from course_lib.experiments import tables
from course_lib.experiments.molecules import moved, shares
from course_lib.experiments.recommendation import factorised, popularity, recall, vae_scores
from course_lib.experiments.tables import apart, area, drawn
from course_lib.models.rows import RowVAE, TokenVAE
from course_lib.runtime import noise


@pytest.fixture(scope="module")
def people():
    return listeners("mixing", 0)


def test_svd_is_that_of_scikit_learn_and_better_than_popularity(people):
    given = people["test"].given
    model = TruncatedSVD(12, random_state=0).fit(people["train"].liked.numpy())
    expected = model.inverse_transform(model.transform(given.numpy()))
    way = factorised("TruncatedSVD", people["train"], 12)
    torch.testing.assert_close(way(given), torch.from_numpy(expected))
    assert recall(way, people["test"]) > recall(popularity(people["train"]), people["test"]) + 0.1


def test_a_vae_recommends_the_same_twice_and_learns_from_the_lists(people, monkeypatch):
    monkeypatch.setattr("course_lib.experiments.recommendation.N_STEPS", 60)
    way = vae_scores(people["train"], 0.2, seed=0)
    given = people["test"].given[:50]
    assert torch.equal(way(given), way(given))  # no dice when advice is asked for
    assert recall(way, people["test"]) > 0.1


def test_shuffled_columns_keep_each_column_and_nothing_between_them():
    people = applicants(4000, 0)
    shuffled = apart(people, 0)
    for column, other in zip(people, shuffled, strict=True):
        assert torch.equal(column.sort().values, other.sort().values)
    together = torch.corrcoef(torch.stack([shuffled.age, shuffled.income]))[0, 1]
    assert together.abs() < 0.06 < torch.corrcoef(torch.stack([people.age, people.income]))[0, 1]


def test_words_and_numbers_are_drawn_as_the_decoder_says():
    vae = RowVAE(sum(BLOCKS), width=4, latent_dim=2, depth=1)
    for weight in vae.decoder.parameters():
        weight.data.zero_()
    wanted = torch.tensor([0.5, 0.3, 0.2, 1e-9])
    vae.decoder[-1].bias.data[3:7] = wanted.log()
    made = drawn(vae, 0.1, 20_000, 0)
    shares = torch.bincount(made.job, minlength=4) / 20_000
    torch.testing.assert_close(shares, wanted, atol=0.012, rtol=0)
    assert made.age.std().item() == pytest.approx(1.4, abs=0.05)  # 0.1 of a spread of 14 years
    assert made.age.mean().item() == pytest.approx(39, abs=0.1)


def test_the_true_risk_orders_people_better_than_chance():
    people = applicants(4000, 1)
    score = risk(people.age, people.income, people.debt, people.job)
    assert area(score, people) == roc_auc_score(people.late.numpy(), score.numpy()) > 0.7
    assert area(-score, people) < 0.3


def test_a_request_is_met_by_the_guess_and_by_the_shortest_way():
    torch.manual_seed(0)
    vae, z = TokenVAE(4, 6), noise(20, 24, seed=0, device="cpu")
    there = moved(vae, z, 1.5)
    torch.testing.assert_close(vae.guess(there), torch.full((20, 1), 1.5))
    way = vae.guess.weight[0]
    step = there - z
    torch.testing.assert_close(step, (step @ way)[:, None] * way / (way @ way))  # nothing sideways


@pytest.mark.skipif(not importlib.util.find_spec("rdkit"), reason="needs the extra [molecules]")
def test_shares_are_counted_as_by_hand():
    made = ["C", None, "CC", "CC", "COOC", None, "CCO", "COOC"]
    assert shares(made, {"C", "CC", "N"}) == {
        "valid": 6 / 8,
        "different": 4 / 6,
        "new": 2 / 4,
        "by the rules": 3 / 4,
        "new and different": 2 / 8,
    }


def test_the_mixture_is_tuned_on_people_it_has_not_seen():
    train, unseen = applicants(300, 0), applicants(300, 1)
    few, many = (tables.gaussians(train, parts) for parts in (2, 60))
    assert many.score(tables.flat(train)) > many.score(tables.flat(unseen)) + 1
    assert few.score(tables.flat(train)) > few.score(tables.flat(unseen)) - 1


GUARDS = [
    (test_words_and_numbers_are_drawn_as_the_decoder_says, (), "experiments.tables", [
        ("words - wait.log()", "words - wait"),
        ("+ sigma * noise(", "+ sigma**2 * noise("),
    ]),
    (test_a_request_is_met_by_the_guess_and_by_the_shortest_way, (), "experiments.molecules", [
        ("way.square().sum() * way", "way.norm() * way"),
        ("request - vae.guess(z)", "request + vae.guess(z)"),
    ]),
    (test_shuffled_columns_keep_each_column_and_nothing_between_them, (), "experiments.tables", [
        ("torch.randperm(len(column), generator=draw)", "torch.arange(len(column))"),
    ]),
]  # fmt: skip
