"""The tests are tested: break one formula at a time, and the test that guards it must fail.

Each line names a guard, what it is called with, a room, and mistakes as (source, mistake). The room
is compiled anew with one mistake in it, and the guard runs with this copy in place of the room.
"""

import importlib
from pathlib import Path
from types import ModuleType

import pytest
import test_catalog
import test_catalog_splits
import test_catalog_words
import test_data
import test_data_idx
import test_data_points
import test_losses
import test_models
import test_recipes
import test_sampling
import test_schedules
import test_training

from course_lib.schedules import cosine_alpha_bar, linear_alpha_bar

LIB = Path(__file__).parents[1] / "course_lib"

GUARDS = [  # those of newer rooms stand in the test files of the rooms
    (test_losses.test_kl_equals_torch_distributions, (), "losses", [
        ("- 1 - logvar)", "- 1 + logvar)"),
        ("- 1 - logvar).sum(dim=1)", "- 1 - logvar).mean(dim=1)"),
        ("0.5 * (mu", "1.0 * (mu"),
        ("mu.square() + logvar.exp()", "mu + logvar.exp()"),
    ]),
    (test_losses.test_squared_error_equals_pytorch_mse_with_sum, (), "losses", [
        ("square().flatten(1).sum(dim=1)", "square().flatten(1).mean(dim=1)"),
    ]),
    (test_losses.test_bce_equals_pytorch, (1.0, 64), "losses", [
        ("- target * logit.mean()", "+ target * logit.mean()"),
        ("F.softplus(logit).mean()", "F.softplus(logit).sum()"),
    ]),
    (test_losses.test_bce_is_stable_at_extreme_scores, (), "losses", [
        ("F.softplus(logit).mean()", "logit.exp().log1p().mean()"),
    ]),
    (test_models.test_z_has_the_mean_and_the_variance_that_the_encoder_says, (), "models.vae", [
        ("(0.5 * logvar).exp() * eps", "logvar.exp() * eps"),
        ("exp() * eps", "exp() * eps * 0.01"),
    ]),
    (test_models.test_an_extreme_logvar_stays_finite, (100.0,), "models.vae", [
        ("logvar.clamp(-30, 20)", "logvar"),
    ]),
    (test_models.test_a_unet_listens_to_the_time, (), "models.unet", [
        (" + self.time(time)[:, :, None, None]", ""),
    ]),
    (test_models.test_the_time_is_written_in_waves_one_row_per_image, (), "models.layers", [
        ("angle.cos()", "angle.sin()"),
    ]),
    (test_schedules.test_pictures_of_variance_1_keep_variance_1_at_every_timestep,
     (linear_alpha_bar,), "schedules", [
        ("(1 - a).sqrt() * eps", "(1 - a) * eps"),
        ("a.sqrt() * x +", "a * x +"),
    ]),
    (test_schedules.test_each_image_is_noised_by_its_own_amount, (), "schedules", [
        ("a.sqrt() * x + (1 - a).sqrt() * eps", "a.sqrt() * eps + (1 - a).sqrt() * x"),
    ]),
    (test_schedules.test_the_linear_schedule_is_that_of_ho_et_al_scaled_to_its_length, (100,),
     "schedules", [
        ("scale = 1000 / n_timesteps", "scale = 1.0"),
        ("0.02 * scale", "0.2 * scale"),
    ]),
    (test_schedules.test_the_cosine_schedule_is_that_of_nichol_and_dhariwal, (1,), "schedules", [
        ("clamp(0, 0.999)", "clamp(0, 1)"),
    ]),
    (test_schedules.test_the_cosine_schedule_is_that_of_nichol_and_dhariwal, (200,), "schedules", [
        ("* torch.pi / 2) ** 2", "* torch.pi / 2)"),
    ]),
    (test_sampling.test_each_ddim_step_is_equation_12_of_song_et_al, (), "sampling.ddim", [
        ("eta**2 * (1 - a_next)", "eta * (1 - a_next)"),
        (" * (1 - a / a_next)", ""),
        ("(1 - a_next - variance) ** 0.5", "variance**0.5"),
        ("variance**0.5 * torch.randn", "variance * torch.randn"),
        ("(1 - a) ** 0.5 * eps_hat", "(1 - a) * eps_hat"),
    ]),
    (test_sampling.test_ddpm_is_algorithm_2_of_ho_et_al, (linear_alpha_bar,), "sampling.ddim", [
        ("eta=1.0", "eta=0.5"),
        ("(1 - a_next - variance) ** 0.5", "(1 - a_next) ** 0.5"),
    ]),
    (test_sampling.test_clipping_keeps_the_guess_in_range_and_fits_the_noise_to_it, (),
     "sampling.ddim", [
        ("eps_hat = (x_t - a**0.5 * x0_hat)", "ignored = (x_t - a**0.5 * x0_hat)"),
        ("x0_hat.clamp(-1, 1)", "x0_hat.clamp(-2, 2)"),
    ]),
    (test_sampling.test_the_last_step_returns_the_clean_image_itself, (0.0,), "sampling.ddim", [
        (".tolist(), 1.0]", ".tolist(), alpha_bar[0].item()]"),
    ]),
    (test_schedules.test_the_bell_has_its_mean_its_width_and_its_shape,
     (cosine_alpha_bar, 0.5, 2.2), "schedules", [
        ("log_snr = signal_to_noise(alpha_bar.cpu().double()).log()",
         "log_snr = signal_to_noise(alpha_bar.cpu().double()).log() / 2"),
        ("Normal(mean, std)", "Normal(0, std)"),
        ("(log_snr[:-1] + log_snr[1:]) / 2", "log_snr[1:] - 1"),
    ]),
    (test_schedules.test_timesteps_are_drawn_as_often_as_their_shares_say, (), "schedules", [
        ("+ chance) / len(chance)", "+ chance) / (len(chance) + 2)"),
        ("shares.cumsum(0), places", "shares.cumsum(0).flip(0), places"),
    ]),
    (test_schedules.test_no_batch_of_timesteps_is_by_chance_all_of_one_kind, (), "schedules", [
        ("torch.arange(len(chance), device=chance.device) + chance", "len(chance) * chance"),
    ]),
    (test_sampling.test_with_exact_noise_ddim_follows_the_probability_flow, (), "sampling.ddim", [
        ("signal[i], signal[i + 1]", "signal[i], signal[min(i + 2, len(times))]"),
    ]),
    (test_sampling.test_the_path_runs_from_noise_to_clean_with_one_pass_a_step, (7,),
     "sampling.ddim", [
        ("n_steps).round().long() - 1).tolist()", "n_steps).round().long() - 1).tolist()[::-1]"),
        ("n_steps).round().long() - 1)", "n_steps).round().long() - 2)"),
    ]),
    (test_sampling.test_a_lent_model_is_in_eval_mode_and_comes_back_as_it_was, (),
     "sampling.one_pass", [
        ("    model.eval()\n", ""),
        ("model.train(was_training)", "pass"),
    ]),
    (test_training.test_descend_forgets_gradients_from_before, (), "training", [
        ("optimizer.zero_grad(set_to_none=True)", "pass"),
    ]),
    (test_training.test_ema_follows_the_recursion_written_out_by_hand, (0.999,), "training", [
        ("fast, 1 - keep)", "fast, keep)"),
        ("min(self.decay, (1 + self.n_updates) / (10 + self.n_updates))", "self.decay"),
    ]),
    (test_training.test_ema_copies_buffers_as_they_are, (), "training", [
        ("slow_buffer.copy_(buffer)", "pass"),
    ]),
    (test_training.test_the_slow_copy_is_for_use_not_for_training, (), "training", [
        ("deepcopy(model).eval()", "deepcopy(model)"),
    ]),
    (test_data.test_each_pass_visits_each_picture_at_most_once_and_never_in_a_ragged_batch, (),
     "data.batches", [
        ("[first : n // batch_size]", "[first:]"),
    ]),
    (test_catalog.test_the_pictures_stay_as_they_were, (), "data.catalog_paint", [
        ("right * cos + up * sin", "right * cos - up * sin"),
        ("up - MIDDLES[kind] * size", "up"),
    ]),
    (test_catalog.test_a_plain_thing_has_the_colour_it_is_said_to_have, (), "data.catalog_paint", [
        ("MAIN, device=device)[factors.colour]", "MAIN, device=device)[factors.pattern]"),
    ]),
    (test_catalog.test_the_mean_over_phases_has_lost_its_stripes, (), "data.catalog_paint", [
        ("_bands(up, step, phase[:, 0])", "_bands(up, step, 0 * phase[:, 0])"),
    ]),
    (test_catalog_splits.test_held_out_combinations_are_nowhere_else, (), "data.catalog", [
        ('split == "held_out")', 'split == "test")'),
    ]),
    (test_catalog_words.test_every_combination_reads_back_and_has_a_caption_of_its_own, (),
     "data.catalog_words", [
        ("{SIZES[size]} {COLOURS", "{SIZES[0]} {COLOURS"),
        ("lowered.index(word.lower())", "lowered.index(word.lower()) - 1"),
    ]),
    (test_data_points.test_the_log_density_equals_torch_distributions, ("grid",), "data.points", [
        ("-0.5 * squared", "-squared"),
        ("_way_to_centres(x) / self.sigma)", "_way_to_centres(x))"),
        ("math.log(2 * math.pi * self.sigma**2 * len", "math.log(2 * math.pi * self.sigma * len"),
        ("self.sigma**2 * len(self.centres)", "self.sigma**2"),
    ]),
    (test_data_points.test_the_score_equals_the_gradient_of_the_oracle, ("moons",), "data.points", [
        ("dim=-2) / self.sigma**2", "dim=-2) / self.sigma"),
        ("return centres - x[..., None, :]", "return x[..., None, :] - centres"),
    ]),
    (test_data_points.test_samples_reach_each_mode_equally_often_and_scatter_by_sigma, ("ring",),
     "data.points", [
        ("+ self.sigma * torch", "+ self.sigma**2 * torch"),
        ("torch.randint(len(self.centres),", "torch.randint(len(self.centres) - 1,"),
    ]),
    (test_data_points.test_the_ring_and_the_grid_stand_where_pacgan_put_them, (), "data.points", [
        ("0.01, torch.arange(8)", "0.1, torch.arange(8)"),
        ("torch.arange(-4.0, 5.0, 2.0", "torch.arange(-4.0, 5.0, 2.1"),
    ]),
    (test_data_points.test_a_noised_mixture_is_the_density_of_noised_samples, ("moons",),
     "data.points", [
        ("math.sqrt(alpha_bar * self.sigma**2 + 1 - alpha_bar)", "math.sqrt(1 - alpha_bar)"),
        ("centres=math.sqrt(alpha_bar) *", "centres=alpha_bar *"),
    ]),
    (test_data_idx.test_a_header_that_promises_the_moon_or_nothing_is_refused_unread,
     ((0, 2**32 - 1, 2**32 - 1),), "data.idx", [
        (" or 0 in shape", ""),
    ]),
    (test_data_idx.test_damage_by_chance_is_always_one_sentence_and_never_a_large_allocation,
     (), "data.idx", [
        ("not 1 <= n_axes <= 3 or", "n_axes > 3 or"),
    ]),
    (test_recipes.test_the_gan_step_is_one_move_of_the_detective_and_then_one_of_the_forger, (),
     "recipes.steps", [
        ("D(fake.detach()), 0.0", "D(fake.detach()), 1.0"),
        ("g_loss = bce(D(fake), 1.0)", "g_loss = bce(D(fake), 0.0)"),
    ]),
    (test_recipes.test_the_vae_step_reports_the_negative_elbo_up_to_a_constant, (4.0,),
     "recipes.steps", [
        ("/ (2 * pixel_sigma**2)", "/ pixel_sigma**2"),
        ("error + kl_weight * kl", "error + kl"),
    ]),
    (test_recipes.test_the_diffusion_step_asks_for_the_noise_that_was_added, (1.0, 0.0),
     "recipes.steps", [
        ("model(x_t, t), eps", "model(x_t, t), batch.x"),
    ]),
]  # fmt: skip
for path in sorted(Path(__file__).parent.glob("test_*.py")):
    if "\nGUARDS = [" in path.read_text(encoding="utf-8") and path.stem != "test_mutations":
        GUARDS += importlib.import_module(path.stem).GUARDS
