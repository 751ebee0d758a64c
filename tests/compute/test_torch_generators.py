"""Torch's generators are seeded and given back one by one, without what nobody uses."""

import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from sklearn_certify._compute.global_generators import seeded_global_generators
from sklearn_certify._compute.seeds import seeded_runs
from sklearn_certify._compute.torch_generators import TorchStates, seed_torch, torch_generators
from sklearn_certify.exceptions import UnsoundVoterError

torch = pytest.importorskip("torch")


class Device:
    """Stands for an accelerator: two generators that are there as soon as anybody works with it."""

    def __init__(self, monkeypatch, name):
        self.generators = [torch.Generator(), torch.Generator()]
        self.is_in_use = False
        module = getattr(torch, name)
        monkeypatch.setattr(module, "is_initialized", lambda: self.is_in_use)
        monkeypatch.setattr(module, "default_generators", tuple(self.generators))

    def draw(self):
        self.is_in_use = True
        return [torch.rand(3, generator=generator).tolist() for generator in self.generators]


@pytest.fixture(params=["cuda", "xpu"])
def device(request, monkeypatch):
    return Device(monkeypatch, request.param)


@pytest.fixture(autouse=True)
def nothing_seeds_all(monkeypatch):
    def refuse(seed):
        raise AssertionError("this takes long")

    monkeypatch.setattr(torch, "manual_seed", refuse)


def states(generators):
    return [generator.get_state().tolist() for generator in generators]


def test_numbers_are_those_of_manual_seed():
    before = torch.get_rng_state()
    for seed in (0, 5, 2**32 - 1):
        expected = torch.Generator().manual_seed(seed).get_state()
        with seeded_global_generators(seed):
            assert torch.get_rng_state().equal(expected)
            torch.randn(7)
    assert torch.get_rng_state().equal(before)


def test_nothing_is_done_as_long_as_nobody_has_imported_torch(monkeypatch):
    monkeypatch.delitem(sys.modules, "torch")
    assert torch_generators() == []
    seed_torch(3)
    states = TorchStates()
    states.restore()
    assert not states.have_changed()


def test_an_accelerator_that_nobody_uses_is_left_alone(device):
    before = states(device.generators)
    assert torch_generators() == [torch.default_generator]
    with seeded_global_generators(3):
        pass
    assert states(device.generators) == before


def test_accelerators_in_use_are_seeded_and_given_back(device):
    device.draw()
    before = states(device.generators)
    expected = torch.rand(3, generator=torch.Generator().manual_seed(3)).tolist()
    with seeded_global_generators(3):
        assert device.draw() == [expected] * 2
    assert states(device.generators) == before


def test_a_run_that_starts_an_accelerator_is_repeated_with_its_seed(device):
    for generator in device.generators:
        generator.manual_seed(77)  # by the user, for when it will be used
    before = states(device.generators)
    with seeded_runs() as run:
        first = run(3, device.draw)
        assert run(4, device.draw) != first
        assert run(3, device.draw) == first
    assert first == [torch.rand(3, generator=torch.Generator().manual_seed(3)).tolist()] * 2
    assert states(device.generators) == before  # as if it had not been used


def test_an_accelerator_that_was_started_last_is_given_back_too(device):
    device.generators[0].manual_seed(77)
    before = states(device.generators)
    with seeded_global_generators(3):
        device.draw()
    assert states(device.generators) == before


def in_a_thread(function):
    errors = []

    def work():
        try:
            function()
        except UnsoundVoterError as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return errors


@pytest.mark.parametrize("kind", ["memory", "accelerator", "accelerator that starts"])
def test_draws_in_a_thread_are_refused_unless_they_may_be(kind, device):
    device.is_in_use = kind == "accelerator"
    draw = torch.rand if kind == "memory" else lambda n: device.draw()

    def draw_when(torch_may_draw):
        def function():
            with seeded_runs(torch_may_draw=torch_may_draw) as run:
                run(3, draw, 1)

        return function

    assert in_a_thread(draw_when(True)) == []
    device.is_in_use = kind == "accelerator"
    assert len(in_a_thread(draw_when(False))) == 1
    assert in_a_thread(lambda: None) == []


def test_starting_an_accelerator_in_a_thread_is_no_draw(device):
    def start():
        device.is_in_use = True

    def function():
        with seeded_runs() as run:
            run(3, start)

    assert in_a_thread(function) == []


def test_apples_gpu_is_seeded_and_given_back(monkeypatch):
    generator = torch.Generator()
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(torch.mps, "get_rng_state", generator.get_state)
    monkeypatch.setattr(torch.mps, "set_rng_state", generator.set_state)
    monkeypatch.setattr(torch.mps, "manual_seed", generator.manual_seed)
    before = states([generator])
    with seeded_runs() as run:
        first = run(3, lambda: torch.rand(3, generator=generator).tolist())
        assert run(3, lambda: torch.rand(3, generator=generator).tolist()) == first
    assert first == torch.rand(3, generator=torch.Generator().manual_seed(3)).tolist()
    assert states([generator]) == before


@pytest.mark.parametrize("kind", ["a device of somebody's", "a torch that cannot tell"])
def test_where_other_devices_may_be_all_are_seeded(kind, monkeypatch):
    seeds = []
    monkeypatch.setattr(torch, "manual_seed", seeds.append)
    if kind == "a torch that cannot tell":
        monkeypatch.delattr(torch, "accelerator")
    else:
        device = SimpleNamespace(type="npu")
        monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda: device)
    with seeded_runs() as run:
        run(3, np.random.rand)
        run(4, np.random.rand)
    assert seeds == [3, 4]
