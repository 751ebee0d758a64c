"""How fast is the overlap certificate, beside a loop that sorts, and what does tightening add?

    python benchmarks/overlap_certificate.py

The loop computes Theorem 2 of Finite Aggregation as the paper's authors do: for each query and
each rival it sorts the damages of all partitions and takes them one by one. It runs on some of
the queries, on one core; its time for all queries is extrapolated. `overlap_radius` uses all
cores. Two kinds of votes: those of an ensemble (queries differ in difficulty, voters that share
partitions err together, wrong votes prefer one class) and random ones.
"""

import argparse
from itertools import pairwise
from statistics import median
from time import perf_counter

import numpy as np
from numba import config

from sklearn_certify.certificates import overlap_radius, plurality_radius
from sklearn_certify.metrics import certified_radius_gain

N_CLASSES = 10


def ensemble_votes(rng, n_queries, offsets, n_voters):
    """Votes of voters that share partitions; about 77 % are right."""
    degree = len(offsets)
    votes = np.empty((n_queries, n_voters), dtype=np.int8)
    for row in votes:
        truth, runner_up = rng.permutation(N_CLASSES)[:2]
        of_partition = np.tile(rng.standard_normal(n_voters, dtype=np.float32), 2)
        shared = sum(of_partition[n_voters - r : 2 * n_voters - r] for r in offsets)
        noise = rng.standard_normal(n_voters, dtype=np.float32)
        ease = rng.normal(1.15, 1.2)
        right = ease + np.sqrt(0.5 / degree) * shared + np.sqrt(0.5) * noise > 0
        wrong = rng.integers(0, N_CLASSES, n_voters, dtype=np.int8)
        wrong[rng.random(n_voters, dtype=np.float32) < rng.uniform(0.2, 0.8)] = runner_up
        row[:] = np.where(right, truth, wrong)
    return votes


def random_votes(rng, n_queries, offsets, n_voters):
    """Every voter is right by chance and else picks any class."""
    votes = rng.integers(0, N_CLASSES, (n_queries, n_voters), dtype=np.int8)
    for row in votes:
        row[rng.random(n_voters, dtype=np.float32) < rng.beta(4, 1.6)] = rng.integers(N_CLASSES)
    return votes


def sorting_loop(votes, spread):
    """Theorem 2, one query and one rival at a time, for a fixed set of labels."""
    radii = []
    for row in votes:
        counts = np.bincount(row, minlength=N_CLASSES)
        predicted = counts.argmax()
        votes_by_partition = row[spread]
        least = len(spread)
        for rival in range(N_CLASSES):
            if rival == predicted:
                continue
            left = int(counts[predicted] - counts[rival] - (rival < predicted))
            by_voter = 1 + (votes_by_partition == predicted) - (votes_by_partition == rival)
            damages = np.sort(by_voter.sum(axis=1))[::-1]
            radius = 0
            while radius < len(damages) and left >= damages[radius]:
                left -= int(damages[radius])
                radius += 1
            least = min(least, radius)
        radii.append(least)
    return np.array(radii)


def seconds(function, repeats):
    times = []
    for _ in range(repeats):
        start = perf_counter()
        result = function()
        times.append(perf_counter() - start)
    return median(times), result


def compare(kind, make_votes, n_queries, n_partitions, degree, n_looped, repeats):
    rng = np.random.default_rng(0)
    n_voters = n_partitions * degree
    offsets = rng.permutation(n_voters)[:degree]
    spread = (np.arange(n_voters)[:, None] + offsets) % n_voters
    votes = make_votes(rng, n_queries, offsets, n_voters)
    print(f"\n{kind} votes: {n_queries:,} queries x {n_voters:,} voters, d = {degree}")

    def certify(**options):
        return overlap_radius(votes, spread, N_CLASSES, phantom=False, **options)[1]

    for tighten in (False, True):
        overlap_radius(votes[:1], spread, N_CLASSES, tighten=tighten)  # compiles
    plain_time, plain = seconds(certify, repeats)
    loop_time, looped = seconds(lambda: sorting_loop(votes[:n_looped], spread), 1)
    if not np.array_equal(looped, plain[:n_looped]):
        raise SystemExit("the loop and overlap_radius differ")
    loop_time *= n_queries / n_looped
    print(f"  overlap_radius                {plain_time:9.3f} s")
    print(
        f"  sorting loop                  {loop_time:9.3f} s  extrapolated from {n_looped} queries"
    )
    print(f"  ratio                         {loop_time / plain_time:9.0f}    radii equal on these")

    tight_time, tight = seconds(lambda: certify(tighten=True), 1)
    if (tight < plain).any():
        raise SystemExit("tighten=True lowered a radius")
    predicted, of_plurality = plurality_radius(votes, N_CLASSES, phantom=False)
    radii = {"plurality": of_plurality // degree, "Theorem 2": plain, "tightened": tight}
    for (name, before), (better, after) in pairwise(radii.items()):
        share, gain = certified_radius_gain(predicted, predicted, after, before)
        print(
            f"  {name} -> {better}: mean radius {before.mean():.2f} -> {after.mean():.2f}; "
            f"{share:.1%} of the rows rise, by {gain:.2f} on average, "
            f"by {(after - before).max()} at most"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--queries", type=int, default=10_000)
    parser.add_argument("--looped", type=int, default=20, help="queries that the loop gets")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a twentieth of the queries")
    args = parser.parse_args()
    n_queries = max(args.queries // 20 if args.quick else args.queries, args.looped)
    print(f"{config.NUMBA_NUM_THREADS} threads; {N_CLASSES} classes")
    for n_partitions, degree in [(1_200, 16), (50, 16), (50, 8)]:
        for kind, make_votes in [("Ensemble", ensemble_votes), ("Random", random_votes)]:
            compare(kind, make_votes, n_queries, n_partitions, degree, args.looped, args.repeats)


if __name__ == "__main__":
    main()
