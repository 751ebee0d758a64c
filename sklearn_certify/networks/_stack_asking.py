"""Queries pass through a stack of trained voters, in blocks of one shape."""

import numpy as np
import torch

from ._places_for_asking import PlacesForAsking
from ._short_memory import ShortMemory, is_out_of_memory
from ._stacked_module import StackedModule, structure_of, tensors_of

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
        Of the classes that the voter knows; NaN where its outputs are no finite numbers.
    """
    alike, memory = {}, ShortMemory(device)
    for place, voter in enumerate(voters):
        if voter is not None:
            alike.setdefault(structure_of(voter.module_), {})[place] = voter
    block_shape = (_QUERIES[device.type], *inputs.shape[1:])
    for there in alike.values():
        module = next(iter(there.values())).module_
        places = PlacesForAsking(module, n_places, block_shape, half_precision, memory)
        waiting = sorted(there)
        while waiting:
            first = waiting[0] // places.number * places.number
            group = [place for place in waiting if place < first + places.number]
            asked = [there.get(first + i) for i in range(places.number)]
            try:
                outputs = _outputs(module, asked, inputs, device, half_precision)
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                no_room = error.with_traceback(None)  # whose frames hold what fills the device
            else:
                for place in group:
                    known = outputs[:, place - first, : len(there[place].classes_)]
                    yield place, _softmax(known)
                waiting = waiting[len(group) :]
                continue
            memory.free()
            places.halve(no_room)


@torch.no_grad()
def _outputs(module, voters, inputs, device, half_precision):
    """Return what voters say, each at its place, of shape (n_queries, n_places, n_outputs)."""
    stacked = StackedModule(module, len(voters), device, half_precision=half_precision)
    weights, averages = stacked.new_weights(), stacked.new_averages()
    exact = torch.float64 if inputs.dtype == np.float64 else torch.float32
    scale = next(voter.input_mean_ for voter in voters if voter is not None)
    means = torch.zeros((len(voters), 1, *scale.shape), dtype=exact, device=device)
    deviations = torch.ones_like(means)
    for place, voter in enumerate(voters):
        if voter is None:
            continue
        state = tensors_of(voter.module_)
        for name, tensor in {**weights, **averages}.items():
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
    with np.errstate(invalid="ignore"):  # of queries so large that the outputs are no numbers
        powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
