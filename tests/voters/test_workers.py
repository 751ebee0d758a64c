"""Workers get what they need and no more."""

import tracemalloc
from collections import Counter

import joblib
import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin

from sklearn_certify._compute.progress import Progress
from sklearn_certify.voters import fit_voters
from sklearn_certify.voters._fitting import _TakenVoters, tasks_of
from sklearn_certify.voters._tasks import room_for_rows, voters_at_once, voters_to_ask

HOW = {"n_jobs": None, "verbose": 0, "on_voter_error": "raise"}
CLASSES = np.array([0, 1])

sent = Counter()  # what was pickled in this process, and so for another one


class Parcel:
    """Part of a row that counts how often it is sent."""

    def __init__(self, name):
        self.name = name

    def __reduce__(self):
        sent[self.name] += 1
        return Parcel, (self.name,)


class Constant(ClassifierMixin, BaseEstimator):
    """Remembers the names of its rows and votes 0."""

    def fit(self, X, y):
        self.names_ = [parcel.name for parcel in X[:, 0]]
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.zeros(len(X), dtype=int)

    def __getstate__(self):
        if hasattr(self, "names_"):
            sent[tuple(self.names_)] += 1
        return super().__getstate__()


def parcels(kind, n_rows):
    X = np.empty((n_rows, 1), dtype=object)
    X[:, 0] = [Parcel(f"{kind} {row}") for row in range(n_rows)]
    return X


def test_each_row_is_sent_to_those_who_need_it():
    n_workers, n_voters = 2, 12
    X, y, queries = parcels("row", 36), np.arange(36) % 2, parcels("query", 5)
    rows_of_voters = [np.arange(voter, voter + 5) for voter in range(n_voters)]
    sent.clear()
    with joblib.parallel_config(backend="multiprocessing", n_jobs=n_workers):
        voters = fit_voters(Constant(), X, y, rows_of_voters, range(n_voters), CLASSES, **HOW)
    numbered = zip(range(n_voters), range(n_voters), rows_of_voters, strict=True)
    taken = _TakenVoters(X, y, numbered, None, Progress())
    tasks = tasks_of(taken, n_voters, room_for_rows(X), n_workers)
    rows_of_tasks = (
        {row for voter in task for row in rows_of_voters[voter.number]} for task in tasks
    )
    # once with each task; voters come back from where they were pickled
    assert sent == Counter(f"row {row}" for rows in rows_of_tasks for row in rows)
    assert sent.total() > 36
    assert [voter.names_ for voter in voters.estimators] == [
        [f"row {row}" for row in rows] for rows in rows_of_voters
    ]
    sent.clear()
    with joblib.parallel_config(backend="multiprocessing", n_jobs=n_workers):
        votes, _ = voters.votes(queries, **HOW)
    assert (votes == 0).all()
    queries_sent = [sent.pop(f"query {row}") for row in range(5)]
    assert min(queries_sent) >= 1 and max(queries_sent) <= n_workers
    assert sent == {tuple(voter.names_): 1 for voter in voters.estimators}  # and no training row


def test_threads_are_sent_nothing():
    X, y, queries = parcels("row", 36), np.arange(36) % 2, parcels("query", 5)
    sent.clear()
    with joblib.parallel_config(backend="threading", n_jobs=2):
        voters = fit_voters(
            Constant(), X, y, [np.arange(v, v + 5) for v in range(9)], range(9), CLASSES, **HOW
        )
        voters.votes(queries, **HOW)
    assert not sent


