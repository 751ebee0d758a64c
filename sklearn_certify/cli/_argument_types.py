"""What argparse turns the words of the command line into; what makes no sense is said."""

import argparse
import re

import numpy as np

from ..threat import check_poison_sizes

__all__ = [
    "as_delimiter",
    "as_jobs",
    "as_kinds",
    "as_length",
    "as_names",
    "as_poison_sizes",
    "as_positive",
    "as_seed",
    "as_share",
    "as_size",
    "as_tolerance",
]


def as_poison_sizes(text):
    try:
        sizes = check_poison_sizes([int(size) for size in text.split(",")])
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} must be whole numbers from 0 up, with commas between them: 0,1,5,10"
        ) from None
    return np.union1d(sizes, 0).tolist()


def as_size(text):
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number from 0 up")
    return int(text)


def as_positive(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number from 1 up")
    return int(text)


def as_length(text):
    try:
        length = float(text)
    except ValueError:
        length = 0
    if not 0 < length < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} must be a number above 0")
    return length


def as_tolerance(text):
    try:
        tolerance = float(text)
    except ValueError:
        tolerance = -1
    if not 0 <= tolerance < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} must be a number from 0 up")
    return tolerance


def as_share(text):
    try:
        share = float(text)
    except ValueError:
        share = 0
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number between 0 and 1")
    return share


def as_seed(text):
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number from 0 to 2**32 - 1")
    return int(text)


def as_jobs(text):
    try:
        jobs = int(text)
    except ValueError:
        jobs = 0
    if jobs == 0:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number, -1 for all cores")
    return jobs


def as_kinds(text):
    kinds = re.findall(r"(.+?)=(number|text)(?:,|$)", text)
    if ",".join(map("=".join, kinds)) != text:
        raise argparse.ArgumentTypeError(
            f"{text!r} must be columns and their kinds: name=number,name=text"
        )
    return kinds


def as_delimiter(text):
    delimiter = {"tab": "\t", "\\t": "\t", "space": " "}.get(text, text)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise argparse.ArgumentTypeError(f"{text!r} must be one character, tab or space")
    return delimiter


def as_names(text):
    return [name.strip() for name in text.split(",")]
