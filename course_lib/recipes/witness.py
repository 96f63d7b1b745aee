"""Stand-ins for the players of a GAN that write a diary: who did what, and in which order."""

import torch
from torch import Tensor, nn


class Witness(nn.Module):
    """A player that does what it always does, and notes it.

    Args:
        name: "forger" or "detective".
        player: the network behind it; its weights are the stand-in's weights.
        diary: one line an event, shared by all stand-ins of a game.
        paintings: what the forger made, shared too: so the detective knows what it looks at.
    """

    def __init__(self, name: str, player: nn.Module, diary: list[str], paintings: list[Tensor]):
        super().__init__()
        self.name, self.player, self.diary, self.paintings = name, player, diary, paintings
        self.latent_dim = getattr(player, "latent_dim", None)

    def forward(self, given: Tensor) -> Tensor:
        """Pass on what is given; note whether it was noise, a real picture or a forgery."""
        out = self.player(given)
        if self.name == "forger":
            self.diary.append("forger paints")
            self.paintings.append(out)
        else:
            self.diary.append(f"detective judges {self._kind(given)}")
        return out

    def _kind(self, given: Tensor) -> str:
        if any(given is painting for painting in self.paintings):
            return "forgeries"
        places = {painting.data_ptr() for painting in self.paintings}
        if given.data_ptr() in places and not given.requires_grad:
            return "forgeries, cut off"
        return "real pictures" if not given.requires_grad else "something else"


class WitnessOptimizer:
    """An optimizer that notes when it forgets old slopes and when it moves its player."""

    def __init__(self, name: str, optimizer: torch.optim.Optimizer, diary: list[str]):
        self.name, self.optimizer, self.diary = name, optimizer, diary

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget, and note it."""
        self.diary.append(f"{self.name} forgets old slopes")
        self.optimizer.zero_grad(set_to_none)

    def step(self) -> None:
        """Move, and note it."""
        self.diary.append(f"{self.name} moves")
        self.optimizer.step()


def witnessed(players: dict) -> tuple[dict, list[str]]:
    """Return stand-ins for the players of `gan_step`, and the diary they will write.

    Args:
        players: G, D, opt_G, opt_D and, as they are, all others.

    Raises:
        KeyError: if one of the four is missing.
    """
    diary, paintings = [], []
    stand_ins = dict(players)
    for name, network, optimizer in (("forger", "G", "opt_G"), ("detective", "D", "opt_D")):
        stand_ins[network] = Witness(name, players[network], diary, paintings)
        stand_ins[optimizer] = WitnessOptimizer(name, players[optimizer], diary)
    return stand_ins, diary
