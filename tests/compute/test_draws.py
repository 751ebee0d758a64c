"""Draws are noticed, and told apart by the threads that draw."""

import pickle
import random
import threading

import numpy as np

from sklearn_certify._compute.draws import watched_draws


def test_generators_of_others_go_on_too():
    """Numbers that other threads draw meanwhile are those that they would have drawn."""
    random.seed(1)
    np.random.seed(1)
    expected = [random.random(), random.random(), *np.random.rand(2), random.random()]
    random.seed(1)
    np.random.seed(1)
    drawn = [random.random()]
    with watched_draws() as watch:
        others = threading.Thread(target=lambda: None)
        others.start()
        others.join()
    assert not watch.drew and not watch.disturbed
    start, done = threading.Event(), threading.Event()

    def draw():
        start.wait()
        drawn.extend([random.random(), *np.random.rand(2)])
        done.set()

    thread = threading.Thread(target=draw)
    thread.start()
    with watched_draws() as watch:
        start.set()
        done.wait()
    thread.join()
    assert [*drawn, random.random()] == expected
    assert not watch.drew and watch.disturbed == {"python", "numpy"}


def test_the_generator_can_be_copied_while_it_is_watched():
    with watched_draws() as watch:
        copies = [pickle.loads(pickle.dumps(np.random.mtrand._rand)), random.random]
        functions = pickle.loads(pickle.dumps([random.random, random.choice, random.gauss]))
        watch.drew.clear()  # which looking at a state may count as
        copies[0].normal(size=3)
        assert not watch.drew
        np.random.rand()
    assert watch.drew == {"numpy"}
    assert all(0 <= function([0.5, 0.5]) <= 1 for function in functions[1:2])


def test_a_restart_forgets_and_makes_bystanders_of_those_who_are_there():
    start, drawn = threading.Event(), threading.Event()

    def draw():
        start.wait()
        random.random(), np.random.rand()
        drawn.set()

    with watched_draws() as watch:
        random.random(), np.random.rand()
        thread = threading.Thread(target=draw)  # of this thread, until the restart
        thread.start()
        assert watch.drew == {"python", "numpy"} and not watch.disturbed
        watch.restart()
        assert not watch.drew and not watch.disturbed
        start.set()
        drawn.wait()
        assert not watch.drew and watch.disturbed == {"python", "numpy"}
        watch.restart()
        assert not watch.drew and not watch.disturbed
    thread.join()
