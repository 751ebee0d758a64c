"""What a state of a data set consists of: form, settings, and where the rows of partitions are."""

import json
import re
from dataclasses import dataclass, field, replace
from hashlib import sha256

from ...exceptions import DatasetError

__all__ = ["Manifest", "Partition", "latest_number", "manifest_name", "read_manifest"]

_FORMAT = 1
_NAME = re.compile(r"manifest-(\d+)\.json")


@dataclass(frozen=True)
class Partition:
    """The rows of a partition.

    Attributes
    ----------
    n_rows : int
        How many there are.
    check : int
        Sum of the hashes of all rows, labels and groups, modulo ``2**64``.
    pieces : tuple of (int, int, int)
        Where they are: the number of a file, its first row group, how many groups.
    """

    n_rows: int = 0
    check: int = 0
    pieces: tuple = ()


@dataclass(frozen=True)
class Manifest:
    """A state of a data set.

    Attributes
    ----------
    number : int
        States are numbered from 1; the highest counts.
    settings : dict
        What decides partitions, and what columns were called.
    form, label_dtype : dict, str
        Types of rows and of labels, or of numbers.
    labels : dict of int by label
        How many rows have each label; empty of numbers.
    files : tuple of str
        Names of the files of rows.
    partitions : tuple of Partition
        One for each.
    """

    number: int
    settings: dict
    form: dict
    label_dtype: str
    labels: dict = field(default_factory=dict)
    files: tuple = ()
    partitions: tuple = ()

    @property
    def target_type(self):
        """What y holds, "labels" or "numbers"."""
        return self.settings["target_type"]

    def to_bytes(self):
        """Return the content of the manifest's file."""
        content = {
            "number": self.number,
            "settings": self.settings,
            "form": self.form,
            "label_dtype": self.label_dtype,
            "labels": list(self.labels.items()),
            "files": self.files,
            "partitions": [[p.n_rows, p.check, p.pieces] for p in self.partitions],
        }
        text = json.dumps(content)
        digest = sha256(text.encode()).hexdigest()
        return f'{{"format": {_FORMAT}, "digest": "{digest}",\n"content": {text}}}\n'.encode()

    def without_unused_files(self):
        """Return this manifest with the files alone that hold rows."""
        used = sorted({piece[0] for p in self.partitions for piece in p.pieces})
        places = {file: place for place, file in enumerate(used)}
        moved = tuple(
            replace(p, pieces=tuple((places[f], first, n) for f, first, n in p.pieces))
            for p in self.partitions
        )
        return replace(self, files=tuple(self.files[file] for file in used), partitions=moved)


def manifest_name(number):
    return f"manifest-{number:06d}.json"


def latest_number(names):
    """Return the highest number of the manifests among names of files, 0 if there is none."""
    found = map(_NAME.fullmatch, names)
    return max((int(match[1]) for match in found if match), default=0)


def read_manifest(folder, number):
    """Return a manifest.

    Parameters
    ----------
    folder : LocalFolder or RemoteFolder
        Where it is.
    number : int
        Which one.

    Returns
    -------
    Manifest

    Raises
    ------
    DatasetError
        If it is missing, damaged, or of another version.
    """
    name = manifest_name(number)
    try:
        content = json.loads(folder.read(name))
        version = content["format"]
    except FileNotFoundError as error:
        if not folder.names():
            raise DatasetError(
                f"There is no folder {folder.path}, or it is empty: was it deleted, or is it on "
                "another machine? All workers must reach it."
            ) from error
        raise DatasetError(
            f"{folder.path} was changed since it was opened; open it again."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(_damaged(folder, name)) from error
    if version != _FORMAT:
        raise DatasetError(
            f"{folder.path} is a data set of version {version}, and this release of "
            f"sklearn_certify reads version {_FORMAT}; write it anew, or use another release."
        )
    try:
        body = content["content"]
        text = json.dumps(body)
        if sha256(text.encode()).hexdigest() != content["digest"]:
            raise ValueError("digest")
        partitions = (
            Partition(n_rows, check, tuple(map(tuple, pieces)))
            for n_rows, check, pieces in body.pop("partitions")
        )
        labels = dict(map(tuple, body.pop("labels")))
        body["settings"].setdefault("target_type", "labels")  # as all had before there were numbers
        files = tuple(body.pop("files"))
        return Manifest(**body, labels=labels, files=files, partitions=tuple(partitions))
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(_damaged(folder, name)) from error


def _damaged(folder, name):
    return f"{name} in {folder.path} is damaged; restore it from a copy, or write the data anew."
