"""Matplotlib's SVG made fit to stand inside a page: it takes the page's ink and says what it shows."""

import re
import xml.etree.ElementTree as ET

from feasible_al.analysis.style import INK

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
SERIES = "series:"
"""How ids of groups that belong to a series begin, before its label."""


def themed(text: str, name: str, title: str, description: str) -> str:
    """The drawing with ink as ``currentColor``, an accessible name, and nothing that acts outside it.

    Args:
        text: what matplotlib wrote.
        name: of the figure, unique on the page; becomes part of ids.
        title: the accessible name.
        description: the picture in words.
    """
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    root = ET.fromstring(text)  # noqa: S314 - our own drawing, read back
    _strip(root)
    for element in root.iter():
        for attribute in ("style", "fill", "stroke"):
            if attribute in element.attrib:
                element.set(attribute, element.attrib[attribute].replace(INK, "currentColor"))
        # Matplotlib numbers its groups afresh in each file; two figures on a page would share ids.
        if element.tag == f"{{{SVG}}}g":
            group = element.attrib.pop("id", "")
            if group.startswith(SERIES):
                element.set("data-series", group.removeprefix(SERIES))
    _describe(root, re.sub(r"[^A-Za-z0-9_-]", "-", name), title, description)
    return ET.tostring(root, encoding="unicode") + "\n"


def _strip(root: ET.Element) -> None:
    """Remove metadata, and the style sheet, which would reach the whole page; its rule becomes attributes."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{SVG}}}metadata", f"{{{SVG}}}style"):
                parent.remove(child)
    root.set("stroke-linejoin", "round")
    root.set("stroke-linecap", "butt")


def _describe(root: ET.Element, stem: str, title: str, description: str) -> None:
    for place, (tag, words) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(f"{{{SVG}}}{tag}", {"id": f"{stem}-{tag}"})
        element.text = words
        root.insert(place, element)
    root.set("role", "img")
    root.set("aria-labelledby", f"{stem}-title")
    root.set("aria-describedby", f"{stem}-desc")
