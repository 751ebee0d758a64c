"""Voters pass through the places of a stack: when one is done, the next has its place."""

import numpy as np
import torch

from .._user_warnings import warn_user
from ..exceptions import CertifyWarning, LearnerError
from ._devices import free_memory, is_out_of_memory
from ._places import places_for_training
from ._stack import Stack

__all__ = ["train"]

_STEPS_BETWEEN_LOOKS = 32  # at the losses, which a GPU has to be waited for


def train(trainees, settings, checkpoints, progress):
    """Train voters whose modules have the same shapes.

    Parameters
    ----------
    trainees : list of Trainee
        Left with their weights (`state`), or with a `problem`.
    settings : TrainingSettings
        What they have in common.
    checkpoints : Checkpoints
        Where trainings are kept, and taken up again.
    progress : Progress
        What is told of them.

    Raises
    ------
    LearnerError
        If there is no memory for a single stack.
    """
    left = [trainee for trainee in trainees if not checkpoints.load(trainee)]
    progress.start(trainees, left)
    if not left:
        return
    n_places = places_for_training(left[0], settings)
    left.sort(key=lambda trainee: trainee.step - trainee.n_steps)  # so that few places stay empty
    room = max(free_memory(settings.device) // max(t.inputs.nbytes for t in left), 1)
    size, told = -(-min(room, len(left)) // n_places) * n_places, False
    while left:
        try:
            _train_chunk(left[:size], settings, n_places, checkpoints, progress)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            if size <= n_places:
                raise LearnerError(
                    f"There is no memory on device {str(settings.device)!r} for a stack of "
                    f"{n_places} networks; lower n_stacked or batch_size."
                ) from error
        else:
            left = left[size:]
            continue
        size = -(-size // 2 // n_places) * n_places
        if not told:
            told = True
            warn_user(
                f"Device {str(settings.device)!r} ran out of memory; half as many voters, {size}, "
                "are kept there at a time.",
                CertifyWarning,
            )
        if settings.device.type == "cuda":
            torch.cuda.empty_cache()
        left = [trainee for trainee in left if not trainee.is_done]


def _train_chunk(trainees, settings, n_places, checkpoints, progress):
    """Train some voters, whose rows are on the device together."""
    waiting = list(reversed(trainees))
    for trainee in trainees:
        checkpoints.rewind(trainee)
    stack = Stack(trainees, settings, n_places)
    while waiting or any(voter is not None for voter in stack.voters):
        for place, voter in enumerate(stack.voters):
            if voter is None and waiting:
                stack.put(place, waiting.pop())
        stack.step()
        _release(stack, checkpoints, progress)
        if checkpoints.is_due():
            checkpoints.save_running(stack)
        progress.tell(stack)


def _release(stack, checkpoints, progress):
    """Take out the voters that are done, or whose loss is no number."""
    looked_at = [
        (place, voter)
        for place, voter in enumerate(stack.voters)
        if voter is not None
        and (voter.step == voter.n_steps or voter.step % _STEPS_BETWEEN_LOOKS == 0)
    ]
    if not looked_at:
        return
    losses = stack.losses.cpu().numpy()
    for place, voter in looked_at:
        voter.loss = float(losses[place])
        if not np.isfinite(voter.loss):
            _give_up(voter)
        elif voter.step == voter.n_steps:
            voter.state = stack.state_at(place)
            if all(np.isfinite(value).all() for value in voter.state.values()):
                voter.is_done = True
                checkpoints.save(voter)
            else:
                _give_up(voter)
        else:
            continue
        stack.take(place)
        progress.count(voter)


def _give_up(voter):
    voter.is_done, voter.state = True, None
    voter.problem = (
        f"training diverged: after step {voter.step} of {voter.n_steps} the loss or a weight is no "
        "finite number; lower learning_rate, or normalize the rows"
    )
