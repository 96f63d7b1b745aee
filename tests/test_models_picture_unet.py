"""The deeper U-Net: its third scale and its look around do what they are said to do."""

import pytest
import torch
from einops import rearrange

from course_lib.models.picture_unet import Deeper, PictureUNet
from course_lib.models.unet import Block
from course_lib.recipes.pictures import picture_job
from course_lib.runtime import noise


def deeper_middle():
    torch.manual_seed(0)
    return Deeper(16, depth=2, time_dim=12)


H, TIME = noise(2, 16, 4, 6, seed=0, device="cpu"), noise(2, 12, seed=1, device="cpu")


def test_places_look_at_each_other_and_the_third_scale_comes_beside_what_they_saw():
    middle = deeper_middle()
    rows = rearrange(H, "b w y x -> b (y x) w")
    looked = middle.look(rows, rearrange(middle.time(TIME), "b w -> b 1 w"))
    fine = rearrange(looked, "b (y x) w -> b w y x", y=4)
    coarse = middle.shrink(fine)
    assert coarse.shape == (2, 32, 2, 3)
    for block in middle.low:
        coarse = block(coarse, TIME)
    both = torch.cat([middle.grow(coarse), fine], dim=1)
    first, second = middle.merge
    torch.testing.assert_close(middle(H, TIME), second(first(both, TIME), TIME))


@pytest.mark.parametrize("patch", [1, 2, 4])
def test_deeper_is_another_middle_and_needs_a_side_that_can_be_halved_once_more(patch):
    shape = {"channels": 3, "patch": patch, "width": 8, "depth": 2, "answers": (3, 2)}
    network = PictureUNet(size=32, **shape, deeper=True)
    x, wish = noise(2, 3, 32, 32, seed=0, device="cpu"), torch.tensor([[0, 1], [2, -1]])
    assert network(x, torch.tensor([3, 4]), wish).shape == x.shape
    assert isinstance(network.middle, Deeper) and isinstance(network.middle.low[1], Block)
    assert PictureUNet(size=4 * patch, **shape)
    with pytest.raises(ValueError, match=f"multiple of {8 * patch}, got {4 * patch}"):
        PictureUNet(size=4 * patch, **shape, deeper=True)


def test_photographs_get_the_deeper_network_and_it_begins_by_guessing_nothing():
    assert not picture_job("diffusion", "catalog", 0).config["deeper"]
    job = picture_job("diffusion", "fashion", 0)
    model, x_t = job.players["model"], noise(2, 1, 32, 32, seed=0)
    x_t.requires_grad_()
    assert model(x_t, torch.tensor([3, 700]), torch.tensor([[1], [-1]])).eq(0).all()
    look = model.middle.look
    h, time = noise(2, 5, 64, seed=1), noise(2, 1, 64, seed=2)
    torch.testing.assert_close(look(h, time), h + look.time(time))


GUARDS = [
    (test_places_look_at_each_other_and_the_third_scale_comes_beside_what_they_saw, (),
     "models.picture_unet", [
        ("torch.cat([self.grow(low), h]", "torch.cat([h, self.grow(low)]"),
        ("places.mT.unflatten(2, h.shape[2:])", "places.mT.unflatten(2, h.shape[:1:-1]).mT"),
        ("self.time(time)[:, None]", "0 * self.time(time)[:, None]"),
    ]),
    (test_photographs_get_the_deeper_network_and_it_begins_by_guessing_nothing, (),
     "recipes.pictures", [
        ("last += [part.tell, part.think[-1]]", "last += [part.tell]"),
        ("last += [part.tell, part.think[-1]]", "last += [part.think[-1]]"),
    ]),
]  # fmt: skip
