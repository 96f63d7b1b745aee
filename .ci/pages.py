"""Turn an executed notebook into a page that can be read without the network, light or dark."""

import re
from html import escape, unescape
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

import ziamath
from bs4 import BeautifulSoup
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from pygments.formatters import HtmlFormatter

ziamath.config.svg2 = False  # plain paths: names shared between drawings would clash on a page
ziamath.config.precision = 2

TEMPLATE = Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
NOT_FORMULAS = ["code", "pre", "script", "style", "svg"]
POINTS, SIDES = 20, ("width", "height")  # the size in which formulas are drawn; pages use em
FORMULA = re.compile(
    r"\$\$(?P<block>.+?)\$\$"
    r"|(?P<environment>\\begin\{(?P<name>[a-z]+\*?)\}.+?\\end\{(?P=name)\})"
    r"|(?<![\\$])\$(?P<inline>[^$\s](?:[^$]*?[^$\s\\])?)\$(?!\d)",
    re.DOTALL,
)


def page(title: str, body: str, nav: str = "") -> str:
    """Put a body into the frame that all pages share."""
    light = HtmlFormatter(style="default").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    highlight = f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"
    highlight += "\n.highlight { background: var(--code) !important; }"
    return TEMPLATE.substitute(title=escape(title), body=body, nav=nav, highlight=highlight)


def notebook_body(notebook, pages: set[str], repository: str) -> str:
    """Return the HTML of a notebook's cells, its links made to work between pages."""
    html, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    soup = BeautifulSoup(html, "html.parser")
    write_formulas(soup)
    fold_setup(soup)
    for image in soup.select("img[src^=http]"):  # a badge: its words need no network
        image.replace_with(image.get("alt", ""))
    for link in soup.select("a[href]"):
        link["href"] = page_link(link["href"], pages, repository)
    return str(soup)


def page_link(href: str, pages: set[str], repository: str) -> str:
    """Point to a notebook's page where there is one, and to the repository for other files."""
    address = urlsplit(href)
    if address.scheme or not address.path:
        return href
    fragment = f"#{address.fragment}" if address.fragment else ""
    name = Path(address.path)
    if name.suffix == ".ipynb" and name.stem in pages:
        return f"{name.stem}.html{fragment}"
    inside = "notebooks/" + address.path
    while "/../" in inside:
        inside = re.sub(r"[^/]+/\.\./", "", inside, count=1)
    return f"{repository}/blob/main/{inside}{fragment}"


def write_formulas(soup: BeautifulSoup) -> None:
    """Replace every TeX formula by a drawing, which needs no script, no font and no network."""
    for text in soup.find_all(string=FORMULA):
        if text.find_parent(NOT_FORMULAS) is None:
            new = FORMULA.sub(drawn, escape(str(text), quote=False))
            text.replace_with(BeautifulSoup(new, "html.parser"))


def drawn(match: re.Match) -> str:
    """Draw one formula found in escaped text."""
    tex = next(match[kind] for kind in ("block", "environment", "inline") if match[kind])
    return draw(unescape(tex).strip(), inline=bool(match["inline"]))


def draw(tex: str, inline: bool) -> str:
    """Return a formula as SVG in the colour and size of the text, read aloud as its TeX."""
    try:
        if unknown := re.search(r"\\[A-Za-z]+", convert(tex)):
            raise ValueError(f"it does not know {unknown[0]}")
        math = ziamath.Latex(tex, size=POINTS, inline=inline, color="currentColor")
        svg = math.svg()
    except Exception as error:
        raise SystemExit(f"ziamath cannot draw this formula: {tex}\n  {error!r}") from None
    width, height = (float(re.search(rf'{side}="([\d.]+)"', svg)[1]) for side in SIDES)
    style = f"width:{width / POINTS:.3f}em;height:{height / POINTS:.3f}em;"
    style += f"vertical-align:{math.getyofst() / POINTS:.3f}em"
    label = f'<svg role="img" aria-label="{escape(tex)}" style="{style}" '
    kind = ("span", "formula") if inline else ("div", "formulas")
    return f'<{kind[0]} class="{kind[1]}">{svg.replace("<svg ", label, 1)}</{kind[0]}>'


def fold_setup(soup: BeautifulSoup) -> None:
    """Fold the set-up cell: on a page nobody needs to run it."""
    for area in soup.select(".input_area"):
        if area.get_text().lstrip().startswith("# @title"):
            folded = soup.new_tag("details")
            summary = soup.new_tag("summary")
            summary.string = "Set up"
            area.wrap(folded).insert(0, summary)
