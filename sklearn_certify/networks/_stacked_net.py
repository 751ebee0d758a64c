"""Networks of torch, of which ensembles train and ask many at once."""

from collections.abc import Callable
from numbers import Real
from os import PathLike
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from .._compat import HasMethods, Integral, Interval, StrOptions, _fit_context, check_parameters
from .._compute.seeds import LARGEST_SEED
from ..exceptions import InvalidInputError, LearnerError
from ..learners import StackedClassifierMixin
from ._augmenting import per_voter
from ._checkpoints import Checkpoints
from ._devices import find_device, same_bits
from ._input_form import as_inputs, is_understood
from ._module_factory import make_module, n_outputs_for
from ._module_params import ModuleParamsMixin
from ._optimizers import OPTIMIZERS
from ._progress import Progress
from ._schedules import SCHEDULES
from ._settings import TrainingSettings
from ._stack_asking import probabilities_of
from ._stack_training import train
from ._stacked_module import structure_of
from ._trainee import Trainee

__all__ = ["StackedNetClassifier"]

_STACKS_AT_ONCE = 4  # as many voters are trained in a call, at least


class StackedNetClassifier(
    ModuleParamsMixin, StackedClassifierMixin, ClassifierMixin, BaseEstimator
):
    """A network of torch, of which an ensemble trains and asks many at once.

    Voters of an ensemble are many small networks on few rows each. Here copies of one module, each
    with weights of its own, are computed in the same calls. A copy follows from its rows and its
    seed, to the last bit: batches have one size, are cut from permutations of the voter's own rows,
    and neither another voter nor the place in the stack reaches them.

    Parameters
    ----------
    module : type of torch.nn.Module or callable, default=None
        Makes a new module. It is called with `module_params`, and with `input_shape` and
        `n_classes` if it takes arguments of these names: the shape of an input without the axis of
        the rows, ``(n_features,)`` or ``(channels, height, width)``; and the number of outputs to
        give, which is the number of the voter's own labels rounded up to a multiple of 16, so that
        a voter without one of the labels has the same shape. None: `SmallConvNet` for images,
        `MultilayerPerceptron` for tables.
    module_params : dict, default=None
        Further arguments. ``set_params(module__name=value)`` sets one of them.
    image_shape : tuple of int, default=None
        ``(height, width)`` or ``(height, width, channels)``, if rows are flattened images.
    n_epochs : int, default=100
        How often each row is learned from, on average. So voters with more rows have more steps.
    batch_size : int, default=16
        Rows of each step. A voter with fewer rows has some of them several times.
    optimizer : {"sgd", "adam"}, default="adam"
        SGD has Nesterov's momentum, Adam a weight decay of its own.
    learning_rate : float, default=0.003
        The highest learning rate.
    schedule : {"constant", "cosine", "one_cycle", "step"}, default="one_cycle"
        How the learning rate changes: it stays, falls to zero, rises during 30 % of the steps and
        falls to nearly zero, or is divided by five after 30 %, 60 % and 80 %.
    momentum : float, default=0.9
        Of SGD.
    weight_decay : float, default=0.0005
        By how much weights shrink, times the learning rate, in each step.
    label_smoothing : float, default=0.0
        Share of each target that all of a voter's labels have alike.
    normalize : bool, default=True
        Whether inputs are brought to mean 0 and deviation 1, by feature or by channel of images, as
        the voter's own rows have them.
    augmentation : Augmentation or callable, default=None
        What alters the rows of each batch anew, before they are normalized: one of
        `sklearn_certify.augmentation`, on the processor; `RandomAffineOnDevice`; or a function, or
        a module of torchvision or kornia, that takes a tensor of images of shape (n_images,
        channels, height, width) and returns one. A function gets the images of one voter at a time,
        and draws with torch alone, which gives it numbers that follow from the voter's seed. For
        copies that are made beforehand see `AugmentedClassifier`.
    precision : {"float32", "bfloat16"}, default="float32"
        In which products of matrices and convolutions are computed.
    n_stacked : int, default=16
        How many networks are trained, and asked, at once. It is a constant: one network alone takes
        as long as so many.
    device : str, default="cpu"
        "cpu", "cuda", "cuda:1", or "auto": a GPU if there is one. Votes on a GPU are not those on a
        processor, bit by bit, so all voters of an ensemble need the same.
    checkpoint_folder : path-like, default=None
        Where voters are kept while they are trained, and when they are done; a training with equal
        settings, rows and seeds goes on from there. The functions that `module` and `augmentation`
        name are believed to be the same. A voter that is done stays there, with its weights alone:
        an ensemble trains some voters after others, and a fit that is interrupted must find them
        all. So delete the folder when the ensemble's fit is over.
    checkpoint_interval : float, default=60.0
        Seconds of training that an interruption may cost.
    random_state : int, RandomState instance or None, default=None
        What the first weights, the order of rows, dropout and augmentation follow from. An ensemble
        gives each voter a number of its own.
    verbose : int, default=0
        1: a line every few seconds, with the loss and the seconds left. 2: one for each voter too.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    module_ : torch.nn.Module
        The trained network, on the processor, in evaluation mode. It takes normalized inputs.
    input_mean_, input_deviation_ : ndarray of shape (n_features,) or (channels, 1, 1)
        What inputs are normalized with.
    loss_ : float
        Mean loss of the last batch.
    n_features_in_ : int
        Size of the first axis of a row.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if X is a table with names that are all texts.

    See Also
    --------
    sklearn_certify.learners.StackedClassifierMixin : The protocol for voters fitted together.

    Notes
    -----
    A module is trained under ``torch.func.vmap``: its `forward` must not branch on the values of
    tensors. `torch.nn.Dropout` and batch normalization work per voter; other layers that draw
    random numbers are refused. Whether the place in the stack changes any bit of a module's results
    on this machine is tried before the first training; if it does, voters are trained one by one,
    with a warning.

    On a processor one network is trained on one core. The ensemble's `n_jobs` is the way to use
    more of them.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_certify import DPAClassifier
    >>> from sklearn_certify.networks import StackedNetClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> network = StackedNetClassifier(image_shape=(8, 8), n_epochs=20)
    >>> dpa = DPAClassifier(network, n_partitions=16).fit(X[:1000], y[:1000])
    >>> dpa.certified_accuracy(X[1000:], y[1000:], 2) > 0.6
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "module": [callable, None],
        "module_params": [dict, None],
        "image_shape": [tuple, list, None],
        "n_epochs": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "optimizer": [StrOptions(set(OPTIMIZERS))],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "schedule": [StrOptions(set(SCHEDULES))],
        "momentum": [Interval(Real, 0, 1, closed="left")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
        "normalize": ["boolean"],
        "augmentation": [callable, HasMethods(["augment"]), None],
        "precision": [StrOptions({"float32", "bfloat16"})],
        "n_stacked": [Interval(Integral, 1, None, closed="left")],
        "device": [str],
        "checkpoint_folder": [str, PathLike, None],
        "checkpoint_interval": [Interval(Real, 0, None, closed="left")],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        module: Callable | None = None,
        *,
        module_params=None,
        image_shape=None,
        n_epochs=100,
        batch_size=16,
        optimizer="adam",
        learning_rate=0.003,
        schedule="one_cycle",
        momentum=0.9,
        weight_decay=5e-4,
        label_smoothing=0.0,
        normalize=True,
        augmentation=None,
        precision="float32",
        n_stacked=16,
        device="cpu",
        checkpoint_folder=None,
        checkpoint_interval=60.0,
        random_state=None,
        verbose=0,
    ):
        self.module = module
        self.module_params = module_params
        self.image_shape = image_shape
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.label_smoothing = label_smoothing
        self.normalize = normalize
        self.augmentation = augmentation
        self.precision = precision
        self.n_stacked = n_stacked
        self.device = device
        self.checkpoint_folder = checkpoint_folder
        self.checkpoint_interval = checkpoint_interval
        self.random_state = random_state
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features), (n_rows, height, width), \
                (n_rows, height, width, channels) or (n_rows, channels, height, width)
            Training rows. With four axes the last one is that of the channels if it is 4 or less.
        y : array-like of shape (n_rows,)
            Labels.

        Returns
        -------
        self : object
            The fitted classifier.

        Raises
        ------
        ValueError
            If X holds NaN or infinity, or the training diverges.
        LearnerError
            If the module cannot be trained in a stack, or there is no memory for it.
        """
        X, y = validate_data(self, X, y, dtype="numeric", allow_nd=True, order="C")
        check_classification_targets(y)
        (trainee,) = self._trained([(X, y, self._draw_seed())])
        if trainee.problem is not None:
            raise LearnerError(f"{type(self).__name__}: {trainee.problem}.")
        return self._take_over(trainee, X, y)

    def _draw_seed(self):
        if isinstance(self.random_state, Integral):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(LARGEST_SEED))

    def fit_stack(self, samples):
        """Fit a clone on each sample.

        Parameters
        ----------
        samples : list of tuple
            ``(X, y, seed)`` of each voter, as `StackedClassifierMixin` has them.

        Returns
        -------
        list of StackedNetClassifier or None
            Each is what `fit` gives with that seed. None: its training diverged, as `fit` says.

        Raises
        ------
        ValueError
            If a sample holds NaN or infinity.
        LearnerError
            If the module cannot be trained in a stack, or there is no memory for it.
        """
        check_parameters(self)
        parameters = clone(self).get_params(deep=False)
        voters = []
        for trainee, (X, y, seed) in zip(self._trained(samples), samples, strict=True):
            if trainee.problem is not None:
                voters.append(None)
                continue
            voter = type(self)(**{**parameters, "random_state": seed})
            voter.n_features_in_ = X.shape[1]
            voters.append(voter._take_over(trainee, X, y))
        return voters

    def _trained(self, samples):
        """Train a network on each sample; return them as trainees."""
        device = find_device(self.device)
        settings = self._settings(device)
        with same_bits(device):
            trainees = [self._trainee(*sample, settings) for sample in samples]
            alike = {}
            for trainee in trainees:
                inputs = trainee.inputs
                form = (structure_of(trainee.module), inputs.shape[1:], inputs.dtype)
                alike.setdefault(form, []).append(trainee)
            identity = None if self.checkpoint_folder is None else settings.identity()
            checkpoints = Checkpoints(self.checkpoint_folder, self.checkpoint_interval, identity)
            progress = Progress(int(self.verbose))
            for group in alike.values():
                train(group, settings, checkpoints, progress)
        return trainees

    def _settings(self, device):
        return TrainingSettings(
            n_epochs=int(self.n_epochs),
            batch_size=int(self.batch_size),
            optimizer=self.optimizer,
            learning_rate=float(self.learning_rate),
            schedule=self.schedule,
            momentum=float(self.momentum),
            weight_decay=float(self.weight_decay),
            label_smoothing=float(self.label_smoothing),
            normalize=bool(self.normalize),
            augmentation=per_voter(self.augmentation),
            n_stacked=int(self.n_stacked),
            half_precision=self.precision == "bfloat16",
            device=device,
        )

    def _trainee(self, X, y, seed, settings):
        inputs = as_inputs(X, self.image_shape)
        if not np.isfinite(inputs).all():
            raise ValueError("Input X contains NaN or infinity.")
        classes, codes = np.unique(y, return_inverse=True)
        n_outputs = n_outputs_for(len(classes))
        module = make_module(self.module, self.module_params, inputs.shape[1:], n_outputs, seed)
        return Trainee(inputs, codes, seed, module, settings)

    def _take_over(self, trainee, X, y):
        self.classes_ = np.unique(y)
        self.input_mean_, self.input_deviation_ = trainee.mean, trainee.deviation
        self.loss_ = trainee.loss
        self.module_ = trainee.trained_module()
        self._row_shape = X.shape[1:]
        return self

    def predict_proba(self, X):
        """Return the probability of each label.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Queries, in the shape of the training rows.

        Returns
        -------
        ndarray of float64, of shape (n_samples, n_classes)

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        LearnerError
            If the network makes no numbers of a row.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype="numeric", allow_nd=True, order="C", reset=False)
        if X.shape[1:] != self._row_shape:
            raise InvalidInputError(
                f"Rows have shape {X.shape[1:]}, but {type(self).__name__} was fitted on rows of "
                f"shape {self._row_shape}."
            )
        ((_, probabilities),) = self._answers([self], X)
        unusable = np.isnan(probabilities).any(axis=1)
        if unusable.any():
            raise LearnerError(
                f"The network makes no numbers of row {unusable.argmax()}; scale the rows."
            )
        return probabilities

    def predict(self, X):
        """Predict the label of the highest probability; the first in ``classes_`` of several.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Queries, in the shape of the training rows.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        """
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]

    def score_stack(self, voters, X, classes):
        scores = np.full((len(voters), len(X), len(classes)), -np.inf)
        for place, probabilities in self._answers(voters, X):
            columns = np.searchsorted(classes, voters[place].classes_)
            scores[place][:, columns] = np.where(np.isnan(probabilities), -np.inf, probabilities)
        return scores

    def _answers(self, voters, X):
        device = find_device(self.device)
        with same_bits(device):
            return list(
                probabilities_of(
                    voters,
                    as_inputs(X, self.image_shape),
                    int(self.n_stacked),
                    device,
                    self.precision == "bfloat16",
                )
            )

    def stack_width(self):
        """Return how many voters are asked together: a constant.

        Returns
        -------
        int
        """
        return int(self.n_stacked)

    def fit_width(self):
        """Return how many voters a call of `fit_stack` gets at least, if there are so many.

        Returns
        -------
        int
            Several stacks, so that few places are empty; on a GPU all voters.
        """
        is_cpu = find_device(self.device).type == "cpu"
        return _STACKS_AT_ONCE * int(self.n_stacked) if is_cpu else LARGEST_SEED

    def rows_for_stack(self, X):
        return np.ascontiguousarray(X) if is_understood(X) else None

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags
