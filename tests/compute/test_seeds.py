"""What runs with a seed depends on the seed alone, and leaves everything else as it was."""

import importlib
import pickle
import random
import sys
import threading
import warnings
from itertools import permutations

import joblib
import numpy as np
import pytest
import sklearn
from joblib import Memory
from numba import njit
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import ExtraTreesClassifier, StackingClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_info, threadpool_limits

from sklearn_certify._compute import seeds
from sklearn_certify._compute.global_generators import seeded_global_generators
from sklearn_certify._compute.seeds import (
    SeededClones,
    alone_with_seed,
    fit_seeded_clone,
    seeded_clone,
    seeded_runs,
)
from sklearn_certify.exceptions import UnsoundVoterError

python_random = random.random  # taken before anybody could watch it


@njit
def numba_draw():
    return np.random.normal(), random.gauss(0.0, 1.0)


def draw():
    """Draw from each generator what leaves something behind: half of a pair, a place in a row."""
    return (
        random.gauss(0, 1),
        random.random(),
        random.sample(range(100), 3),
        np.random.normal(),
        np.random.randint(100),
        numba_draw(),
    )


def states():
    key, gauss = np.random.get_state()[1:], random.getstate()
    return gauss, key[0].tolist(), key[1:]


def in_a_thread(function, *arguments):
    outcomes = []

    def work():
        try:
            outcomes.append((function(*arguments), None))
        except BaseException as error:
            outcomes.append((None, error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    result, error = outcomes[0]
    if error is not None:
        raise error
    return result


@pytest.fixture(autouse=True)
def generators_have_half_a_pair():
    random.seed(1)
    np.random.seed(1)
    random.gauss(0, 1), np.random.normal()


# ---- clones


class Remembers(GaussianNB):
    def __init__(self, memory=5):
        super().__init__()
        self.memory = memory


class Chance(TransformerMixin, BaseEstimator):
    def __init__(self, generator=None, random_state=None):
        self.generator = generator
        self.random_state = random_state


ESTIMATORS = {
    "none": GaussianNB(),
    "one": SGDClassifier(),
    "a RandomState": SGDClassifier(random_state=np.random.RandomState(3)),
    "pipeline": make_pipeline(StandardScaler(), DecisionTreeClassifier(random_state=7)),
    "cached": make_pipeline(Chance(), make_pipeline(SGDClassifier(), memory="b"), memory="a"),
    "cached by an object": make_pipeline(SGDClassifier(), memory=Memory(None)),
    "memory that is none": Remembers(),
    "stacked": StackingClassifier([("a", SGDClassifier()), ("b", GaussianNB())]),
    "search": GridSearchCV(SGDClassifier(), {"alpha": [1]}, cv=KFold(2)),
    "another generator": Chance(np.random.RandomState(5)),
}


def settings(estimator):
    parameters = estimator.get_params(deep=True)
    return {name: repr(value) for name, value in parameters.items() if name != "generator"}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_clones_of_one_estimator_are_those_made_one_by_one(name):
    estimator = ESTIMATORS[name]
    before = settings(estimator)
    own = SeededClones(estimator)
    for clones in (own, pickle.loads(pickle.dumps(own))):
        for seed in (0, 5, 2**31 - 1):
            made, expected = clones.make(seed), seeded_clone(estimator, seed)
            assert settings(made) == settings(expected)
            assert made is not clones.estimator and made is not clones.make(seed)
            found = made.get_params(deep=True)
            for key in found:
                last = key.rpartition("__")[2]
                assert last != "random_state" or found[key] == seed
                assert last != "memory" or found[key] in (None, 5)
            if "generator" in found and found["generator"] is not None:
                numbers = found["generator"].rand(3)
                np.testing.assert_array_equal(numbers, np.random.RandomState(5).rand(3))
    assert settings(estimator) == before


def test_what_is_called_memory_and_is_no_cache_stays():
    assert seeded_clone(Remembers(), 1).memory == 5
    assert seeded_clone(make_pipeline(Remembers(), memory="somewhere"), 1).memory is None


def test_a_seeded_fit_depends_on_the_seed_alone():
    X, y = np.random.default_rng(0).random((30, 3)), np.arange(30) % 2
    before = states()

    def importances(seed):
        fitted = fit_seeded_clone(ExtraTreesClassifier(2), X, y, seed)
        return fitted.feature_importances_.tolist()

    assert importances(1) == importances(1) != importances(2)
    assert states() == before


# ---- runs


def test_a_run_sees_nothing_of_those_before_it():
    """Whichever runs there are, and in whatever order: each draws what it draws alone."""
    alone = {}
    for seed in (3, 5, 2**31 - 1):
        with seeded_runs() as run:
            alone[seed] = run(seed, draw)
    assert len({repr(drawn) for drawn in alone.values()}) == 3
    for size in (2, 3):
        for order in permutations(alone, size):
            with seeded_runs() as run:
                for seed in order:
                    assert run(seed, draw) == alone[seed]
    with seeded_runs() as run:
        for _ in range(3):
            assert run(5, draw) == alone[5]
    for context in (seeded_global_generators, alone_with_seed):
        with context(5):
            assert draw() == alone[5]


def draw_and(spoil):
    drawn = draw()
    spoil()
    return drawn


SPOILS = {
    "seeds": lambda: (random.seed(8), np.random.seed(8)),
    "sets states": lambda: (
        random.setstate(random.Random(8).getstate()),
        np.random.set_state(np.random.RandomState(8).get_state()),
    ),
    "draws much": lambda: (np.random.normal(size=1001), [random.random() for _ in range(999)]),
    "runs others": lambda: run_others(),
    "joblib": lambda: joblib.parallel_config("threading", n_jobs=3),
    "threads": lambda: threadpool_limits(3),
    "errors of numpy": lambda: np.seterr(all="raise"),
    "scikit-learn": lambda: sklearn.set_config(assume_finite=True),
    "warnings": lambda: warnings.simplefilter("error"),
    "other filters": lambda: (warnings.catch_warnings().__enter__(), warnings.resetwarnings()),
}


def run_others():
    with seeded_runs() as run:
        run(77, draw)


def global_settings():
    return np.geterr(), sklearn.get_config(), filters()


def filters():
    return list(warnings.filters)


@pytest.mark.parametrize("spoil", SPOILS)
def test_what_a_run_leaves_behind_reaches_nobody(spoil):
    def look():
        threads = {library["num_threads"] for library in threadpool_info()}
        return draw(), global_settings(), joblib.effective_n_jobs(None), threads

    before, threads, set_before = states(), threadpool_info(), global_settings()
    with seeded_runs() as run:
        expected = run(5, look)
    assert expected[2:] == (1, {1})
    with seeded_runs() as run:
        run(9, draw_and, SPOILS[spoil])
        assert run(5, look) == expected
    assert states() == before
    assert global_settings() == set_before
    assert threadpool_info() == threads
    assert joblib.effective_n_jobs(None) == 1


def test_filters_of_warnings_that_come_with_a_module_stay(tmp_path, monkeypatch):
    content = "import warnings\nwarnings.filterwarnings('ignore', 'of my own')"
    (tmp_path / "has_own_filters.py").write_text(content)
    monkeypatch.syspath_prepend(tmp_path)
    with seeded_runs() as run:
        run(5, importlib.import_module, "has_own_filters")
        run(5, draw)
    sys.modules.pop("has_own_filters")
    assert ("ignore", "of my own") in [(f[0], getattr(f[1], "pattern", None)) for f in filters()]


def test_a_nested_run_gives_back_what_it_borrowed():
    with seeded_runs() as run:
        expected = run(5, lambda: (random.random(), np.random.rand(), draw()))

        def nested():
            drawn = random.random(), np.random.rand()
            run_others()
            with alone_with_seed(6):
                random.random()
            numba_draw()  # the one that nobody can give back
            return drawn

        assert run(5, nested) == expected[:2]
        assert run(5, lambda: (*nested(), draw()[:5])) == (*expected[:2], expected[2][:5])


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ZeroDivisionError])
@pytest.mark.parametrize("where", ["in a run", "between runs"])
def test_generators_are_given_back_whatever_happens(where, error):
    def fail():
        draw()
        raise error

    before, threads = states(), threadpool_info()
    with pytest.raises(error), seeded_runs() as run:
        if where == "in a run":
            run(5, fail)
        run(5, draw)
        raise error
    assert states() == before
    assert threadpool_info() == threads


