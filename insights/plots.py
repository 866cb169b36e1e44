"""Plots of an evaluation as files: how risk grows with coverage, how far probabilities hold, what is taken for what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, QUIET, GRID = "#1f2933", "#62707c", "#d9dfe4"
LINE, MARK = "#1f6f8b", "#c4572b"  # told apart by lightness too, for eyes that miss the hue
_STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "grid.color": GRID,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.hashsalt": "call-insights",
}


def evaluation_plots(result: Mapping[str, Any], folder: Path, name: str) -> list[Path]:
    """Write ``NAME-risk.svg``, ``NAME-calibration.svg`` and ``NAME-confusion.svg`` of an evaluation.

    ``result`` is what :func:`insights.domain.scoring.score` gives; the same result gives the same bytes. Raises
    OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plots = (("risk", _risk), ("calibration", _calibration), ("confusion", _confusion))
    return [_written(folder / f"{name}-{kind}.svg", draw, result) for kind, draw in plots]


def _written(path: Path, draw: Callable[[Axes, Mapping[str, Any]], None], result: Mapping[str, Any]) -> Path:
    with figure() as axes:
        draw(axes, result)
        axes.figure.savefig(path, metadata={"Date": None}, bbox_inches="tight")  # type: ignore[union-attr]
    return path


@contextmanager
def figure() -> Iterator[Axes]:
    """Empty axes in the style of all plots, thrown away at the end."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    with mpl.rc_context(_STYLE):
        drawn, axes = plt.subplots(figsize=(6.4, 4.4))
        try:
            yield axes
        finally:
            plt.close(drawn)


def _risk(axes: Axes, result: Mapping[str, Any]) -> None:
    points = result["risk_coverage"]
    axes.step([p["coverage"] for p in points], [p["risk"] for p in points], where="post", color=LINE, linewidth=2)
    wrong = 1 - result["proposal_precision"]
    axes.plot([result["coverage"]], [wrong], "o", color=MARK, markersize=8)
    axes.annotate(
        f"proposed: {result['coverage']:.0%} of the calls,\n{wrong:.1%} of them wrong",
        (result["coverage"], wrong),
        textcoords="offset points",
        xytext=(-10, 26),
        ha="right",
        color=MARK,
        arrowprops={"arrowstyle": "-", "color": MARK},
    )
    axes.set(xlim=(0, 1), ylim=(0, max(0.12, *(p["risk"] for p in points)) * 1.15))
    axes.set_title(f"Mistakes about the charge, the surest calls first ({result['n']} calls)", fontsize=11)
    axes.set_xlabel("share of the calls that are decided")
    axes.set_ylabel("share of these that are wrong")
    _percent(axes)


def _calibration(axes: Axes, result: Mapping[str, Any]) -> None:
    cells = result["calibration"]
    most = max(cell["n"] for cell in cells)
    axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1, linestyle="--")
    axes.plot([cell["confidence"] for cell in cells], [cell["right"] for cell in cells], color=LINE, linewidth=1.5)
    for cell in cells:
        axes.plot(cell["confidence"], cell["right"], "o", color=LINE, markersize=5 + 13 * (cell["n"] / most) ** 0.5)
        below = cell["right"] > 0.9
        axes.annotate(
            str(cell["n"]),
            (cell["confidence"], cell["right"]),
            textcoords="offset points",
            xytext=(0, -18 if below else 12),
            ha="center",
            color=INK,
            fontsize=8,
        )
    axes.set(xlim=(0, 1.04), ylim=(0, 1.08))
    axes.set_title(f"How far probabilities hold (error {result['calibration_error']:.3f}; numbers: calls)", fontsize=11)
    axes.set_xlabel("mean probability of the reason given")
    axes.set_ylabel("share in which it was right")
    _percent(axes)


def _confusion(axes: Axes, result: Mapping[str, Any]) -> None:
    confusion = result["confusion"]
    names = [name for name in result["per_reason"] if name in confusion or result["per_reason"][name]["predicted"]]
    counts = [[confusion.get(row, {}).get(column, 0) for column in names] for row in names]
    shares = [[n / max(1, sum(row)) for n in row] for row in counts]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for y, row in enumerate(counts):
        for x, n in enumerate(row):
            if n:
                axes.text(x, y, str(n), ha="center", va="center", color="white" if shares[y][x] > 0.5 else INK)
    words = [name.replace("_", " ") for name in names]
    axes.set_xticks(range(len(names)), words, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(names)), words)
    axes.set_title("Labelled (rows) and said (columns)", fontsize=11)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _percent(axes: Axes) -> None:
    from matplotlib.ticker import PercentFormatter

    axes.grid(visible=True, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.xaxis.set_major_formatter(PercentFormatter(1, 0))
    axes.yaxis.set_major_formatter(PercentFormatter(1, 0))
