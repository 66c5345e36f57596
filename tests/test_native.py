"""The native engine's sources: that it has every kind of filter; and that what it skips is there.

What it computes is tested with every other device, by the tests that take a `device`.
"""

from __future__ import annotations

import re
from pathlib import Path

import mpsnn as mps
import pytest
from native_skips import SKIPS

CPP = Path(__file__).resolve().parents[1] / "cpp"


def text_of(folder: str, pattern: str) -> str:
    return "\n".join(path.read_text() for path in sorted((CPP / folder).glob(pattern)))


def op_types() -> set[str]:
    """The attributes of filters, as C++ types."""
    return set(re.findall(r"^struct MPSNN_API (\w+Op)\b", text_of("include/mpsnn/nodes", "*.hpp"), re.MULTILINE))


def ops_of_nodes() -> list[str]:
    """The types that the filters of graphs lower to."""
    text = text_of("include/mpsnn/nodes", "*.hpp") + text_of("src/nodes", "*.cpp")
    # A filter that no graph holds has a kernel of its own only, and is made from that.
    named = re.findall(r"NodeOf<(\w+)", text) + re.findall(r"std::make_shared<(\w+Op)>", text)
    return sorted(set(named) & op_types())


def made_in(folder: str) -> set[str]:
    text = text_of(folder, "*.mm")
    return {op for arguments in re.findall(r"\badd\w*<([^>]*)>\(", text) for op in re.findall(r"\w+Op\b", arguments)}


def makers() -> set[str]:
    """The types that the engine makes Apple's nodes for."""
    return made_in("src/metal/families")


def kernel_makers() -> set[str]:
    """The types that the engine makes Apple's kernels for."""
    return made_in("src/metal/kernels")


@pytest.mark.parametrize("op", ops_of_nodes())
def test_filter_becomes_a_node_of_apple(op: str) -> None:
    assert op in makers(), f"no family of cpp/src/metal has a maker for {op}"


def test_every_maker_is_for_a_filter() -> None:
    assert makers() == set(ops_of_nodes())


def kernels() -> dict[str, set[str]]:
    """Kernels that can be made by hand, and the types they lower to; reductions, whose class is an attribute, aside."""
    text = text_of("include/mpsnn", "**/*.hpp") + text_of("src/nodes", "*.hpp")
    name = r"(?:kKernelName = |kernel_name\(\) const override { return )"
    named = re.findall(rf'^struct (?:MPSNN_API )?(\w+Op) (?:(?!^}};).)*?{name}"(\w+)"', text, re.MULTILINE | re.DOTALL)
    return {kernel: {op for op, its in named if its == kernel} for _, kernel in named if hasattr(mps, kernel)}


@pytest.mark.parametrize("name", sorted(kernels()))
def test_kernel_is_one_of_apple(name: str) -> None:
    assert not kernels()[name].isdisjoint(kernel_makers()), f"no family of cpp/src/metal/kernels has a maker for {name}"


@pytest.mark.parametrize(
    ("macro", "header", "folder"),
    [
        ("MPSNN_METAL_FAMILIES", "nodes.hpp", "families"),
        ("MPSNN_METAL_KERNEL_FAMILIES", "kernels.hpp", "kernels"),
    ],
)
def test_every_family_is_in_the_list(macro: str, header: str, folder: str) -> None:
    listed = re.search(rf"#define {macro}\(X\)((?:.*\\\n)*.*)", (CPP / "src/metal" / header).read_text())
    assert listed
    files = {path.stem for path in (CPP / "src/metal" / folder).glob("*.mm")}
    assert set(re.findall(r"X\((\w+)\)", listed[1])) == files


@pytest.mark.parametrize("pattern", SKIPS)
def test_what_is_skipped_exists(pattern: str) -> None:
    name = re.match(r"\*::(test_\w+)", pattern)
    assert name
    assert re.search(rf"^def {name[1]}\(", text_of("../tests", "test_*.py"), re.MULTILINE), "no test of that name"
