"""What a report says, whatever it looks like."""

import inspect
import shlex

from ..audit import split_pipeline
from ..threat import find_threat_model

__all__ = [
    "about",
    "amount",
    "counted",
    "describe",
    "example",
    "failure",
    "how_to_plan",
    "how_to_read",
    "legend",
    "no_joint_certificate",
    "on_limits",
    "summary",
    "title",
    "troubles",
    "voters_in_words",
]

_UNTOLD = {"estimator", "n_estimators", "threat_model", "random_state", "n_jobs", "verbose"}


def counted(count, noun, plural=None):
    """Return a number with a noun, in the plural unless it is 1.

    Parameters
    ----------
    count : int
        How many.
    noun : str
        Of what, in the singular.
    plural : str, default=None
        The plural, if it takes more than an "s".

    Returns
    -------
    str

    Examples
    --------
    >>> from sklearn_certify.report._words import counted
    >>> counted(1, "row"), counted(0, "row")
    ('1 row', '0 rows')
    """
    return f"{count} {noun if count == 1 else plural or f'{noun}s'}"


def describe(estimator):
    """Return the class and the parameters that matter, such as ``"DPAClassifier(...)"``.

    Parameters
    ----------
    estimator : estimator
        A certified classifier, or what is around it, fitted.

    Returns
    -------
    str
        The steps in front of the classifier come first.
    """
    steps, classifier = split_pipeline(estimator)
    parameters = inspect.signature(type(classifier)).parameters
    told = [
        f"{name}={_one_line(value)}"
        for name, value in classifier.get_params(deep=False).items()
        if name not in _UNTOLD
        and (
            (isinstance(value, (int, float)) and value is not False)
            or repr(value) != repr(parameters[name].default)
        )
    ]
    described = f"{type(classifier).__name__}({', '.join(told)})"
    return " -> ".join([*(_one_line(step) for _, step in steps), described])


def _one_line(value):
    return " ".join(repr(value).split())


def about(rows, facts, split):
    """Say what the report is about.

    Parameters
    ----------
    rows : str
        What the rows are.
    facts : dict
        What the report's files say about them.
    split : Split
        Which of them are learned from.

    Returns
    -------
    dict of str to str
        By what it is about: ``"Rows"``, ``"Split"`` and so on.
    """
    how = f"(random_state={facts['random_state']})" if split.by_seed else "(as given)"
    if facts["groups"] and split.by_seed:
        how += ", each contributor in one part"
    entries = {
        "Rows": rows,
        "Split": f"{facts['n_train']} to learn from, {facts['n_test']} to certify {how}",
        "Base estimator": facts["base_estimator"],
        "Threat model": f"{facts['threat_model']} ({facts['poison_unit']})",
        "Periods": _periods_in_words(split.periods_train),
    }
    return {name: text for name, text in entries.items() if text}


def _periods_in_words(periods):
    if periods is None:
        return None
    first, last = int(periods.min()), int(periods.max())
    return f"{last - first + 1}, of the rows to learn from, number {first} to {last}"


def troubles(report):
    """Tell what was warned of, and which estimators failed.

    Parameters
    ----------
    report : CertificationReport
        The report.

    Returns
    -------
    list of str
        Lines.
    """
    warned = {}
    in_time = {} if report.temporal is None else {report.temporal.name: report.temporal}
    for name, result in (report.results | in_time).items():
        for text in result.warnings:
            warned.setdefault(text, []).append(name)
    return [
        *(f"{', '.join(names)}: {text}" for text, names in warned.items()),
        *(f"{name} failed: {failure(error)}" for name, error in report.failures.items()),
    ]


def failure(error):
    """Return what went wrong, with the kind of error."""
    return f"{type(error).__name__}: {error}"


def unit_of(report):
    """Return what poison sizes count, as the head of a column or the label of an axis."""
    return "contributors" if report.grouped else "poison size"


def title(report):
    """Return what the numbers of the table are."""
    (n_test,) = {len(result.radii) for result in report.results.values()}
    by = ", by the number of poisoned contributors" if report.grouped else ""
    return f"Certified accuracy in % of the {counted(n_test, 'test row')}{by}"


def summary(report):
    """Return what there is to say about each result in a word.

    Parameters
    ----------
    report : CertificationReport
        The report.

    Returns
    -------
    dict of str to list of str
        A word for each result, by what it is about.
    """
    results = report.results.values()
    radii = [result.median_radius() for result in results]
    return {
        "median certified radius": ["none" if radius < 0 else str(radius) for radius in radii],
        "seconds to fit": [f"{result.fit_seconds:.1f}" for result in results],
        "seconds to certify": [f"{result.certify_seconds:.1f}" for result in results],
    }


def legend(report):
    """Return what each classifier is, by its name."""
    return {
        name: describe(result.estimator) + voters_in_words(split_pipeline(result.estimator)[1])
        for name, result in report.results.items()
    }


