"""How many axes should the map have? Codes of 1 to 64 numbers, beside PCA with as many.

The rules, written before the first run; "always" means in each of five seeds.

Claim 40, the code is lower-dimensional than the data: usual, not needed, if the loss with 64 axes
    (as many as pixels) is always within 5 % of the best.
Claim 53, good for exploring: confirmed for the 2-D map if five neighbours are always purer on it
    than on the first two principal components, refuted if always less pure.
"""

from course_lib.data import load
from course_lib.experiments.cartographers import drawing, new_digits, redrawing, trained
from course_lib.metrics import neighbour_purity, pca_features
from course_lib.metrics.inputs import rows
from course_lib.sampling import evaluating

AXES = (1, 2, 4, 8, 16, 64)
N_STEPS = 600


def measure(seed: int) -> dict:
    """Train VAEs with 1 to 64 axes: some ten seconds.

    Returns:
        {"Z = 16": numbers, ...}, numbers with loss (error and KL, in nats, of test pictures) and
        pca, the squared error of as many principal components; and {"purity": {"map", "pca"}}
        with two axes.
    """
    data, found = load("digits"), {}
    for n_axes in AXES:
        vae = trained(seed, n_steps=N_STEPS, network={"latent_dim": n_axes})
        new = new_digits(vae, len(data.test.x), seed=200 + seed)
        numbers = redrawing(vae, data.test.x) | drawing(new, data)
        numbers["loss"] = numbers["noisy_distortion"] / (2 * 0.4**2) + numbers["rate"]
        numbers["pca"] = pca_error(n_axes)
        found[f"Z = {n_axes}"] = numbers
        if n_axes == 2:
            with evaluating(vae):
                mu, _ = vae.encode(data.test.x)
            plane = pca_features(data.train.x, dim=2).embed(data.test.x)
            label = data.test.label
            found["purity"] = {
                "map": neighbour_purity(mu, label),
                "pca": neighbour_purity(plane, label),
                "pixels": neighbour_purity(data.test.x, label),
            }
    return found


def pca_error(n_axes: int) -> float:
    """Return the squared error per test picture of the best straight map with so many axes."""
    from sklearn.decomposition import PCA  # scikit-learn loads only when used

    data = load("digits", "cpu")
    pca, x = PCA(n_axes, svd_solver="full").fit(rows(data.train.x).numpy()), rows(data.test.x)
    back = pca.inverse_transform(pca.transform(x.numpy()))
    return float(((back - x.numpy()) ** 2).sum(axis=1).mean())
