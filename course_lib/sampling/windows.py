"""A canvas wider than the pictures a model was trained on, looked at through overlapping windows.

Source: MultiDiffusion, Bar-Tal et al. 2023, arXiv:2302.08113. Letters: B pictures, C channels,
S pixels a side of a window, W > S pixels from left to right.
"""

import torch
from torch import Tensor, nn


class Windows(nn.Module):
    """Predict the noise in a wide picture as the mean of what is predicted in each window.

    Args:
        model: predicts the noise in (B, C, S, S).
        width: S.
        stride: pixels from one window to the next; S for windows that do not overlap.

    Raises:
        ValueError: if the windows would leave gaps.
    """

    def __init__(self, model: nn.Module, width: int = 32, stride: int = 16):
        super().__init__()
        if not 1 <= stride <= width:
            raise ValueError(f"stride must be between 1 and {width}, got {stride}")
        self.model, self.width, self.stride = model, width, stride

    def forward(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Predict the noise in x_t (B, C, S, W) at timesteps t (B,): one pass for each window.

        Raises:
            ValueError: if the windows do not end where the picture does.
        """
        if (x_t.shape[-1] - self.width) % self.stride:
            raise ValueError(
                f"windows of {self.width} every {self.stride} do not fit {x_t.shape[-1]} pixels"
            )
        total, count = torch.zeros_like(x_t), torch.zeros_like(x_t)
        for left in range(0, x_t.shape[-1] - self.width + 1, self.stride):
            seen = slice(left, left + self.width)
            total[..., seen] += self.model(x_t[..., seen], t)
            count[..., seen] += 1
        return total / count
