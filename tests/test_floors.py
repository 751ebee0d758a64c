"""The plan of the house: a room imports from lower floors alone, and no file is long."""

import ast
from pathlib import Path

import pytest

import sklearn_certify

PACKAGE = Path(sklearn_certify.__file__).parent
MOST_LINES = 450
FLOORS = [
    {"exceptions", "_compat", "_user_warnings"},
    {"_deprecation", "_fixed_parameters", "_lazy_names"},
    {"threat", "_rows", "datasets", "image", "_compute"},
    {"augmentation", "kernel_approximation"},
    {"base", "metrics", "partition", "certificates", "learners", "_steps", "_training"},
    {"base_regression"},
    {"audit", "voters", "neighbors", "networks"},
    {"ensemble", "pipelines", "sanitize"},
    {"lethal_dose", "persistence"},
    {"plotting", "testing"},
    {"explanation"},
    {"report"},
    {"cli"},
    {"__init__", "__main__"},
]
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
MODULES = sorted(PACKAGE.rglob("*.py"))


def room_of(path):
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported_rooms(path):
    """Return the rooms that a module imports from, wherever in it the import stands."""
    here = path.relative_to(PACKAGE).parts[:-1]
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
            assert all(name[0] != "sklearn_certify" for name in names), "imports are relative"
        if isinstance(node, ast.ImportFrom) and node.level:
            target = (*here[: len(here) - node.level + 1], *(node.module or "").split("."))
            target = [part for part in target if part]
            rooms.update([target[0]] if target else [alias.name for alias in node.names])
    return rooms - {room_of(path), "__version__"}


def test_every_room_has_a_floor():
    assert {room_of(path) for path in MODULES} == set(FLOOR_OF)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_from_lower_floors_alone(path):
    room = room_of(path)
    for other in imported_rooms(path):
        assert FLOOR_OF[other] < FLOOR_OF[room], f"{room} must not import {other}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_file_is_long(path):
    assert len(path.read_text().splitlines()) <= MOST_LINES
