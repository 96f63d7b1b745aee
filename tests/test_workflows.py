"""The GitHub workflows are valid, ask for little, and run what `make test` runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def load(name):
    path = ROOT / ".github" / "workflows" / name
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def lines(name):
    """All commands of a workflow."""
    steps = (step for job in load(name)["jobs"].values() for step in job["steps"])
    return [step["run"] for step in steps if "run" in step]


def nbval_flags():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return re.search(r"^NBVAL_FLAGS := (.+)$", makefile, re.MULTILINE)[1]


def test_workflows_keep_to_githubs_schema():
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    command += ["vendor.github-workflows", *map(str, WORKFLOWS)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_asks_for_little_and_ends(path):
    workflow = load(path.name)
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 90
        for step in job["steps"]:
            if "uses" in step:
                assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step["uses"]), step["uses"]


@pytest.mark.parametrize("name", ["tests.yml", "gpu.yml"])
def test_ci_runs_the_notebooks_as_make_test_does(name):
    (notebooks,) = (line for line in lines(name) if "nbval" in line)
    assert nbval_flags() in notebooks
    assert notebooks.endswith(" notebooks")


def test_cpu_jobs_cover_three_systems_and_three_pythons():
    matrix = load("tests.yml")["jobs"]["cpu"]["strategy"]["matrix"]
    assert [system.split("-")[0] for system in matrix["os"]] == ["ubuntu", "macos", "windows"]
    assert matrix["python"] == ["3.11", "3.12", "3.13"]


def test_the_gpu_job_demands_cuda_and_never_runs_a_strangers_code():
    workflow = load("gpu.yml")
    assert not {"pull_request", "pull_request_target"} & set(
        workflow[True]
    )  # YAML reads on: as true
    job = workflow["jobs"]["notebooks"]
    assert job["env"]["COURSE_REQUIRE_CUDA"] == "1"
    assert "vars.GPU_RUNNER" in job["if"] and "vars.GPU_RUNNER" in job["runs-on"]
    assert any("assert torch.cuda.is_available()" in line for line in lines("gpu.yml"))
