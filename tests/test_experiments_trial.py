"""The trial of diffusion: the memory is the optimum, and what is counted is counted right."""

import pytest
import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from course_lib.data import Batch
from course_lib.data.catalog import catalog_split
from course_lib.experiments import (
    copying,
    copying_further,
    copying_products,
    running_costs,
    synthetic,
)
from course_lib.experiments.copying import loss_on, samples, schedule, some
from course_lib.experiments.running_costs import until_target
from course_lib.experiments.synthetic import chosen
from course_lib.models.memory import Memory
from course_lib.runs import Outcome, at_once, train_at_once
from course_lib.runtime import generator, noise
from course_lib.sampling import Guided
from course_lib.schedules import cosine_alpha_bar


def pictures(n, seed=0):
    return torch.rand(n, 1, 8, 8, generator=generator(seed)) * 2 - 1


def mixture(x, a):
    """Return the distribution of noised draws from some pictures, by torch.distributions."""
    middle = a.sqrt() * x.flatten(1).double()
    around = Independent(Normal(middle, (1 - a).sqrt().expand_as(middle)), 1)
    return MixtureSameFamily(Categorical(torch.ones(len(x))), around)


@pytest.mark.parametrize("t", [0, 300, 600, 999])
def test_the_memory_guesses_noise_from_the_exact_score_of_the_noised_pictures(t):
    x, alpha_bar = pictures(5), cosine_alpha_bar(1000)
    a = alpha_bar[t].double()
    x_t = (a.sqrt() * x[:3] + (1 - a).sqrt() * noise(3, 1, 8, 8, seed=1, device="cpu")).double()
    place = x_t.flatten(1).requires_grad_()
    (score,) = torch.autograd.grad(mixture(x, a).log_prob(place).sum(), place)
    said = Memory(x, alpha_bar)(x_t.float(), torch.full((3,), t))
    expected = -(1 - a).sqrt() * score
    torch.testing.assert_close(said.flatten(1).double(), expected, atol=2e-3, rtol=2e-3)


def test_the_weights_of_each_picture_depend_on_its_own_timestep_and_add_up_to_1():
    x, memory = pictures(4), Memory(pictures(4), cosine_alpha_bar(1000))
    weights = memory.weights(x, torch.tensor([0, 10, 500, 999]))
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(4))
    torch.testing.assert_close(weights[:2], torch.eye(4)[:2])  # nearly clean: no doubt left
    torch.testing.assert_close(weights[3], torch.full((4,), 0.25), atol=0.01, rtol=0)  # all noise


def test_a_sampler_that_follows_the_memory_copies():
    x = pictures(6)
    drawn = samples(Memory(x, schedule()), x, seed=0, n=20)
    nearest = torch.cdist(drawn.flatten(1), x.flatten(1)).min(dim=1)
    assert nearest.values.max() < 0.05 and len(nearest.indices.unique()) > 3


def test_nobody_has_a_smaller_training_loss_than_the_memory():
    class Alike(torch.nn.Module):
        """The memory of the same pictures, moved a little away from the optimum."""

        def __init__(self, by):
            super().__init__()
            self.by = by

        def forward(self, x_t, t):
            return memory(x_t, t) + self.by

    x = pictures(20)
    memory = Memory(x, schedule())
    best = loss_on(x, memory, seed=0)
    assert loss_on(x, Alike(0.1), 0) == pytest.approx(best + 0.01, abs=0.004)
    assert loss_on(pictures(30, seed=5), memory, 0) > 2 * best  # on others it fails


def test_the_loss_of_a_model_that_says_nothing_is_the_variance_of_noise():
    class Silent(torch.nn.Module):
        def forward(self, x_t, t):
            return torch.zeros_like(x_t)

    assert loss_on(pictures(7), Silent(), seed=0) == pytest.approx(1.0, abs=0.02)


def test_an_empty_memory_is_refused():
    with pytest.raises(ValueError, match="at least one picture"):
        Memory(pictures(5)[:0], cosine_alpha_bar(10))


def test_some_are_different_items_with_their_own_labels_and_larger_sets_hold_smaller_ones():
    split = Batch(torch.arange(50.0).reshape(50, 1, 1, 1), torch.arange(50))
    few, more = some(split, 5, seed=1), some(split, 20, seed=1)
    assert torch.equal(few.x.flatten().long(), few.label) and len(few.label.unique()) == 5
    assert torch.equal(more.label[:5], few.label)
    assert not torch.equal(some(split, 5, seed=2).label, few.label)


def test_folding_loses_nothing():
    x = torch.rand(2, 3, 16, 16)
    assert copying_further.folded(x).shape == (2, 12, 8, 8)
    assert torch.equal(copying_further.unfolded(copying_further.folded(x)), x)