def voters_in_words(classifier):
    """Return how many voters a classifier has, as words that follow it; "" if it has none."""
    n_voters = getattr(classifier, "n_voters_", None)
    if n_voters is None:
        return ""
    told = f", {counted(n_voters, 'voter')}"
    n_abstaining = sum(voter is None for voter in getattr(classifier, "estimators_", ()))
    if n_abstaining == 0:
        return told
    return f"{told}, {n_abstaining} of them abstain{'s' if n_abstaining == 1 else ''}"


def _confidence(result):
    """Return the confidence that a proof has, or None where it is certain."""
    chance = getattr(result.classifier, "alpha", None)
    return None if chance is None else f"confidence {100 * (1 - chance):g} %"


def on_limits(report):
    """Say where radii end because poison could change how the rows are read, and the mend.

    Parameters
    ----------
    report : CertificationReport
        The report.

    Returns
    -------
    list of str
        Two sentences, or none where no radius ends.
    """
    largest = max(result.largest_radius for result in report.results.values())
    binding = [limit for limit in report.limits if limit.units < largest]
    if not binding:
        return []
    first, *others = sorted(binding, key=lambda limit: limit.units)
    values = {}
    for limit in (first, *others):
        values.setdefault(limit.option, []).append(limit.value)
    options = [f"{option} {shlex.quote(','.join(v))}" for option, v in values.items() if option]
    more = f" (and {counted(len(others), 'more such vote')})" if others else ""
    return [
        f"No radius is above {first.units}: the rows decide by vote that {first.decision}{more}, "
        "and more poison may turn it.",
        f"What is known beforehand needs no vote: {' '.join(options)}"
        if options
        else "A file with a line of names has no such limit.",
    ]


def no_joint_certificate(names):
    """Say for which classifiers nothing is known about one attack on all rows together."""
    return f"No joint certificate is known for {', '.join(names)}."


def example(report):
    """Return a result and a poison size to explain numbers by: the best in the middle.

    Sizes at which nothing is proven any more do not count.

    Parameters
    ----------
    report : CertificationReport
        The report.

    Returns
    -------
    result : Result
    poison_size : int
    """
    results = report.results.values()
    proven = [
        size
        for size in report.poison_sizes
        if any(result.accuracies(size) > 0 for result in results)
    ] or report.poison_sizes
    size = proven[len(proven) // 2]
    return max(results, key=lambda result: result.accuracies(size)), size


def how_to_plan(report):
    """Say how settings are chosen for an amount of poison.

    Parameters
    ----------
    report : CertificationReport or RegressionReport
        The report.

    Returns
    -------
    list of str
        A sentence, and what to run; nothing where no classifier goes by name.
    """
    plan = report.material and report.material.origin and report.material.origin.plan
    if not plan:
        return []
    size = max(example(report)[1], 1)
    return [
        "To choose a classifier and its settings, such as the number of partitions or neighbours, "
        f"for {amount(report, size)}, let a plan compare them:",
        plan(size),
    ]


def amount(report, poison_size):
    """Return a poison size with what it counts: "one row added", or "2 rows added"."""
    words = find_threat_model(report.facts["threat_model"]).words(grouped=report.grouped)
    return words.one if poison_size == 1 else f"{poison_size} {words.many}"


def how_to_read(report):
    """Explain the table by one of its own numbers.

    Parameters
    ----------
    report : CertificationReport
        The report.

    Returns
    -------
    list of str
        Paragraphs.
    """
    results, (result, size) = report.results.values(), example(report)
    confidence = _confidence(result)
    words = find_threat_model(report.facts["threat_model"]).words(grouped=report.grouped)
    return [
        f"A poison size counts {words.meaning}.",
        f"{100 * result.accuracies(size):.1f} at poison size {size} ({result.name}): for that "
        "share of the test rows the prediction is right and provably stays right"
        + (f", with {confidence}" if confidence else "")
        + f", whatever an attack of size {size} does, by someone who knows all data and code"
        + (", but not the seed. " if confidence else ", and the seeds. ")
        + "The other rows are wrong already, or unproven; they need not be broken.",
        *(
            f"{result.name} proves with {_confidence(result)}, for all test rows together, over "
            "the random choice of its subsamples: an attacker must not know its random_state. It "
            "is a proof about infinitely many voters, of which the report has a sample."
            for result in results
            if _confidence(result)
        ),
        "Each test row is taken to be clean, and judged as if the whole attack were aimed at it "
        "alone. Half of them stay right for certain up to the median certified radius.",
        *(
            [no_joint_certificate(report.results)]
            if report.joint and not report.joint_accuracies()
            else []
        ),
        "The proof holds for fixed settings: columns and their types, base estimator, number of "
        "partitions or neighbours, all other parameters. Choosing them by looking at poisoned "
        "rows is outside it. So is whatever is learned from all rows at once, such as a scaler in "
        "front of the classifier, and so are changes to the rows to be predicted.",
    ]