@pytest.mark.parametrize(
    ("backend", "n_jobs", "n_tasks"),
    [
        ("loky", 1, 1),
        ("threading", 1, 1),
        ("loky", 3, 3),
        ("multiprocessing", 3, 3),
        ("threading", 3, 12),
        (None, 3, 12),  # threads, if nobody says otherwise
        ("threading", 50, 100),
        ("loky", 500, 100),
    ],
)
@pytest.mark.parametrize("from_outside", [False, True])
def test_every_voter_is_asked_once(backend, n_jobs, n_tasks, from_outside):
    config = {} if backend is None else {"backend": backend}
    if from_outside:
        config["n_jobs"] = n_jobs
    with joblib.parallel_config(**config):
        shares = voters_to_ask(100, None if from_outside else n_jobs)
    assert len(shares) == n_tasks
    assert np.concatenate(shares).tolist() == list(range(100))
    assert {len(share) for share in shares} <= {100 // n_tasks, 100 // n_tasks + 1}


@pytest.mark.parametrize("n_workers", [1, 2, 7])
@pytest.mark.parametrize("n_voters", [1, 5, 300])
def test_tasks_shrink_so_that_workers_end_together(n_voters, n_workers):
    sizes, n_left = [], n_voters
    while n_left:
        sizes.append(voters_at_once(n_left, n_workers))
        # while one worker is at it, the others have as much to do each
        assert n_workers == 1 or n_left == 1 or (sizes[-1] - 1) * n_workers <= n_left - sizes[-1]
        n_left -= sizes[-1]
    assert sum(sizes) == n_voters and sizes == sorted(sizes, reverse=True)
    assert len(sizes) == 1 if n_workers == 1 else sizes[-1] == 1
    assert len(sizes) <= 4 * n_workers * (1 + np.log(n_voters))


FORMS = {
    "numbers": np.random.default_rng(0).random((3000, 20)),
    "images": np.random.default_rng(0).random((3000, 4, 5)),
    "sparse": csr_matrix(np.random.default_rng(0).random((3000, 20))),
    "texts": np.array([f"text {row}" for row in range(3000)], dtype=object),
    "wide": np.random.default_rng(0).random((3000, 2000)),
}


@pytest.mark.parametrize("form", FORMS)
def test_tasks_hold_each_voter_once_and_few_rows(form):
    X, y = FORMS[form], np.arange(3000) % 2
    rng = np.random.default_rng(1)
    rows_of_voters = [rng.integers(3000, size=n) for n in (0, 2000, *rng.integers(200, size=50), 1)]
    voters = zip(range(53), range(100, 153), rows_of_voters, strict=True)
    tasks = list(
        tasks_of(_TakenVoters(X, y, voters, None, Progress()), 53, room_for_rows(X), n_workers=1)
    )
    assert len(tasks) > 5
    assert [(voter.number, voter.seed) for task in tasks for voter in task] == [
        (number, 100 + number) for number in range(53)
    ]
    assert form == "wide" or len(tasks) < 15
    for task in tasks:
        sizes = [len(voter.y) for voter in task]
        assert len(task) == 1 or sum(sizes) <= room_for_rows(X) <= 1024
        for voter in task:
            np.testing.assert_array_equal(voter.y, y[rows_of_voters[voter.number]])
            difference = X[rows_of_voters[voter.number]] != voter.X
            assert not (difference.nnz if form == "sparse" else difference.any())


def test_rows_that_are_wide_go_one_voter_at_a_time():
    assert room_for_rows(np.empty((5, 2))) == 1024
    assert room_for_rows(np.empty((5, 2**17))) == 1
    assert room_for_rows(np.empty((5, 2**19))) == 0
    assert room_for_rows(csr_matrix((5, 2**19))) == 1024


def test_many_rows_go_in_tasks_of_bounded_size():
    assert room_for_rows(np.broadcast_to(0.0, (10**5, 2**10))) == 10**5 // 64
    assert room_for_rows(np.broadcast_to(0.0, (10**7, 2**10))) == 2**11
    assert room_for_rows(np.broadcast_to(0.0, (10**9, 2))) == 2**14


class Forgetful(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_there_is_never_a_copy_of_all_voters_rows(n_jobs):
    """Voters share rows here: their copies would take 64 times the memory of the rows."""
    rng = np.random.default_rng(0)
    X, y = rng.random((1000, 125)), np.arange(1000) % 2
    rows_of_voters = [rng.permutation(1000) for _ in range(64)]
    fit_voters(Forgetful(), X, y, [[0, 1]], [0], CLASSES, **HOW)  # a first fit imports much
    tracemalloc.start()
    try:
        with joblib.parallel_config(backend="threading"):
            fit_voters(
                Forgetful(),
                X,
                y,
                rows_of_voters,
                range(64),
                CLASSES,
                **{**HOW, "n_jobs": n_jobs},
            )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * X.nbytes
