"""A network of skorch that is a function of its rows and its seed."""

import threading
from contextlib import contextmanager
from copy import deepcopy

import numpy as np
import torch
from scipy.sparse import issparse
from sklearn.utils import check_random_state, column_or_1d
from skorch import NeuralNetClassifier
from skorch.dataset import Dataset

from .._compute.deterministic_torch import deterministic_kernels
from .._compute.native_threads import one_native_thread
from .._compute.seeds import LARGEST_SEED, alone_with_seed
from ..base import all_or_nothing, resolve_classes
from ..exceptions import LearnerError, UnsoundVoterError
from ._skorch_errors import explained_errors
from ._skorch_rows import find_row_form

__all__ = ["NetClassifier"]


class NetClassifier(NeuralNetClassifier):
    """skorch's `NeuralNetClassifier` as a voter: its rows and its seed decide, to the last bit.

    What it adds: `random_state` seeds the first weights, the order of the rows, dropout and
    augmentation, and what else draws from the generators of Python, NumPy or torch, all of which
    are set back; kernels are deterministic, on one core; labels may be of any kind; rows become
    what the module takes; a training whose loss is no number is an error, and not a vote. The
    defaults suit voters with few rows. All else, from callbacks to ``save_params``, is skorch's.

    Parameters
    ----------
    module : torch module or class of torch modules
        One output per label, or more. An instance is copied, with the weights that it has.
    criterion : class of torch losses, default=torch.nn.CrossEntropyLoss
        Takes the module's outputs and the positions of the labels in ``classes_``.
    optimizer : class of torch optimizers, default=torch.optim.Adam
        What changes the weights.
    lr : float, default=0.01
        Learning rate.
    max_epochs : int, default=30
        Number of times that each row is visited.
    batch_size : int, default=32
        Rows in a step.
    train_split : callable or None, default=None
        What holds out rows, such as skorch's `ValidSplit`; None learns from all of them. Voters
        may have very few rows to hold out from.
    classes : array-like of shape (n_classes,), default=None
        All labels there can be, of which the first has the first output when they are sorted.
        None: the labels of the rows, which are some of them.
    verbose : int, default=0
        Whether skorch prints a line per epoch.
    iterator_train__shuffle : bool, default=True
        Whether the rows of each epoch come in an order of their own.
    random_state : int, RandomState instance or None, default=None
        Source of the seed. An ensemble gives each voter its own.
    **kwargs
        skorch's other parameters, such as ``module__n_hidden``, ``optimizer__weight_decay``,
        ``callbacks`` or ``device``.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    module_ : torch module
        What was trained.
    history_ : History
        skorch's record of all epochs.

    See Also
    --------
    sklearn_certify.sanitize.HiddenLayerTransformer : A layer of a network as features.

    Notes
    -----
    Rows of floating-point numbers become ``float32``, and so do whole numbers, unless the module
    takes them as they are, as one that starts with an `Embedding` does. Where the first
    convolution of two dimensions takes one channel, images of shape (n, height, width) get it;
    images of shape (n, height, width, n_channels) have their channels moved to the front where the
    module does not take them as they are. All that is found out on the form of one row.

    Where voters work in threads, the generators that a network draws from are shared, so that it
    is refused there; processes (``n_jobs``) are welcome.

    Examples
    --------
    >>> import torch
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_certify import DPAClassifier
    >>> from sklearn_certify.networks import NetClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> module = torch.nn.Sequential(
    ...     torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10)
    ... )
    >>> voters = DPAClassifier(NetClassifier(module), n_partitions=10).fit(X[:1500], y[:1500])
    >>> voters.certified_accuracy(X[1500:], y[1500:], poison_size=2) > 0.6
    True
    """

    def __init__(
        self,
        module,
        *,
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        lr=0.01,
        max_epochs=30,
        batch_size=32,
        train_split=None,
        classes=None,
        verbose=0,
        iterator_train__shuffle=True,
        random_state=None,
        **kwargs,
    ):
        super().__init__(
            module,
            criterion=criterion,
            optimizer=optimizer,
            lr=lr,
            max_epochs=max_epochs,
            batch_size=batch_size,
            train_split=train_split,
            classes=classes,
            verbose=verbose,
            iterator_train__shuffle=iterator_train__shuffle,
            **kwargs,
        )
        self.random_state = random_state

    def get_params(self, deep=True):
        """Return the parameters, without skorch's list of those that it has not checked yet."""
        params = super().get_params(deep=deep)
        params.pop("_params_to_validate", None)
        return params

    def fit(self, X, y, **fit_params):
        """Train the module anew, unless skorch's ``warm_start`` is set.

        Parameters
        ----------
        X : array-like of shape (n_rows, ...)
            Rows.
        y : array-like of shape (n_rows,)
            Labels.
        **fit_params
            For ``forward`` of the module.

        Returns
        -------
        self

        Raises
        ------
        LearnerError
            If the training diverges, rows cannot be held out, the module has too few outputs, or
            the device fails.
        InvalidInputError
            If y holds labels that `classes` lacks.
        """
        with all_or_nothing(self):
            if not (self.warm_start and self.initialized_):
                self.initialized_, self.history_ = False, None
                for name in ("labels_", "row_form_"):
                    vars(self).pop(name, None)
            with self._learning(y) as positions:
                super().fit(X, positions, **fit_params)
        return self

    def partial_fit(self, X, y, classes=None, **fit_params):
        """Train the module for another `max_epochs`.

        Parameters
        ----------
        X : array-like of shape (n_rows, ...)
            Rows.
        y : array-like of shape (n_rows,)
            Labels.
        classes : array-like of shape (n_classes,), default=None
            All labels there can be, where the parameter `classes` does not tell; for the first
            call.
        **fit_params
            For ``forward`` of the module.

        Returns
        -------
        self
        """
        if self._is_learning:  # in a fit
            return super().partial_fit(X, y, **fit_params)
        with self._learning(y, classes) as positions:
            return super().partial_fit(X, positions, **fit_params)

    @contextmanager
    def _learning(self, y, classes=None):
        """Yield the positions of the labels; inside, the network speaks of positions alone."""
        known = getattr(self, "labels_", None)
        if known is None:
            known = self.classes if classes is None else classes
        if threading.current_thread() is not threading.main_thread():
            raise UnsoundVoterError(
                f"{type(self).__name__} draws from generators that all threads share, and learns "
                "in the main thread of a process alone; use joblib's processes, or n_jobs=None."
            )
        y = column_or_1d(y)
        labels = resolve_classes(y, known)
        state = check_random_state(self.random_state).randint(LARGEST_SEED)
        n_epochs = len(self.history_ or ())  # so that every call draws other numbers
        seed = np.random.SeedSequence((state, n_epochs)).generate_state(1)[0] % LARGEST_SEED
        self.labels_, self.learns_, self.interrupt_ = np.arange(len(labels)), True, None
        try:
            with explained_errors(self):
                torch.empty(0, device=self.device)  # from here on there are its generators
                with deterministic_kernels(), alone_with_seed(int(seed)):
                    yield np.searchsorted(labels, y)
            if self.interrupt_ is not None:
                raise self.interrupt_
            self._check_weights()
        finally:
            self.labels_, self.learns_, self.interrupt_ = labels, False, None

    @property
    def _is_learning(self):
        return getattr(self, "learns_", False)

    def fit_loop(self, X, y=None, epochs=None, **fit_params):
        """Go through the epochs, and remember an interrupt, which skorch takes for their end."""
        try:
            return super().fit_loop(X, y, epochs, **fit_params)
        except KeyboardInterrupt as interrupt:
            self.interrupt_ = interrupt
            raise

    def on_epoch_end(self, net, **kwargs):
        """Raise if the loss is no number."""
        super().on_epoch_end(net, **kwargs)
        for batch in self.history[-1].get("batches", []):
            loss = batch.get("train_loss", 0.0)
            if not np.isfinite(loss):
                self._raise_that_it_diverged(f"its loss in epoch {len(self.history)} is {loss}")

    def _check_weights(self):
        for name, weights in self.module_.named_parameters():
            if not bool(torch.isfinite(weights).all()):
                self._raise_that_it_diverged(f"{name} holds weights that are no numbers")

    def _raise_that_it_diverged(self, sign):
        raise LearnerError(
            f"The training diverged, {sign}; lower lr={self.lr}, scale the rows, or fill in what "
            "they miss."
        )

    def get_loss(self, y_pred, y_true, *args, **kwargs):
        """Return the loss, or raise if there are labels without an output."""
        if getattr(y_pred, "ndim", 0) == 2:
            self._check_outputs(y_pred.shape)
        return super().get_loss(y_pred, y_true, *args, **kwargs)

    def _check_outputs(self, shape):
        if len(shape) != 2 or shape[1] < len(self.classes_):
            raise LearnerError(
                f"The module makes an array of shape {tuple(shape)} of {shape[0]} rows, but there "
                f"are {len(self.classes_)} labels; give it one output per label."
            )

    def get_split_datasets(self, X, y=None, **fit_params):
        """Return what is learned from and what is held out, or say why nothing can be."""
        try:
            return super().get_split_datasets(X, y, **fit_params)
        except ValueError as error:
            if not self.train_split:
                raise
            raise LearnerError(
                f"train_split cannot hold out some of {len(y)} rows ({error}); leave it at None, "
                "which learns from all of them."
            ) from error

    def get_dataset(self, X, y=None):
        """Return a dataset of rows in the form that the module takes."""
        is_plain = isinstance(X, np.ndarray) or issparse(X)
        if is_plain and self.dataset is Dataset and X.shape[0]:  # others may take them otherwise
            if not hasattr(self, "row_form_"):
                self.row_form_ = find_row_form(self.module_, self._outputs_of, X)
            X = self.row_form_.apply(X)
        return super().get_dataset(X, y)

    def _outputs_of(self, rows):
        self._set_training(False)
        with torch.no_grad():
            return self.infer(rows)

    def get_iterator(self, dataset, training=False):
        """Return what gives batches, which draws nothing from torch's generator to predict."""
        iterator = super().get_iterator(dataset, training=training)
        if not training and getattr(iterator, "generator", iterator) is None:
            iterator.generator = torch.Generator()
        return iterator

    def initialized_instance(self, instance_or_cls, kwargs):
        """Return an instance, or a copy where one was given."""
        made = super().initialized_instance(instance_or_cls, kwargs)
        return deepcopy(made) if made is instance_or_cls else made

    @property
    def classes_(self):
        """The labels, sorted; their positions as long as the network learns."""
        return self.labels_ if hasattr(self, "labels_") else super().classes_

    def predict_proba(self, X):
        """Return the probability of every label.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Rows.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Outputs beyond those of the labels are left out.

        Raises
        ------
        LearnerError
            If what the module makes of some row is no number.
        """
        with explained_errors(self), deterministic_kernels(), one_native_thread():
            shares = super().predict_proba(X)
        self._check_outputs(shares.shape)
        shares = shares[:, : len(self.classes_)]
        total = shares.sum(axis=1, keepdims=True)
        unusable = ~np.isfinite(total)
        if unusable.any():
            raise LearnerError(
                f"The module makes no numbers of row {unusable.argmax()}; scale the rows, or fill "
                "in what they miss."
            )
        return shares / np.where(total > 0, total, 1)

    def predict(self, X):
        """Predict labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Rows.

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def __getstate__(self):
        # skorch writes modules into bytes, for which classes of a notebook cannot be found
        is_on_cpu = torch.device(self.device or "cpu").type == "cpu"
        return vars(self).copy() if is_on_cpu else super().__getstate__()

    def __setstate__(self, state):
        if "__cuda_dependent_attributes__" in state:
            super().__setstate__(state)
        else:
            vars(self).update(state)
