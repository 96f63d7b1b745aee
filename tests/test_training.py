"""descend, fit and EMA do what their few lines say, compared with steps taken by hand."""

from itertools import count

import pytest
import torch
from torch import nn

from course_lib.training import EMA, descend, fit


def test_descend_is_one_gradient_step():
    weight = nn.Parameter(torch.tensor([1.0, -2.0], dtype=torch.float64))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    descend(weight.square().sum(), optimizer)
    expected = torch.tensor([1.0 - 0.1 * 2, -2.0 + 0.1 * 4], dtype=torch.float64)
    torch.testing.assert_close(weight.detach(), expected)


def test_descend_forgets_gradients_from_before():
    weight = nn.Parameter(torch.tensor([1.0]))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    weight.grad = torch.tensor([1000.0])
    descend(3 * weight.sum(), optimizer)
    torch.testing.assert_close(weight.detach(), torch.tensor([1.0 - 0.1 * 3]))


def test_descend_moves_only_what_its_optimizer_holds():
    ours, theirs = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
    descend((ours * theirs).sum(), torch.optim.SGD([ours], lr=0.1))
    torch.testing.assert_close(theirs.detach(), torch.ones(1))


def test_fit_takes_n_steps_and_goes_on_where_it_stopped():
    seen, batches = [], count()

    def step(batch):
        seen.append(batch)
        return {"loss": torch.tensor(float(batch))}

    assert fit(step, batches, 3) == {"loss": [0.0, 1.0, 2.0]}
    assert fit(step, batches, 2) == {"loss": [3.0, 4.0]}
    assert seen == [0, 1, 2, 3, 4] and next(batches) == 5  # not one batch lost


def test_the_history_is_plain_floats_of_what_each_step_reported():
    weight = nn.Parameter(torch.tensor(2.0))

    def step(batch):
        return {"loss": weight * batch, "half": (weight * batch / 2).detach()}

    history = fit(step, iter([1.0, 3.0]), 2)
    assert history == {"loss": [2.0, 6.0], "half": [1.0, 3.0]}
    assert all(type(value) is float for values in history.values() for value in values)


def test_fit_hands_each_player_over_by_name_and_sets_models_to_train():
    model, seen = nn.Dropout().eval(), {}

    def step(batch, **players):
        seen.update(players)
        return {"loss": torch.zeros(())}

    fit(step, count(), 1, model=model, kl_weight=2.0)
    assert seen == {"model": model, "kl_weight": 2.0} and model.training


def test_fit_finds_a_line_through_points():
    torch.manual_seed(0)
    model = nn.Linear(1, 1)
    x = torch.linspace(-1, 1, 20)[:, None]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

    def step(batch, model, optimizer):
        loss = (model(batch) - (3 * batch - 1)).square().mean()
        descend(loss, optimizer)
        return {"loss": loss}

    history = fit(step, iter([x] * 100), 100, model=model, optimizer=optimizer)
    assert history["loss"][-1] < 1e-6 < history["loss"][0]
    torch.testing.assert_close(model.weight.item(), 3.0, atol=1e-3, rtol=0)


@pytest.mark.parametrize("decay", [0.5, 0.999])
def test_ema_follows_the_recursion_written_out_by_hand(decay):
    torch.manual_seed(0)
    model = nn.Linear(3, 2, dtype=torch.float64)
    ema = EMA(model, decay)
    slow = model.weight.detach().clone()
    for n in range(200):
        with torch.no_grad():
            model.weight.copy_(torch.randn(2, 3))
        ema.update(model)
        keep = min(decay, (1 + n) / (10 + n))
        slow = keep * slow + (1 - keep) * model.weight.detach()
        torch.testing.assert_close(ema.model.weight, slow)


def test_ema_of_a_model_that_stands_still_is_that_model():
    model = nn.Linear(2, 2)
    ema = EMA(model)
    for _ in range(20):
        ema.update(model)
    torch.testing.assert_close(ema.model.weight, model.weight.detach())


def test_ema_copies_buffers_as_they_are():
    model = nn.BatchNorm1d(2)
    ema = EMA(model)
    model(torch.tensor([[1.0, 2.0], [3.0, 6.0]]))
    ema.update(model)
    torch.testing.assert_close(dict(ema.model.named_buffers()), dict(model.named_buffers()))


def test_the_slow_copy_is_for_use_not_for_training():
    model = nn.Sequential(nn.Linear(2, 2), nn.Dropout()).train()
    ema = EMA(model)
    ema.update(model)
    assert not any(module.training for module in ema.model.modules())
    assert not any(p.requires_grad for p in ema.model.parameters())
    assert model.training and all(p.requires_grad for p in model.parameters())


def test_the_slow_copy_shares_no_memory_with_the_model():
    model = nn.BatchNorm1d(2)
    ema = EMA(model)
    ema.update(model)
    theirs = {t.data_ptr() for t in model.state_dict().values()}
    assert theirs.isdisjoint(t.data_ptr() for t in ema.model.state_dict().values())
