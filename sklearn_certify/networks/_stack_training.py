"""Voters pass through the places of a stack: when one is done, the next has its place."""

import numpy as np

from ._devices import free_memory
from ._places_for_training import PlacesForTraining
from ._short_memory import ShortMemory, is_out_of_memory
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
        If there is no memory for a single voter, or for a stack in which it has the same bits.
    """
    left = [trainee for trainee in trainees if not checkpoints.load(trainee)]
    progress.start(trainees, left)
    if not left:
        return
    memory = ShortMemory(settings.device)
    places = PlacesForTraining(left[0], settings, memory)
    left.sort(key=lambda trainee: trainee.step - trainee.n_steps)  # so that few places stay empty
    n_resident = free_memory(settings.device) // max(trainee.inputs.nbytes for trainee in left)
    n_resident = min(max(n_resident, 1), len(left))
    while left:
        n_resident = -(-n_resident // places.number) * places.number
        try:
            _train_chunk(left[:n_resident], settings, places.number, checkpoints, progress)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            left = [trainee for trainee in left if not trainee.is_done]
            no_room = error.with_traceback(None)  # whose frames hold what fills the device
        else:
            left = left[n_resident:]
            continue
        memory.free()
        if n_resident > places.number:
            n_resident = -(-n_resident // 2 // places.number) * places.number
            memory.tell(f"half as many voters, {n_resident}, are kept there at a time")
        else:
            places.halve(no_room)
            n_resident = places.number


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
            state = stack.state_at(place)
            if all(np.isfinite(value).all() for value in state.values()):
                voter.state = {name: state[name] for name in voter.first_state()}
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
