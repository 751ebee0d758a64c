"""Queries pass through a stack of trained voters, in blocks of one shape."""

import numpy as np
import torch

from ._places import places_for_asking
from ._stacked_module import StackedModule, structure_of

__all__ = ["probabilities_of"]

_QUERIES = {"cpu": 64, "cuda": 512}  # in a block, by kind of device


def probabilities_of(voters, inputs, n_places, device, half_precision):
    """Yield what each voter says of every query.

    A voter has its place, and a query its place in a block, whoever else is there.

    Parameters
    ----------
    voters : list of StackedNetClassifier or None
        Fitted, at most `n_places`; None is a place without a voter.
    inputs : ndarray of shape (n_queries, ...)
        Queries, as `as_inputs` returns them.
    n_places : int
        Number of places.
    device : torch.device
        Where they answer.
    half_precision : bool
        Whether layers that gain from it compute in bfloat16.

    Yields
    ------
    place : int
        The place of a voter.
    probabilities : ndarray of float64, of shape (n_queries, n_known)
        Of the classes that the voter knows.
    """
    alike = {}
    for place, voter in enumerate(voters):
        if voter is not None:
            alike.setdefault(structure_of(voter.module_), {})[place] = voter
    for there in alike.values():
        module = next(iter(there.values())).module_
        together = places_for_asking(
            module, n_places, _QUERIES[device.type], inputs.shape[1:], device, half_precision
        )
        rounds = [there] if together == n_places else [{place: there[place]} for place in there]
        for group in rounds:
            at = dict(zip(group, group if together == n_places else [0], strict=True))
            stacked = StackedModule(module, together, device, half_precision=half_precision)
            asked = {at[place]: voter for place, voter in group.items()}
            outputs = _outputs(stacked, asked, inputs)
            for place, voter in group.items():
                yield place, _softmax(outputs[:, at[place], : len(voter.classes_)])


@torch.no_grad()
def _outputs(stacked, voters, inputs):
    """Return what the voters at some places say, of shape (n_queries, n_places, n_outputs)."""
    n_places, device = stacked.n_places, stacked.device
    weights, averages = stacked.new_weights(), stacked.new_averages()
    exact = torch.float64 if inputs.dtype == np.float64 else torch.float32
    scale = next(iter(voters.values())).input_mean_
    means = torch.zeros((n_places, 1, *scale.shape), dtype=exact, device=device)
    deviations = torch.ones_like(means)
    for place, voter in voters.items():
        state = voter.module_.state_dict()
        for name, tensor in {**weights, **averages}.items():
            if name in state:
                tensor[place] = state[name]
        means[place] = torch.as_tensor(voter.input_mean_)
        deviations[place] = torch.as_tensor(voter.input_deviation_)
    answers, n_queries = [], _QUERIES[device.type]
    for start in range(0, len(inputs), n_queries):
        part = inputs[start : start + n_queries]
        block = np.zeros((n_queries, *inputs.shape[1:]), dtype=inputs.dtype)
        block[: len(part)] = part
        block = torch.from_numpy(block).clone().to(device).to(exact)
        scaled = block.unsqueeze(0).sub(means).div_(deviations).float()
        outputs = stacked.outputs(weights, averages, scaled)
        answers.append(outputs.transpose(0, 1)[: len(part)].cpu().numpy())
    return np.concatenate(answers)


def _softmax(outputs):
    outputs = outputs.astype(np.float64)
    powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
