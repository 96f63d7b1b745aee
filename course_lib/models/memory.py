"""The denoiser that remembers everything: what a diffusion model's training loss really asks for.

Given pictures to learn from, the guess with the smallest possible loss needs no training. It is a
mean of these pictures, each weighted by how likely it is that noise made x_t out of it. A sampler
that follows it ends at one of them: it copies. A network makes something new because, and as far
as, it cannot do the same.
Source: Karras et al. 2022, arXiv:2206.00364, appendix B.3; Gu et al. 2023, arXiv:2310.02664.
Letters: B images, N remembered images, D numbers in an image, T timesteps.
"""

from torch import Tensor, nn

from course_lib.schedules import spread


class Memory(nn.Module):
    """Predict noise as well as it can be done for a set of pictures known by heart.

    Args:
        x: the pictures (N, C, S, S); they may be points (N, D) too.
        alpha_bar: the schedule (T,).

    Raises:
        ValueError: if there is no picture.
    """

    def __init__(self, x: Tensor, alpha_bar: Tensor):
        super().__init__()
        if len(x) == 0:
            raise ValueError("a memory needs at least one picture")
        self.register_buffer("x", x)
        self.register_buffer("alpha_bar", alpha_bar.to(x.device))

    def weights(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Return how likely each remembered picture is the one behind x_t (B, C, S, S): (B, N)."""
        a = self.alpha_bar[t][:, None]  # (B, 1)
        known = self.x.flatten(1)  # (N, D)
        fits = a.sqrt() * x_t.flatten(1) @ known.T - a * known.square().sum(dim=1) / 2
        return (fits / (1 - a)).softmax(dim=1)  # -|x_t - sqrt(a) x|^2 / 2 / (1 - a), up to |x_t|

    def forward(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Predict the noise in x_t (B, C, S, S) at timesteps t (B,)."""
        x0_hat = (self.weights(x_t, t) @ self.x.flatten(1)).reshape(x_t.shape)
        a = spread(self.alpha_bar[t], x_t)
        return (x_t - a.sqrt() * x0_hat) / (1 - a).sqrt()
