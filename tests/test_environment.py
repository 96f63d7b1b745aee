"""The three lists of packages agree: pyproject.toml, constraints.txt and environment.yml.

Checked without the network. Whether conda can solve the list is asked once a week in CI.
"""

import contextlib
import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version
from rattler import MatchSpec

ROOT = Path(__file__).parents[1]
CEP_24 = {"name", "prefix", "dependencies", "channels", "variables", "platforms", "category"}
CONDA_NAMES = {"torch": "pytorch", "matplotlib": "matplotlib-base"}


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


PROJECT = tomllib.loads(text("pyproject.toml"))["project"]
DIRECT = [
    Requirement(line)
    for lines in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for line in lines
]
SCALE = PROJECT["optional-dependencies"]["scale"]  # for a cluster, not for a learner's machine
FOR_EVERYBODY = [requirement for requirement in DIRECT if str(requirement) not in SCALE]
CONDA = yaml.safe_load(text("environment.yml"))
CONDA_SPECS = [spec for spec in CONDA["dependencies"] if isinstance(spec, str)]
(PIP_PART,) = (part["pip"] for part in CONDA["dependencies"] if isinstance(part, dict))
PINS = {
    canonicalize_name(pin.name): pin
    for line in text("constraints.txt").splitlines()
    if (name := line.partition("#")[0].strip())
    for pin in [Requirement(name)]
}


def by_name(requirement):
    return requirement.name


@pytest.mark.parametrize("requirement", DIRECT, ids=by_name)
def test_constraints_pin_every_direct_package_inside_its_range(requirement):
    (pin,) = PINS[canonicalize_name(requirement.name)].specifier
    assert pin.operator == "=="
    assert Version(pin.version) in requirement.specifier


def test_constraints_are_exact_and_hold_on_every_system():
    for pin in PINS.values():
        assert re.fullmatch(r"==[^,+*]+", str(pin.specifier)), pin  # no range, no local build
        assert not (pin.url or pin.marker or pin.extras), pin


def test_pins_can_be_installed_on_every_python_of_the_course():
    for pin in PINS.values():
        with contextlib.suppress(metadata.PackageNotFoundError):
            wanted = SpecifierSet(metadata.metadata(pin.name).get("Requires-Python") or "")
            assert all(version in wanted for version in ("3.11.0", "3.12.0", "3.13.0")), pin


def test_environment_yml_keeps_to_cep_24():
    assert set(CONDA) <= CEP_24
    assert CONDA["name"] == PROJECT["name"]
    assert CONDA["channels"] == ["conda-forge", "nodefaults"]  # pytorch's own channel has ended
    for spec in CONDA_SPECS:
        MatchSpec(spec, strict=True)


def test_pip_adds_only_the_course_and_pure_python_to_conda():
    assert "pip" in CONDA_SPECS
    assert [part.split(">=")[0] for part in PIP_PART] == ["ziamath", "-e ."]


@pytest.mark.parametrize("requirement", FOR_EVERYBODY, ids=by_name)
def test_environment_yml_asks_for_what_pyproject_asks_for(requirement):
    on_demand = re.findall(r"^  # - (.+?) #", text("environment.yml"), re.MULTILINE)
    specs = dict(spec.partition(" ")[::2] for spec in [*CONDA_SPECS, *on_demand])
    specs |= {pip.name: str(pip.specifier) for pip in map(Requirement, PIP_PART[:-1])}
    name = CONDA_NAMES.get(requirement.name, canonicalize_name(requirement.name))
    assert SpecifierSet(specs[name]) == requirement.specifier


def test_only_the_extras_for_everyone_come_unasked():
    for extra in ("bench", "molecules"):
        for on_demand in map(Requirement, PROJECT["optional-dependencies"][extra]):
            assert not any(spec.startswith(on_demand.name) for spec in CONDA_SPECS)
    assert "'.[lab,test]'" in text("Makefile")


def test_ci_installs_what_learners_may_do_without():
    assert "'.[scale,molecules]'" in text(".ci/run")
    assert '".[lab,test,scale,molecules]"' in text(".github/workflows/tests.yml")
    assert '".[lab,test,molecules]"' in text(".github/workflows/gpu.yml")


def test_python_is_the_same_everywhere():
    (conda_python,) = (spec for spec in CONDA_SPECS if spec.startswith("python "))
    assert SpecifierSet(conda_python.removeprefix("python ")) == SpecifierSet(">=3.11")
    assert PROJECT["requires-python"] == ">=3.11"
    assert "sys.version_info < (3, 11)" in text("Makefile")


def test_pre_commit_uses_the_ruff_that_constraints_pin():
    hooks = yaml.safe_load(text(".pre-commit-config.yaml"))["repos"]
    (ruff,) = (hook["rev"] for hook in hooks if "ruff" in hook["repo"])
    assert f"ruff=={ruff.removeprefix('v')}" in text("constraints.txt")
