"""Run notebooks without a browser, and bring them into the one form in which they are stored."""

import time
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
CELL_TIMEOUT = 600  # seconds; no cell of the course should need more than 60
WIDGET = "application/vnd.jupyter.widget-view+json"
CELL_KEYS = ("cellView", "jupyter", "slideshow", "tags")  # what people set on purpose
NOTEBOOK_KEYS = ("accelerator", "colab")


class NotebookFailedError(Exception):
    """A cell failed; the message names the notebook, the cell and the error."""


@dataclass
class Run:
    """One notebook, executed top to bottom on a fresh kernel."""

    notebook: NotebookNode
    seconds: float = 0.0
    cells: list[tuple[float, str]] = field(default_factory=list)  # (seconds, first line of code)

    def summary(self) -> str:
        """Say how long it took, and where the time went."""
        slowest, line = max(self.cells, default=(0.0, "no code"))
        return f"{self.seconds:.1f} s; slowest cell {slowest:.1f} s: {line}"


def chosen(names: list[str], folder: Path = NOTEBOOKS) -> list[Path]:
    """Return the paths of the named notebooks, or of all of them when none is named."""
    found = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
    wanted = [Path(name).stem if name.endswith(".ipynb") else name for name in names] or list(found)
    unknown = [name for name in wanted if name not in found]
    if unknown or not wanted:
        raise SystemExit(
            f"No notebook called {', '.join(unknown) or 'anything'} in {folder.name}/. "
            f"There are: {', '.join(found) or 'none'}."
        )
    return [found[name] for name in wanted]


def execute(path: Path) -> Run:
    """Run a notebook from its own folder; the file itself is only read."""
    notebook = nbformat.read(path, as_version=4)
    run = Run(notebook)
    counts = count_code_cells(notebook)
    started = {}

    def note_start(cell, cell_index):
        started[cell_index] = time.perf_counter()

    def note_end(cell, cell_index, execute_reply):
        run.cells.append((time.perf_counter() - started[cell_index], first_line(cell)))

    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        coalesce_streams=True,
        store_widget_state=False,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        on_cell_execute=note_start,
        on_cell_executed=note_end,
    )
    begin = time.perf_counter()
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        index = max(started, default=0)
        what = (
            f"{error.ename}: {error.evalue}"
            if isinstance(error, CellExecutionError)
            else str(error).strip().splitlines()[0]
        )
        raise NotebookFailedError(
            f"{path.name}, code cell {counts[index]} ({first_line(notebook.cells[index])}): {what}"
        ) from None
    run.seconds = time.perf_counter() - begin
    return run


def count_code_cells(notebook: NotebookNode) -> list[int]:
    """Return, for every cell, how many code cells there are up to and with it."""
    counts, count = [], 0
    for cell in notebook.cells:
        count += cell.cell_type == "code"
        counts.append(count)
    return counts


def first_line(cell: NotebookNode) -> str:
    """Return the first line of a cell that says something."""
    lines = [line.strip() for line in cell.source.splitlines() if line.strip()]
    return lines[0][:70] if lines else "an empty cell"


def canonical(notebook: NotebookNode) -> NotebookNode:
    """Return a copy without what differs from machine to machine or from run to run.

    Counts become 1, 2, 3...; progress bars, sliders, stderr, timings and widget state go.
    """
    notebook = nbformat.from_dict(notebook)
    kept = {key: notebook.metadata[key] for key in NOTEBOOK_KEYS if key in notebook.metadata}
    notebook.metadata = nbformat.from_dict(
        kept
        | {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for cell, count in zip(notebook.cells, count_code_cells(notebook), strict=True):
        cell.metadata = {key: cell.metadata[key] for key in CELL_KEYS if key in cell.metadata}
        cell.source = cell.source.rstrip()
        if cell.cell_type == "code":
            cell.execution_count = count
            cell.outputs = stored_outputs(cell.outputs, count)
    return nbformat.from_dict(notebook)


def stored_outputs(outputs: list[NotebookNode], count: int) -> list[NotebookNode]:
    """Keep what a reader should see, with neighbouring prints as one."""
    kept = []
    for output in outputs:
        if output.get("name") == "stderr" or WIDGET in output.get("data", {}):
            continue
        if "execution_count" in output:
            output.execution_count = count
        if kept and output.get("name") == "stdout" == kept[-1].get("name"):
            kept[-1].text += output.text
        else:
            kept.append(output)
    return kept


def as_text(notebook: NotebookNode) -> str:
    """Write a notebook as the text of its file: sorted keys, indent 1, a newline at the end."""
    return nbformat.writes(notebook).rstrip("\n") + "\n"
