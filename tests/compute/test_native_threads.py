"""Libraries compute on one core inside the block, and on as many as before outside."""

import threading
from types import SimpleNamespace

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from sklearn_certify._compute import native_threads
from sklearn_certify._compute.native_threads import native_engines, one_native_thread


def threads(kind=None):
    return [
        library["num_threads"]
        for library in threadpool_info()
        if kind in (None, library["user_api"])
    ]


@pytest.fixture(autouse=True)
def two_threads_outside():
    with threadpool_limits(2):
        yield


def test_one_thread_inside_and_as_many_as_before_outside():
    assert set(threads()) == {2}
    with one_native_thread():
        assert set(threads()) == {1}
        with one_native_thread():
            assert set(threads()) == {1}
        assert set(threads()) == {1}
    assert set(threads()) == {2}


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_limits_are_taken_back_whatever_happens(error):
    with pytest.raises(error), one_native_thread():
        raise error
    assert set(threads()) == {2}


def test_limits_can_be_set_again():
    with one_native_thread() as limit_again:
        threadpool_limits(2)
        assert set(threads()) == {2}
        limit_again()
        assert set(threads()) == {1}
    assert set(threads()) == {2}


def test_libraries_that_are_loaded_inside_are_limited_too(monkeypatch):
    class Controller:
        """Finds a library only when there are more modules than before."""

        def __init__(self):
            self.lib_controllers = libraries[: len(found)]
            found.append(self)

        def limit(self, limits, user_api):
            before = [(library, library.threads[-1]) for library in self.lib_controllers]
            for library, _ in before:
                library.set_num_threads(limits)
            return Limit(before)

    class Limit:
        def __init__(self, before):
            self.before = before

        def restore_original_limits(self):
            for library, n_threads in self.before:
                library.set_num_threads(n_threads)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.restore_original_limits()

    def make_library(name):
        library = SimpleNamespace(name=name, threads=[8])
        library.set_num_threads = library.threads.append
        return library

    found, libraries, modules = [], [make_library("first"), make_library("second")], {}
    monkeypatch.setattr(native_threads, "sys", SimpleNamespace(modules=modules))
    monkeypatch.setattr(native_threads, "ThreadpoolController", Controller)
    native_threads._controller.cache_clear()
    try:
        with one_native_thread() as limit_again:
            before = native_engines()
            assert libraries[0].threads[-1] == 8  # not found yet
            modules["first"] = None
            assert native_engines() != before
            limit_again()
            assert [library.threads[-1] for library in libraries] == [1, 8]
            modules["second"] = None
            limit_again()
            assert [library.threads[-1] for library in libraries] == [1, 1]
            limit_again()
        assert [library.threads[-1] for library in libraries] == [8, 8]
        assert len(found) == 3
    finally:
        native_threads._controller.cache_clear()


def test_linear_algebra_is_free_when_the_last_thread_has_left():
    entered, leave = threading.Event(), threading.Event()

    def work():
        with one_native_thread():
            entered.set()
            leave.wait()

    thread = threading.Thread(target=work)
    thread.start()
    entered.wait()
    with one_native_thread():
        leave.set()
        thread.join()
        assert set(threads()) == {1}
    assert set(threads()) == {2}


def test_numba_is_limited_as_soon_as_it_has_threads(monkeypatch):
    threads_of_numba = [7]

    def layer():
        if not threads_of_numba[1:]:
            raise ValueError("no parallel loop has run")
        return "omp"

    monkeypatch.setattr(
        native_threads,
        "numba",
        SimpleNamespace(
            threading_layer=layer,
            get_num_threads=lambda: threads_of_numba[-1],
            set_num_threads=threads_of_numba.append,
        ),
    )
    with one_native_thread() as limit_again:
        limit_again()
        assert threads_of_numba == [7]
        before = native_engines()
        threads_of_numba.append(6)  # the first parallel loop
        assert native_engines() != before
        limit_again()
        assert threads_of_numba[-1] == 1
        threads_of_numba.append(3)
        limit_again()
        assert threads_of_numba[-1] == 1
    assert threads_of_numba[-1] == 6


def test_torch_listens_even_if_it_was_told_a_number():
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()

    def of_linear_algebra():
        return "mkl_get_max_threads() : 3" in torch.__config__.parallel_info()

    def compute():
        with one_native_thread():
            torch.ones(2, 2) @ torch.ones(2, 2)
            seen.append((torch.get_num_threads(), of_linear_algebra()))

    seen = []
    try:
        torch.set_num_threads(3)
        has_its_own = of_linear_algebra()
        workers = [threading.Thread(target=compute) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        compute()
        assert seen == [(1, False)] * 4
        assert torch.get_num_threads() == 3 and of_linear_algebra() == has_its_own
    finally:
        torch.set_num_threads(before)
