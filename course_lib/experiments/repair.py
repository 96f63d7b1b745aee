"""Gaps and grain in handwritten digits: what a VAE mends, beside tools made for the job.

The rules, written before the first run. For all five seeds:

- Claim 60, "data imputation". Confirmed if the VAE's error is below that of every other tool at 30
  and at 50 % missing; depends if it is below that of the column means at both, but not below all;
  else refuted. The spread of its draws is calibrated if 80 % intervals hold 75 to 85 % of the
  missing pixels.
- Claim 73, "denoising". Confirmed if redrawing gives a higher PSNR than the median filter and the
  noisy picture at all three strengths of noise; depends if at some; else refuted. Which tool is
  best is reported, whichever it is.

Every tool has at most five settings, chosen on the validation pictures (at 50 % missing).
"""

from course_lib.data import load
from course_lib.experiments.gaps import calibration, gap_error, tuned_tools, with_gaps
from course_lib.experiments.grain import denoised, trained_dae, trained_diffusion, trained_vae

SHARES = (0.3, 0.5)  # of the pixels, missing
STRENGTHS = (0.25, 0.5, 1.0)  # of the noise


def measure(seed: int) -> dict:
    """Train the networks of one seed and let every tool mend the test digits: about a minute.

    Returns:
        {"gaps": {share: {tool: RMSE of the missing pixels}}, "inside": {share: {tool: share of
        missing pixels in its 80 % interval}}, "grain": {strength: {tool: PSNR}}}.
    """
    digits = load("digits", "cpu")
    vae, dae = trained_vae(seed), trained_dae(seed)
    tools = tuned_tools(digits, vae, seed)
    found = {"gaps": {}, "inside": {}, "grain": {}}
    x = digits.test.x
    for share in SHARES:
        known = with_gaps(x, share, seed)
        found["gaps"][f"{share}"] = {
            name: gap_error(fill(x, known), x, known) for name, fill in tools.items()
        }
        found["inside"][f"{share}"] = calibration(vae, digits, known, seed)
    step = trained_diffusion(seed)
    for strength in STRENGTHS:
        found["grain"][f"{strength}"] = denoised(digits, vae, dae, step, strength, seed)
    return found