def test_a_failed_run_is_forgotten_as_any_other():
    def fail():
        draw()
        raise ZeroDivisionError

    with seeded_runs() as run:
        expected = run(5, draw)
        with pytest.raises(ZeroDivisionError):
            run(6, fail)
        assert run(5, draw) == expected


# ---- engines that start


@pytest.mark.parametrize("fails", [False, True])
def test_a_run_that_starts_an_engine_is_repeated(fails, monkeypatch):
    """Whatever came of it the first time, on generators without a seed and on all cores."""
    engines, numbers = [0], []
    monkeypatch.setattr(seeds, "_engines", lambda: len(engines))

    def work(offset):
        numbers.append(np.random.rand() + offset)
        if len(engines) < 3:
            engines.append(1)
            if fails:
                raise ZeroDivisionError
        return numbers[-1]

    with seeded_runs() as run:
        assert run(5, work, 1) == numbers[-1]
        assert len(numbers) == 3 and len(set(numbers)) == 1
        assert run(5, work, 1) == numbers[0] and len(numbers) == 4


def test_an_error_is_raised_at_once_where_no_engine_started():
    calls = []

    def fail():
        calls.append(1)
        raise ZeroDivisionError

    with seeded_runs() as run, pytest.raises(ZeroDivisionError):
        run(5, fail)
    assert len(calls) == 1


