"""Record all values anew: ``python -m tests.fixed_values.record`` in the repository root.

Needs every library that a case names. Prints which values are no longer what they were.
"""

import json

from .values import FILE, ROOMS, cases_of, release


def record():
    """Compute all cases and write them to the file."""
    before = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    libraries = {
        library for room in ROOMS for c in cases_of(room).values() for library in c.libraries
    }
    content = {"releases": {library: release(library) for library in sorted(libraries)}}
    for room in ROOMS:
        content[room] = {name: case.summaries() for name, case in cases_of(room).items()}
        for name, values in content[room].items():
            old = before.get(room, {}).get(name, {})
            for part in sorted(values.keys() | old.keys()):
                if values.get(part) != old.get(part):
                    print(f"{room} / {name} / {part}: {old.get(part)} -> {values.get(part)}")
    FILE.write_text(_as_text(content), encoding="utf-8")


def _as_text(content):
    """Write JSON with one line for each value."""
    sections = []
    for section, entries in content.items():
        lines = []
        for name, entry in entries.items():
            if isinstance(entry, dict):
                parts = (f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in entry.items())
                entry = "{\n" + ",\n".join(parts) + "\n }"
            else:
                entry = json.dumps(entry)
            lines.append(f" {json.dumps(name)}: {entry}")
        sections.append(f"{json.dumps(section)}: {{\n" + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(sections) + "\n}\n"


if __name__ == "__main__":
    record()
