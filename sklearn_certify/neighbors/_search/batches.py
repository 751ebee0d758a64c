"""How many queries are searched for together, so that what they share stays in a cache."""

__all__ = [
    "queries_of_a_chunk",
    "queries_of_a_pass",
    "queries_of_a_table",
    "queries_of_a_thread",
    "queries_of_a_wide_table",
]

_DISTANCES_AT_A_TIME = 2**19  # held by each thread: 4 MiB of doubles
_MOST_QUERIES_OF_A_PASS = 8
_CODES_AT_A_TIME = 2**22  # 16 MiB
_FEWEST_QUERIES_OF_A_WIDE_TABLE, _MOST_QUERIES_OF_A_WIDE_TABLE = 4, 64
_MOST_QUERIES_OF_A_CHUNK = 512
_CELLS_OF_A_CHUNK = 2**20


def queries_of_a_table(n_rows):
    """Return how many queries have a whole table of distances to all rows at the same time."""
    return max(_DISTANCES_AT_A_TIME // n_rows, 1)


def queries_of_a_pass(n_rows):
    """Return how many queries compare with a block of rows before the next block is read."""
    return min(queries_of_a_table(n_rows), _MOST_QUERIES_OF_A_PASS)


def queries_of_a_wide_table(n_rows):
    """Return for how many queries there are codes of all rows at the same time.

    Many, since all (wide) rows come from memory once for all of them.
    """
    fewest, most = _FEWEST_QUERIES_OF_A_WIDE_TABLE, _MOST_QUERIES_OF_A_WIDE_TABLE
    return min(max(_CODES_AT_A_TIME // n_rows, fewest), most)


def queries_of_a_chunk(n_features):
    """Return for how many queries (codes of) features stay in the cache while all rows pass by."""
    return min(_MOST_QUERIES_OF_A_CHUNK, max(_CELLS_OF_A_CHUNK // n_features, 1))


def queries_of_a_thread(n_cells):
    """Return the fewest queries that are worth a thread, for rows of so many cells in all."""
    return max(_DISTANCES_AT_A_TIME // n_cells, 1)
