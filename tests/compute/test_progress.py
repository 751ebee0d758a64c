"""Lines about long work, with a clock that stands still until it is told to go on."""

import io

import pytest
from joblib import delayed, parallel_config

from sklearn_certify._compute import progress as module
from sklearn_certify._compute.progress import Progress, progress_of, run_tasks


@pytest.fixture
def clock(monkeypatch):
    """A clock; ``clock.now`` is the second that it shows."""

    class Clock:
        now = 0.0

    monkeypatch.setattr(module, "monotonic", lambda: Clock.now)
    return Clock


def work(progress, clock, n_all=100, seconds=1.0, **counted):
    with progress.on("Voters", n_all, "fitted"):
        for _ in range(n_all):
            clock.now += seconds
            progress.count(1, **counted)


def test_a_line_in_ten_seconds(clock, capsys):
    work(Progress(1), clock)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 10
    assert lines[0] == "Voters: 10 of 100 fitted, 90 s left"
    assert lines[-1] == "Voters: 100 of 100 fitted"


def test_short_work_says_nothing_and_more_of_it_more(clock, capsys):
    work(Progress(1), clock, seconds=0.09)
    assert capsys.readouterr().out == ""
    work(Progress(2), clock, seconds=0.25)
    assert len(capsys.readouterr().out.splitlines()) == 25
    work(Progress(10), clock, seconds=0.0)
    assert len(capsys.readouterr().out.splitlines()) == 100
    work(Progress(0), clock, seconds=100)
    assert capsys.readouterr().out == ""


def test_what_is_kept_takes_no_time_and_what_fails_is_counted(clock, capsys):
    progress = Progress(1)
    with progress.on("Voters", 2000, "fitted"):
        progress.count(1000, n_kept=1000)
        clock.now += 10
        progress.count(0)
        assert capsys.readouterr().out == ""  # nothing has been done since
        progress.count(100, n_failed=2)
    assert capsys.readouterr().out == (
        "Voters: 1,100 of 2,000 fitted, 1,000 of them kept in memory, 2 failed, 90 s left\n"
    )


@pytest.mark.parametrize(
    ("seconds", "said"), [(119, "119 s"), (120, "2 min"), (7199, "120 min"), (9000, "2 h")]
)
def test_long_times_are_said_in_minutes_and_hours(clock, capsys, seconds, said):
    progress = Progress(10)
    with progress.on("Rows", 2, "transformed"):
        clock.now += seconds
        progress.count(1)
    assert capsys.readouterr().out == f"Rows: 1 of 2 transformed, {said} left\n"


def test_a_terminal_has_one_line_that_is_taken_back(clock, monkeypatch):
    screen = io.StringIO()
    screen.isatty = lambda: True
    monkeypatch.setattr(module.sys, "stdout", screen)
    work(Progress(1), clock, n_all=3)
    assert screen.getvalue() == (
        "\r\x1b[KVoters: 1 of 3 fitted, 2 s left"
        "\r\x1b[KVoters: 2 of 3 fitted, 1 s left"
        "\r\x1b[KVoters: 3 of 3 fitted"
        "\r\x1b[K"
    )


def test_a_block_in_a_block_is_part_of_its_work(clock, capsys):
    progress = Progress(10)
    with progress.on("Votes", 4, "cast"):
        for _ in range(2):
            with progress_of(progress).on("Votes", 2, "cast"):
                clock.now += 1
                progress.count(2)
    work(progress, clock, n_all=1)  # starts anew
    assert capsys.readouterr().out.splitlines() == [
        "Votes: 2 of 4 cast, 1 s left",
        "Votes: 4 of 4 cast",
        "Voters: 1 of 1 fitted",
    ]


def triple(number):
    return 3 * number


@pytest.mark.parametrize("backend", ["sequential", "threading", "loky", "multiprocessing"])
@pytest.mark.parametrize("in_order", [True, False])
def test_tasks_are_counted_wherever_they_run(backend, in_order, capsys):
    progress = Progress(10)
    with parallel_config(backend), progress.on("Tasks", 7, "done"):
        results = run_tasks(
            map(delayed(triple), range(7)),
            progress,
            lambda result: {"n_done": 1},
            in_order=in_order,
            n_jobs=2,
        )
    if in_order:
        assert results == list(range(0, 21, 3))
    assert sorted(results) == list(range(0, 21, 3))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 7
    assert lines[-1] == "Tasks: 7 of 7 done"


def test_where_nobody_watches_nothing_is_counted():
    def count(result):
        raise AssertionError

    assert run_tasks(map(delayed(triple), range(3)), Progress(0), count) == [0, 3, 6]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_errors_are_those_of_the_tasks(n_jobs):
    tasks = (delayed(int)(text) for text in ["1", "one", "2"])
    progress = Progress(1)
    with (
        pytest.raises(ValueError, match="'one'"),
        parallel_config("threading"),
        progress.on("Tasks", 3, "done"),
    ):
        run_tasks(tasks, progress, lambda result: {"n_done": 1}, n_jobs=n_jobs)
