"""Features equal a second computation, and come as the metrics want them."""

import numpy as np
import pytest
import torch
from clouds import pictures
from sklearn.decomposition import PCA

from course_lib.data import Batch, Dataset, load
from course_lib.judges import shipped_judge
from course_lib.metrics import judge_features, pca_features, usual_features
from course_lib.metrics.inputs import blocks, rows
from course_lib.models.judge import Judge


def test_pca_features_equal_numpy_and_scikit_learn_up_to_sign():
    digits = load("digits", device="cpu")
    rows, other = (digits.train.x.flatten(1), digits.test.x.flatten(1))
    features = pca_features(digits.train.x, 5)
    ours = features.embed(digits.test.x)
    assert features.dim == 5 and features.name == "5 principal components"
    assert ours.dtype == torch.float64 and ours.shape == (350, 5)
    axes = np.linalg.svd((rows - rows.mean(0)).double().numpy(), full_matrices=False)[2][:5]
    by_hand = (other.double() - rows.double().mean(0)).numpy() @ axes.T
    np.testing.assert_allclose(np.abs(ours.numpy()), np.abs(by_hand), atol=1e-5)
    by_sklearn = PCA(5, svd_solver="full").fit(rows.double().numpy()).transform(other.double())
    np.testing.assert_allclose(np.abs(ours.numpy()), np.abs(by_sklearn), atol=1e-5)


def small_judge():
    torch.manual_seed(0)
    return Judge(3, (4,), size=8, width=4, n_features=6)


def test_judge_features_are_what_the_judge_sees_one_picture_at_a_time():
    judge, x = small_judge(), pictures(300, 8, 0, channels=3)  # 300: more than two batches
    features = judge_features("a small judge", judge)
    assert (features.name, features.dim) == ("a small judge", 6)
    found = features.embed(x)
    assert found.shape == (300, 6) and found.dtype == torch.float64 and not found.requires_grad
    judge.eval()
    with torch.no_grad():
        alone = torch.cat([judge.features(one[None]) for one in x])
    torch.testing.assert_close(found, alone.double(), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("training", [True, False])
def test_a_judge_keeps_its_mode_and_what_it_has_learned(training):
    judge = small_judge().train(training)
    before = {name: value.clone() for name, value in judge.state_dict().items()}
    judge_features("a small judge", judge).embed(pictures(9, 8, 0, channels=3))
    assert judge.training == training
    for name, value in judge.state_dict().items():
        torch.testing.assert_close(value, before[name])


@pytest.mark.parametrize(
    ("name", "judge", "channels"), [("catalog", "recogniser", 3), ("fashion", "classifier", 1)]
)
def test_the_usual_features_are_those_of_the_judge_who_knows_the_data(name, judge, channels):
    x = pictures(5, 32, 0, channels)
    split = Batch(x, torch.zeros(5, dtype=torch.int64))
    features = usual_features(Dataset(name, split, split, split, ("a",)))
    assert features.name == f"the {judge}'s 128 features" and features.dim == 128
    torch.testing.assert_close(
        features.embed(x), judge_features("its own", shipped_judge(judge)).embed(x)
    )


def test_digits_are_usually_measured_in_principal_components():
    digits = load("digits", device="cpu")
    features = usual_features(digits)
    assert features.name == "16 principal components"
    own = pca_features(digits.train.x, 16)
    torch.testing.assert_close(features.embed(digits.test.x), own.embed(digits.test.x))


def test_blocks_cover_all_rows_once():
    for n, width in ((10, 2**22), (1, 1), (5, 2**30), (3_000_000, 7)):
        covered = [i for part in blocks(n, width) for i in range(n)[part]]
        assert covered == list(range(n))


def test_images_reach_the_cpu_before_they_become_float64():
    """MPS has no float64: `x.double().cpu()` would stop every metric on a Mac."""
    calls = []

    class Recorder:
        def __getattr__(self, name):
            return lambda *_: calls.append(name) or self

    rows(Recorder())
    assert calls.index("cpu") < calls.index("double")


GUARDS = [
    (test_judge_features_are_what_the_judge_sees_one_picture_at_a_time, (), "metrics.features", [
        ("with evaluating(model):", "with torch.no_grad():"),
        ("model.features(batch", "model.trunk[:-1](batch"),
    ]),
    (test_digits_are_usually_measured_in_principal_components, (), "metrics.features", [
        ("return pca_features(data.train.x)", "return pca_features(data.test.x)"),
    ]),
    (test_the_usual_features_are_those_of_the_judge_who_knows_the_data,
     ("catalog", "recogniser", 3), "metrics.features", [
        ("the recogniser's 128 features", "the classifier's 128 features"),
    ]),
]  # fmt: skip
