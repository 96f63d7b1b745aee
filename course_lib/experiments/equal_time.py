"""The three picture recipes after equal training time, on the catalog and on photographs.

The rule of claim 86, written before the first run. Diffusion makes the best pictures if its Frechet
and its kernel distance are below those of GAN and VAE on digits (`digits`), catalog and
photographs, in every seed; the claim is refuted if they are above the GAN's in all of these.

Equal time means equal processor seconds, as many steps as fit into about 100 of them on the machine
that stores the result. The steps are fixed here, so that a seed gives the same weights again.
"""

from course_lib.data import load
from course_lib.metrics import (
    frechet_distance,
    kernel_distance,
    precision_recall,
    sharpness,
    usual_features,
)
from course_lib.painters import Painter, paint
from course_lib.recipes.pictures import picture_job
from course_lib.runs import train_at_once

STEPS = {"vae": 1400, "gan": 1700, "diffusion": 650}  # what fits into 100 processor seconds
N = 1500  # pictures measured


def measure(seed: int, steps: dict[str, int] | None = None, n: int = N) -> dict:
    """Train all three on both data sets and measure n pictures of each: 12 processor minutes.

    Args:
        seed: decides weights, batches and draws.
        steps: of each family, by default STEPS.
        n: how many pictures are measured.

    Returns:
        {data: {family or "real": {kernel, frechet, precision, recall, sharpness}, family:
        {..., seconds}}}: `seconds` are processor seconds of training, here and now.
    """
    return {name: _on(name, seed, steps or STEPS, n) for name in ("catalog", "fashion")}


def _on(name: str, seed: int, steps: dict[str, int], n: int) -> dict:
    data = load(name, "cpu")
    features, test = usual_features(data), data.test.x[:n]
    real = features.embed(test)

    def marks(x) -> dict[str, float]:
        fake = features.embed(x)
        found = {"kernel": kernel_distance(fake, real), "frechet": frechet_distance(fake, real)}
        found |= precision_recall(fake, real)._asdict()
        return found | {"sharpness": sharpness(x, test)}

    found = {"real": marks(data.validation.x[:n])}
    for family, n_steps in steps.items():
        job = picture_job(family, name, seed)
        ended = train_at_once(job, seed, n_steps)
        job.settle()
        painter = Painter(family, name, job.model, tuple(job.config.get("answers", ())))
        found[family] = marks(paint(painter, n, seed)) | {"seconds": ended.processor}
    return found