def test_a_few_items_come_round_until_a_batch_is_full():
    few = Batch(pictures(20), torch.arange(60).reshape(20, 3))
    enough = copying.filled(few, 32)
    assert torch.equal(enough.x, torch.cat([few.x, few.x]))
    assert torch.equal(enough.label, torch.cat([few.label, few.label]))
    assert torch.equal(copying.filled(few, 20).x, few.x)


def test_half_a_training_is_no_measurement(monkeypatch):
    stopped = Outcome(False, 1, 0.0, 0.0, {})
    monkeypatch.setattr(at_once, "train", lambda *words, **more: stopped)
    with pytest.raises(KeyboardInterrupt):
        train_at_once(None, seed=0, n_steps=2)


def test_a_model_of_products_is_asked_for_nothing():
    few = some(copying_products.shrunk("train", 50), 5, seed=0)
    model = copying_products.taught(few, seed=0, n_steps=2)
    x_t, t = torch.randn(4, 3, 16, 16), torch.tensor([0, 10, 500, 999])
    guided = Guided(model.model, schedule(), torch.zeros(4, 5, dtype=torch.long), guidance=0)
    with torch.no_grad():
        assert torch.equal(model(x_t, t), guided(x_t, t))
        assert not torch.equal(model(x_t, t), guided(x_t, t.flip(0)))


def test_a_shrunk_product_keeps_its_colours_and_no_name():
    full, few = catalog_split("train", 3), copying_products.shrunk("train", 3)
    assert few.x.shape == (3, 3, 16, 16) and (few.label == -1).all()
    torch.testing.assert_close(few.x.mean(dim=(2, 3)), full.x.mean(dim=(2, 3)))


def test_the_setting_is_chosen_by_validation_alone():
    assert chosen([(0.8, 0.9), (0.9, 0.5), (0.9, 0.99)]) == 0.5


def test_a_maker_draws_the_classes_evenly_in_range():
    few = Batch(pictures(40), torch.arange(40) % 10)
    made = synthetic.drawn(few, seed=0, n_steps=2)
    assert made.x.shape == (1000, 1, 8, 8) and made.x.abs().max() <= 1
    assert made.label.bincount().tolist() == [100] * 10


def test_training_stops_at_the_target_and_counts_its_steps():
    recipe = running_costs.digit_recipe("vae", 0)
    steps, seconds = until_target(recipe, 0, target=100.0)
    assert steps == running_costs.SLICE and seconds > 0


def test_joules_are_read_where_they_are_and_none_where_they_are_not(tmp_path):
    assert running_costs.joules(tmp_path / "nowhere") is None
    assert running_costs.joules(tmp_path) is None
    for name, micro in (("intel-rapl:0", 2_500_000), ("intel-rapl:1", 500_000)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "energy_uj").write_text(f"{micro}\n")
    (tmp_path / "intel-rapl:0:0").mkdir()  # a part of the first, counted there
    (tmp_path / "intel-rapl:0:0" / "energy_uj").write_text("99\n")
    assert running_costs.joules(tmp_path) == 3.0


def test_digits_that_one_network_knows_by_heart_are_found():
    x = pictures(30)
    found = copying.marks(Memory(x, schedule()), x, pictures(60, seed=9), seed=0)
    assert found["copies"] > 0.95 and found["ratio"] < 0.05
    assert found["train"] == found["memory"] < found["held_out"]


GUARDS = [
    (test_the_memory_guesses_noise_from_the_exact_score_of_the_noised_pictures, (600,),
     "models.memory", [
        ("a.sqrt() * x_t.flatten(1) @ known.T", "x_t.flatten(1) @ known.T"),
        ("- a * known.square()", "- known.square()"),
        ("sum(dim=1) / 2\n", "sum(dim=1)\n"),
        ("(fits / (1 - a))", "fits"),
        ("(x_t - a.sqrt() * x0_hat)", "(x_t - a * x0_hat)"),
        ("/ (1 - a).sqrt()", "/ (1 - a)"),
    ]),
    (test_the_loss_of_a_model_that_says_nothing_is_the_variance_of_noise, (),
     "experiments.copying", [
        ("model(x_t[part], t[part]), eps[part]", "model(x_t[part], t[part]), x_t[part]"),
    ]),
    (test_the_setting_is_chosen_by_validation_alone, (), "experiments.synthetic", [
        ("marks[0])[1]", "marks)[1]"),
        ("marks[0])[1]", "marks[1])[1]"),
    ]),
    (test_training_stops_at_the_target_and_counts_its_steps, (), "experiments.running_costs", [
        ("real) < target", "real) > target"),
    ]),
]  # fmt: skip
