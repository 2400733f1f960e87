"""Pictures as figures of matplotlib."""

from __future__ import annotations

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from tsgan_evaluation.pictures.model import COLOURS, NAMES, Mark, Matrix, Panel, Picture, Side

PALE = "#b0b0b0"
WIDTH, HEIGHT = 12.0, 2.4  # inches, of a figure and of a row of panels
DIVERGING = LinearSegmentedColormap.from_list("diverging", [COLOURS["real"], "#f7f7f7", COLOURS["synthetic"]])
MARKERS = {"real": "o", "synthetic": "x", "holdout": "D"}
LABELLED = 20  # rows of a matrix


def figure(picture: Picture) -> Figure:
    """A picture on white, for papers and trackers; neither the backend nor matplotlib's settings are changed."""
    # The user's settings are for the user's figures; pyplot, which would keep the figure alive, is not used.
    with rc_context({"font.size": 9, "axes.titlesize": 10, "text.usetex": False}):
        across = min(picture.across, len(picture.panels))
        down = -(-len(picture.panels) // across)
        tall = 3.6 if picture.across == 2 and len(picture.panels) <= 4 else WIDTH / 3 if _maps(picture) else HEIGHT
        fig = Figure(figsize=(WIDTH, down * tall + 0.9), dpi=150, layout="constrained", facecolor="white")
        axes = fig.subplots(down, across, squeeze=False)
        for ax in axes.flat[len(picture.panels) :]:
            ax.set_axis_off()
        for ax, panel in zip(axes.flat, picture.panels, strict=False):
            _draw_matrix(ax, panel) if isinstance(panel, Matrix) else _draw_panel(ax, panel)
        fig.suptitle(picture.title, fontsize=13, fontweight="bold")
        if picture.sides:
            handles = [_handle(side, picture) for side in picture.sides]
            fig.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False)
    return fig


def _maps(picture: Picture) -> bool:
    return any(isinstance(panel, Matrix) for panel in picture.panels)


def _title(ax: Axes, panel: Panel | Matrix) -> None:
    ax.set_title(_legible(panel.title), loc="left", fontweight="bold", parse_math=False)
    if panel.note:
        ax.set_title(panel.note, loc="right", fontsize=7, color="#555555", parse_math=False)


def _legible(text: str, most: int = 40) -> str:
    """A name on one line, in characters that the font has: matplotlib warns of others when it draws."""
    known = get_font(findfont(FontProperties())).get_charmap()
    shown = "".join(c if ord(c) in known else "\ufffd" for c in " ".join(text.split()))
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def _draw_panel(ax: Axes, panel: Panel) -> None:
    _title(ax, panel)
    if panel.reason:
        ax.text(
            0.5,
            0.5,
            _legible(f"not drawn, because {panel.reason}", 200),
            ha="center",
            va="center",
            wrap=True,
            color="#555555",
            parse_math=False,
        )
        ax.set_axis_off()
        return
    for mark in panel.marks:
        _draw_mark(ax, mark, plain=panel.plain)
    ax.set(xlabel=panel.x_label, ylabel=panel.y_label, yscale="log" if panel.log else "linear")
    if panel.y_range is not None:
        ax.set_ylim(*panel.y_range)
    if panel.x_ticks is not None:
        ax.set_xticks(panel.x_ticks[0], [_legible(x, 16) for x in panel.x_ticks[1]], parse_math=False)
    if panel.y_ticks is not None:
        ax.set_yticks(panel.y_ticks[0], [_legible(y) for y in panel.y_ticks[1]], parse_math=False)
    ax.grid(color=PALE, alpha=0.35, linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(PALE)
    ax.tick_params(color=PALE, which="both")


def _draw_mark(ax: Axes, mark: Mark, plain: bool) -> None:
    colour = COLOURS[mark.side]
    dashes = (0, (4, 1.5)) if mark.side == "synthetic" else "-"
    if mark.style == "band":
        ax.fill_between(mark.x, mark.y, mark.top if mark.top is not None else 0, color=colour, alpha=0.3, linewidth=0)
    elif mark.style == "steps":
        ax.stairs(mark.y, mark.x, color=colour, linewidth=1.4, linestyle=dashes)
    elif mark.style == "points":
        ax.scatter(mark.x, mark.y, s=12, marker=MARKERS[mark.side], color=colour, alpha=0.6, linewidth=0.8)
    elif mark.style == "bars" and mark.side == "figure":
        ax.barh(mark.y, mark.x - mark.base, left=mark.base, height=0.6, color=colour)
        ax.axvline(mark.base, color="#555555", linewidth=0.8)
        ax.set_xlim(0, 1)
    elif mark.style == "bars":
        shift = -0.2 if mark.side == "real" else 0.2
        ax.bar(
            mark.x + shift, mark.y, 0.38, color=colour, hatch="///" if mark.side == "synthetic" else "", edgecolor="white"
        )
    else:
        ax.plot(mark.x, mark.y, color=colour, linewidth=0.9 if plain else 1.4, linestyle="-" if plain else dashes)


def _draw_matrix(ax: Axes, panel: Matrix) -> None:
    _title(ax, panel)
    ax.imshow(panel.values, cmap=DIVERGING, vmin=-panel.limit, vmax=panel.limit)
    count = len(panel.labels)
    if count > LABELLED:
        ax.set(xticks=[], yticks=[])
        return
    labels = [_legible(name, 20) for name in panel.labels]
    ax.set_xticks(np.arange(count), labels, rotation=90, parse_math=False)
    ax.set_yticks(np.arange(count), labels, parse_math=False)
    if count <= 12:
        for (i, j), value in np.ndenumerate(panel.values):
            colour = "white" if abs(value) > 0.7 * panel.limit else "black"
            ax.text(j, i, f"{value:.2f}".replace("0.", "."), ha="center", va="center", fontsize=6, color=colour)


def _handle(side: Side, picture: Picture) -> Line2D | Patch:
    """The mark of a side in the legend."""
    styles = {m.style for p in picture.panels if isinstance(p, Panel) for m in p.marks if m.side == side}
    if styles == {"points"}:
        return Line2D([], [], color=COLOURS[side], marker=MARKERS[side], linestyle="", label=NAMES[side])
    if side == "halves":
        return Patch(color=COLOURS[side], alpha=0.3, label=NAMES[side])
    dashed = side == "synthetic" and not picture.plain
    return Line2D([], [], color=COLOURS[side], linestyle="--" if dashed else "-", label=NAMES[side])
