"""Pictures of 8 x 8 pixels made 32 x 32: bicubic, by a network trained for it, by one that is not.

The rule, written before the first run of the shipped model. Over five seeds (other test pictures,
other noise, another training of the regression; the diffusion model is always the shipped one):

- Claim 96, "super-resolution". One draw of the diffusion model, told nothing, with the block means
  of the small picture put back at every step. Confirmed if in every seed its fine detail is nearer
  to that of real pictures than that of bicubic enlarging and that of the regression (`off` is how
  far sharpness is from 1), and its PSNR is above that of bicubic enlarging; refuted if in every
  seed its detail is farther than that of one of the two; else it depends.

The regression is a U-Net of the same make on patches of 4 pixels, which starts from the bicubic
picture and learns to lower the squared error: STEPS steps of 64 training pictures, about 15
processor seconds. Its rate and its size were chosen on validation pictures. It has seen far fewer
pictures than the diffusion model, which was trained for something else.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.data import Batch, stream
from course_lib.data.catalog_factors import Factors
from course_lib.data.catalog_paint import render
from course_lib.data.catalog_pairs import low_resolution
from course_lib.experiments.holes import drawn, painted
from course_lib.experiments.patches import training_pictures
from course_lib.judges import read_pictures
from course_lib.metrics import sharpness
from course_lib.metrics.coding import psnr
from course_lib.models.pictures import PictureUNet
from course_lib.painters import load_painter
from course_lib.runtime import half_precision, pick_device
from course_lib.sampling import evaluating
from course_lib.sampling.keeping import known_means
from course_lib.training import descend, fit

N, DRAWS, STEPS, RATE, WIDTH = 32, 4, 300, 3e-3, 64


class Enlarger(nn.Module):
    """Guess the large picture: bicubic enlarging plus what a U-Net adds to it."""

    def __init__(self):
        super().__init__()
        self.net = PictureUNet(3, 32, 4, WIDTH, 1, answers=(1,))

    def forward(self, small: Tensor) -> Tensor:
        """Turn small pictures (B, 3, 8, 8) into large ones (B, 3, 32, 32)."""
        x, nothing = bicubic(small), torch.zeros(len(small), dtype=torch.int64)
        nothing = nothing.to(small.device)
        return x + self.net(x, nothing, nothing[:, None]).float()


def measure(seed: int) -> dict:
    """Train one regression and enlarge one draw of test pictures: about 20 processor seconds.

    Returns:
        {way: {"psnr", "sharp", "off", "agrees", "valid", "words"}}; the mean of k draws is a way.
    """
    painter, factors = load_painter("diffusion", "catalog"), drawn("test", seed, N)
    x = render(factors)
    small = low_resolution(x)
    known = known_means(small, 32)
    draws = [painted(painter, known, seed + 100 * k, rounds=1) for k in range(DRAWS)]
    told = painted(painter, known, seed, torch.stack(factors[:5], dim=1), rounds=1)
    ways = {"bicubic": bicubic(small), "regression": enlarged(trained_enlarger(seed), small)}
    ways |= {"diffusion": draws[0], "diffusion, told": told}
    ways |= {f"mean of {k}": torch.stack(draws[:k]).mean(dim=0) for k in (2, DRAWS)}
    return {name: marks(y, x, factors) for name, y in (ways | {"real": x}).items()}


def bicubic(small: Tensor) -> Tensor:
    """Enlarge pictures (N, C, 8, 8) fourfold with smooth curves through their pixels."""
    return F.interpolate(small, scale_factor=4, mode="bicubic").clamp(-1, 1)


def enlarging_step(batch: Batch, model: nn.Module, opt, plan) -> dict:
    """Take one step down the squared error of the enlarged pictures."""
    with half_precision(batch.x.device):
        guess = model(low_resolution(batch.x))
    loss = F.mse_loss(guess, batch.x)
    descend(loss, opt)
    plan.step()
    return {"loss": loss}


def trained_enlarger(seed: int, n_steps: int = STEPS) -> Enlarger:
    """Train the regression on training pictures of the catalog."""
    torch.manual_seed(seed)
    device = pick_device()
    model = Enlarger().to(device, memory_format=torch.channels_last)
    opt = torch.optim.AdamW(model.parameters(), RATE, (0.9, 0.99))
    plan = torch.optim.lr_scheduler.OneCycleLR(opt, RATE, total_steps=n_steps, pct_start=0.1)
    x = training_pictures().to(device)
    batches = stream(Batch(x, torch.zeros(len(x), dtype=torch.int64)), 64, seed)
    fit(enlarging_step, batches, n_steps, model=model, opt=opt, plan=plan)
    return model


def enlarged(model: Enlarger, small: Tensor) -> Tensor:
    """Return what a trained regression makes of small pictures, in [-1, 1], on the CPU."""
    with evaluating(model):
        return model(small.to(pick_device())).clamp(-1, 1).cpu()


def marks(y: Tensor, x: Tensor, factors: Factors) -> dict[str, float]:
    """Mark enlarged pictures against the truth x; PSNR of the truth itself is set to 99."""
    read, sharp = read_pictures(y), sharpness(y, x)
    right = [a == b for a, b in zip(read.words, factors[:5], strict=True)]
    return {
        "psnr": min(psnr(y, x), 99.0),
        "sharp": sharp,
        "off": abs(sharp - 1),
        "agrees": (low_resolution(y) - low_resolution(x)).square().mean().sqrt().item(),
        "valid": read.valid.float().mean().item(),
        "words": torch.stack(right).all(dim=0).float().mean().item(),
    }