MUTATIONS = [
    pytest.param(guard, args, room, source, mistake, id=f"{room}: {mistake.strip() or source}")
    for guard, args, room, mistakes in GUARDS
    for source, mistake in mistakes
]


def compiled(room, source="", mistake=""):
    """Return the room as a new module, with the mistake where the source was."""
    path = LIB.joinpath(*room.split(".")).with_suffix(".py")
    text = path.read_text(encoding="utf-8")
    if source:
        assert text.count(source) == 1, f"{path.name} has {text.count(source)} times: {source}"
        text = text.replace(source, mistake)
    copy = ModuleType(f"course_lib.{room}")
    copy.__file__ = str(path)
    exec(compile(text, path, "exec"), vars(copy))
    return copy


def put_in_place(copy, guard, monkeypatch):
    """Let a guard see the copy's functions and classes where it saw the room's."""
    original = vars(importlib.import_module(copy.__name__))
    for name, value in list(guard.__globals__.items()):
        if name in original and original[name] is value and name in vars(copy):
            monkeypatch.setitem(guard.__globals__, name, vars(copy)[name])


@pytest.mark.parametrize(("guard", "args", "room", "source", "mistake"), MUTATIONS)
def test_a_mistake_is_caught(guard, args, room, source, mistake, monkeypatch):
    put_in_place(compiled(room, source, mistake), guard, monkeypatch)
    with pytest.raises(AssertionError):
        guard(*args)


@pytest.mark.parametrize(("guard", "args", "room"), [g[:3] for g in GUARDS])
def test_without_a_mistake_the_same_copy_passes(guard, args, room, monkeypatch):
    put_in_place(compiled(room), guard, monkeypatch)
    guard(*args)


def test_a_line_that_is_gone_from_the_source_is_noticed():
    with pytest.raises(AssertionError, match="losses.py has 0 times: no such line"):
        compiled("losses", "no such line", "")
