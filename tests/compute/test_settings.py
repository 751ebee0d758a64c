"""What a piece of work sets, and does not take back, ends with it."""

import subprocess
import sys

import pytest

from sklearn_certify._compute.seeds import seeded_runs

torch = pytest.importorskip("torch")

SPOILS = {
    "type": lambda: torch.set_default_dtype(torch.float64),
    "gradients": lambda: torch.set_grad_enabled(False),
    "algorithms": lambda: torch.use_deterministic_algorithms(True),
    "warnings of algorithms": lambda: torch.use_deterministic_algorithms(True, warn_only=True),
}


def look():
    return (
        torch.zeros(1).dtype,
        torch.zeros(1, requires_grad=True).exp().requires_grad,
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )


@pytest.mark.parametrize("spoil", SPOILS)
def test_settings_of_torch_reach_no_other_work(spoil):
    def fail():
        SPOILS[spoil]()
        assert look() != before
        raise RuntimeError("on the way")

    before = look()
    with seeded_runs() as run:
        with pytest.raises(RuntimeError, match="on the way"):
            run(1, fail)
        assert run(2, look) == before
    assert look() == before


def test_settings_of_the_user_stay():
    with seeded_runs() as run, torch.no_grad():
        run(1, SPOILS["type"])
        assert not run(2, torch.is_grad_enabled)
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()


def test_who_imports_torch_first_leaves_its_defaults():
    code = """
import sys
from sklearn_certify._compute.seeds import seeded_runs

def work():
    import torch
    torch.set_default_dtype(torch.float64)

assert "torch" not in sys.modules
with seeded_runs() as run:
    run(1, work)
assert sys.modules["torch"].get_default_dtype() == sys.modules["torch"].float32
"""
    subprocess.run([sys.executable, "-c", code], check=True)
