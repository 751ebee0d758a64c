"""Rows, labels and votes of whole numbers, the same on every machine."""

import numpy as np

CENTRES = np.random.RandomState(3).randint(4, 13, size=(4, 8), dtype=np.int64)


def integers(random, high, shape, low=0):
    """Draw whole numbers from `low` to ``high - 1``, of one type whatever the platform."""
    return random.randint(low, high, size=shape, dtype=np.int64)


def clustered_rows(seed, n_rows, *, noise=5, n_classes=4):
    """Return rows of whole numbers around the centres of classes, and their classes."""
    random = np.random.RandomState(seed)
    labels = integers(random, n_classes, n_rows)
    rows = CENTRES[labels] + integers(random, noise + 1, (n_rows, CENTRES.shape[1]), low=-noise)
    return np.maximum(rows, 0).astype(np.float64), labels


def lopsided_votes(seed, n_rows, n_voters, n_classes, *, percent_abstaining=4):
    """Return votes for class indices, in which most rows have a favourite; -1 abstains."""
    random = np.random.RandomState(seed)
    favourites = integers(random, n_classes, (n_rows, 1))
    loyalty = integers(random, 100, (n_rows, 1))
    shape = n_rows, n_voters
    votes = integers(random, n_classes, shape)
    votes = np.where(integers(random, 100, shape) < loyalty, favourites, votes)
    return np.where(integers(random, 100, shape) < percent_abstaining, -1, votes)


def lopsided_scores(seed, n_rows, n_voters, n_classes, *, percent_abstaining=3):
    """Return scores with many ties, in which most rows have a favourite; -inf: never seen."""
    random = np.random.RandomState(seed)
    shape = n_rows, n_voters, n_classes
    favourites = integers(random, n_classes, (n_rows, 1, 1)) == np.arange(n_classes)
    scores = integers(random, 9, shape) + integers(random, 9, (n_rows, 1, 1)) * favourites
    unseen = integers(random, 100, shape) < 4
    unseen |= integers(random, 100, (n_rows, n_voters, 1)) < percent_abstaining
    return np.where(unseen, -np.inf, scores.astype(np.float64))


def irregular_spread(seed, n_partitions, n_voters, spreading_degree):
    """Return voters of partitions without any pattern."""
    random = np.random.RandomState(seed)
    return np.array([random.permutation(n_voters)[:spreading_degree] for _ in range(n_partitions)])


def texts(seed, n_rows, *, n_classes=3):
    """Return texts of words that lean to a class, and the number of the class."""
    random = np.random.RandomState(seed)
    labels = integers(random, n_classes, n_rows)
    numbers = integers(random, 20, (n_rows, 8)) + 12 * labels[:, np.newaxis]
    rows = [" ".join(f"word{number}" for number in row) for row in numbers.tolist()]
    return np.array(rows, dtype=object), labels
