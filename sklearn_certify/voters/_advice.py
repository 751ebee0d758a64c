"""What to do about a voter that failed, as far as its error tells."""

import re

__all__ = ["advice_for"]

# The first pattern that is found in the error decides; where none is, nobody guesses.
_ADVICE = (
    (
        r"out of memory|OutOfMemory|ALLOC_FAILED|Unable to allocate|MemoryError",
        "Memory is full: let fewer voters work at a time (n_jobs), or use smaller batches.",
    ),
    (
        r"Target -?\d+ is out of bounds|device-side assert|index \d+ is out of bounds"
        r"|its scores have shape",
        "Its outputs do not match its labels: a voter may see any of the labels, or only some of "
        "them, so give a network one output per label.",
    ),
    (
        r"CUDA|cuDNN|CUBLAS|HIP error|MPS backend",
        "The GPU failed, not the rows: see whether the estimator runs there by itself, and use "
        "n_jobs=None.",
    ),
    (
        r"Invalid classes inferred|numpy\.(str_|object_|bool)|Unknown label type",
        "It takes no labels of this kind, nor whole numbers from 0 in their place.",
    ),
    (
        r"same dtype|expected scalar type|Found dtype \w+ but expected|not implemented for '\w+'"
        r"|Input type .* and (weight|bias) type",
        "It needs rows or labels of another type, such as X.astype('float32').",
    ),
    (
        r"contains (NaN|infinity)|[Mm]issing values|hold NaN",
        "Put what fills in missing values, or cuts off extreme ones, inside estimator.",
    ),
    (
        r"could not convert string|invalid literal for",
        "Put what turns texts into numbers inside estimator, such as a OneHotEncoder.",
    ),
    (
        r"[Ss]parse (data|input|matri|array)",
        "Use an estimator that takes sparse rows, or pass dense ones.",
    ),
    (
        r"neither predict_proba nor decision_function",
        "Use aggregation='plurality'.",
    ),
    (
        r"n_splits|n_neighbors|n_components|[<>=] ?n_samples|n_samples(_fit)? ?[<>=]"
        r"|(min\(|than )n_samples|[Ll]east populated|members in each class|only \d+ sample"
        r"|less than \d+ examples|more than 1 value per channel|at least \d+ (sample|row|class)"
        r"|minimum of \d+ is required|number of (samples|rows|training points|classes)"
        r"|no terms remain|documents than min_df|empty vocabulary",
        "Give voters more rows (fewer partitions, a larger max_samples), or use an estimator that "
        "can learn from so few.",
    ),
)


def advice_for(problem):
    """Return what to do about a failure, or an empty text where its words do not tell.

    Parameters
    ----------
    problem : str
        Type and message of the error.

    Returns
    -------
    str
        A sentence that starts with a blank, or nothing.
    """
    for pattern, advice in _ADVICE:
        if re.search(pattern, problem):
            return f" {advice}"
    return ""
