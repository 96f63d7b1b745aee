"""Two ways to make a sampler short: learn straight ways, or learn the end of the way by heart.

Notebook 9 writes both steps out.
"""

import torch
import torch.nn.functional as F

from course_lib.sampling.flow import CLOCK
from course_lib.schedules import spread
from course_lib.training import descend


def flow_step(batch, model, opt, ema):
    """Mix a batch with noise in proportion, and guess the way from the data to the noise."""
    t = torch.rand(len(batch.x), device=batch.x.device)
    eps = torch.randn_like(batch.x)
    share = spread(t, batch.x)
    x_t = (1 - share) * batch.x + share * eps
    loss = F.mse_loss(model(x_t, CLOCK * t), eps - batch.x)
    descend(loss, opt)
    ema.update(model)
    return {"loss": loss}


def student_step(batch, student, opt, ema):
    """Draw in one pass what the teacher drew from the same noise; the noise stands in the label."""
    last = torch.full((len(batch.x),), 999, device=batch.x.device)
    loss = F.mse_loss(student(batch.label, last), batch.x)
    descend(loss, opt)
    ema.update(student)
    return {"loss": loss}
