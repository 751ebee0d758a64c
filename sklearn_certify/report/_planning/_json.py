"""A plan as JSON."""

from .._json import as_json, plain

__all__ = ["plan_as_json"]


def plan_as_json(plan):
    """Return what was compared, what is best at every size, and what to take, as JSON.

    Parameters
    ----------
    plan : DefencePlan
        The plan.

    Returns
    -------
    str
    """
    size, name = plan.poison_size, plan.best_name()
    recommended = None
    if name is not None:
        recommended = {
            "classifier": name,
            "code": plan.code(),
            "certified_accuracy": float(plan.report.results[name].accuracies([size])[0]),
        }
    content = {
        **plan.report.facts,
        "poison_size": size,
        "recommended": recommended,
        "sentence": plan.sentence(),
        "chosen_by_trusted_rows": plan.trusted,
        "seconds": round(plan.seconds, 4),
        "frontier": [
            {**of_size, "settings": plain(of_size["settings"])} for of_size in plan.frontier()
        ],
        "settings": [
            {
                "classifier": trial.candidate.name,
                "settings": plain(trial.candidate.settings),
                "expected_accuracy": float(plan.trials.at(trial)),
            }
            for trial in plan.trials.ranked()
        ],
        "notes": plan.report.notes,
    }
    return as_json(content)