# ---- threads


DRAWS = {
    "python": lambda: random.random(),
    "numpy": lambda: np.random.rand(),
    "taken before": python_random,
}


@pytest.mark.parametrize("source", DRAWS)
@pytest.mark.parametrize("fails", [False, True])
def test_runs_in_a_thread_may_draw_nothing(source, fails):
    def work():
        DRAWS[source]()
        if fails:
            raise ZeroDivisionError  # perhaps by chance

    def thread():
        with seeded_runs() as run:
            try:
                run(5, work)
            except ZeroDivisionError:
                assert fails and source == "taken before"  # which is noticed in the end
            run(6, int)

    before = states()[1:]
    with pytest.raises(UnsoundVoterError, match="global random generator while voters work in"):
        in_a_thread(thread)
    assert source == "numpy" or states()[1:] == before


def test_runs_in_a_thread_have_numba_and_limits():
    with seeded_runs() as run:
        expected = run(5, numba_draw)

    def thread():
        with seeded_runs() as run:
            run(6, numba_draw)
            return run(5, numba_draw), {library["num_threads"] for library in threadpool_info()}

    assert in_a_thread(thread) == (expected, {1})


def leave_a_thread_behind(draw):
    """Start a thread that draws when it is told to, and return how to tell it."""
    told, done = threading.Event(), threading.Event()

    def work():
        while told.wait() and not done.is_set():
            told.clear()
            draw()
            drawn.release()

    drawn = threading.Semaphore(0)
    threading.Thread(target=work, daemon=True).start()

    def tell():
        told.set()
        drawn.acquire()

    def stop():
        done.set()
        told.set()

    return tell, stop


def test_threads_that_a_run_leaves_behind_reach_no_number_of_the_next():
    with seeded_runs() as run:
        expected = run(5, lambda: (random.random(), random.random()))
    before = states()
    with seeded_runs() as run:
        tell, stop = run(9, leave_a_thread_behind, lambda: random.random())
        assert run(5, lambda: (random.random(), tell(), random.random())) == (
            expected[0],
            None,
            expected[1],
        )
        stop()
    assert states()[1:] == before[1:]
    # it went on where the user's numbers had stopped
    moved = random.Random()
    moved.setstate(before[0])
    moved.random()
    assert random.getstate() == moved.getstate()


def test_numpys_numbers_are_refused_if_such_a_thread_draws_them_too():
    with seeded_runs() as run:
        tell, stop = run(9, leave_a_thread_behind, np.random.rand)
        run(4, tell)  # nobody else draws
        run(4, np.random.rand)
        with pytest.raises(UnsoundVoterError, match="and so does another thread"):
            run(5, lambda: (np.random.rand(), tell()))
        stop()


def test_such_a_thread_is_not_held_against_the_next_run_in_a_thread():
    def thread():
        with seeded_runs() as run:
            tell, stop = run(9, leave_a_thread_behind, np.random.rand)
            run(5, tell)
            stop()

    in_a_thread(thread)
