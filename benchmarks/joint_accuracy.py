"""How much accuracy does one shared budget of poison leave, and how long does the proof take?

    python benchmarks/joint_accuracy.py

Part one, for Deep Partition Aggregation and for Finite Aggregation: the accuracy certified row by
row, the joint lower bound, and what an attack leaves. No sound bound can lie above the last. The
attack climbs a smooth version of the number of flipped rows, rounds to whole partitions, and is
counted exactly. Part two, for smaller budgets: the multipliers' bound beside the linear program
that it approximates, solved by scipy's HiGHS.

The votes are those of an ensemble: rows differ in difficulty, voters in skill, voters err together
on similar rows, wrong votes prefer one class, and about 77 % are right. ``--votes FILE.npz`` takes
others, with arrays `votes`, `y` and, for Finite Aggregation, `spread`.

    python benchmarks/joint_accuracy.py --runoff
    python benchmarks/joint_accuracy.py --mnist DATA_FOLDER

Plurality beside the run-off election: how long both take on random scores, by turns; or both with
1,000 partitions of 50,000 of MNIST's training images, on 2,000 of the other 10,000: in `mnist.npz`,
`X_train` (28 x 28 uint8) and `y_train`. How long the joint certificates take is measured on the
ballots alone.
"""

import argparse
from pathlib import Path
from time import perf_counter

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, diags, hstack, vstack
from threadpoolctl import threadpool_limits

from sklearn_certify import DPAClassifier
from sklearn_certify.certificates._margins import count_votes, rival_gaps
from sklearn_certify.certificates.joint import joint_partition_accuracy, joint_runoff_accuracy
from sklearn_certify.certificates.joint._multiplier_bound import multiplier_bound
from sklearn_certify.certificates.joint._partition_shares import fill_shares
from sklearn_certify.certificates.joint._partition_votes import PartitionVotes
from sklearn_certify.certificates.overlap import overlap_radius
from sklearn_certify.certificates.plurality import plurality_radius
from sklearn_certify.certificates.runoff import runoff_votes
from sklearn_certify.image import make_hog_pipeline

N_CLASSES = 10
N_TRAITS = 12  # of rows, to which some voters respond and others do not


def ensemble_votes(rng, n_rows, n_voters, offsets=(0,)):
    """Votes for `n_rows` rows, and the true classes."""
    skill = rng.normal(0, 0.1, n_voters)
    response = rng.normal(0, 1, (N_TRAITS, n_voters))
    y = rng.integers(0, N_CLASSES, n_rows)
    votes = np.empty((n_rows, n_voters), dtype=np.int8)
    for row, truth in zip(votes, y, strict=True):
        traits = rng.normal(0, 0.25 / np.sqrt(N_TRAITS), N_TRAITS)
        of_partition = rng.standard_normal(n_voters)
        shared = sum(np.roll(of_partition, r) for r in offsets) / np.sqrt(len(offsets))
        noise = rng.standard_normal(n_voters)
        ease = rng.normal(1.15, 1.1) + skill + traits @ response
        right = ease + np.sqrt(0.5) * (shared + noise) > 0
        runner_up = (truth + rng.integers(1, N_CLASSES)) % N_CLASSES
        wrong = rng.integers(0, N_CLASSES, n_voters)
        wrong[rng.random(n_voters) < rng.uniform(0.2, 0.8)] = runner_up
        row[:] = np.where(right, truth, wrong)
    return votes, y


def weak_rows(votes, y, spread, budget):
    """The rows that are correct and not certified each by itself, and how many are certified."""
    counts = count_votes(votes, N_CLASSES)
    predicted = counts.argmax(axis=1)
    if spread is None:
        radius = plurality_radius(votes, N_CLASSES)[1]
        spread = np.arange(votes.shape[1])[:, None]
    else:
        radius = overlap_radius(votes, spread, N_CLASSES, tighten=True)[1]
    correct = predicted == y
    weak = np.flatnonzero(correct & (radius < budget))
    gaps = rival_gaps(counts[weak], predicted[weak], phantom=True)
    rows = PartitionVotes(votes[weak], predicted[weak], gaps, spread)
    return rows, (correct & (radius >= budget)).sum()


def count_flips(rows, chosen):
    """How many rows flip when the chosen partitions are corrupted, exactly."""
    votes = rows.votes[:, np.unique(rows.spread[chosen])]
    for_predicted = (votes == rows.predicted[:, None]).sum(axis=1)
    flips = np.zeros(len(votes), dtype=bool)
    for rival in range(rows.gaps.shape[1]):
        for_rival = (votes == rival).sum(axis=1)
        flips |= votes.shape[1] + for_predicted - for_rival > rows.gaps[:, rival]
    return flips.sum()


def attack(rows, shares, budget, n_steps):
    """The most flips that a search for a bad choice of partitions finds."""
    n_partitions = shares.shape[1]
    taken = np.full(n_partitions, budget / n_partitions)
    most = 0
    for step in range(n_steps):
        sharpness = 7 * 7 ** (step / n_steps)
        excess = np.clip(sharpness * (shares @ taken.astype(np.float32) - 1), -30, 30)
        chance = 1 / (1 + np.exp(-excess))
        slope = (chance * (1 - chance)).astype(np.float32) @ shares
        slope -= slope.mean()
        point = taken + 0.1 * slope / max(np.abs(slope).max(), 1e-12)
        low, high = point.min() - 1, point.max()
        for _ in range(30):
            middle = (low + high) / 2
            low, high = (
                (middle, high) if np.clip(point - middle, 0, 1).sum() > budget else (low, middle)
            )
        taken = np.clip(point - high, 0, 1)
        if step % 10 == 9:
            most = max(most, count_flips(rows, np.argsort(-taken)[:budget]))
    return most


def print_table(votes, y, spread, budgets, n_steps):
    joint_partition_accuracy(votes[:50], y[:50], [1, 3], spread=spread)  # compiles
    print(" budget  pointwise    joint  attacked  gap closed     time")
    for budget in budgets:
        start = perf_counter()
        joint = joint_partition_accuracy(votes, y, budget, spread=spread, n_classes=N_CLASSES)
        seconds = perf_counter() - start
        rows, n_certified = weak_rows(votes, y, spread, budget)
        pointwise = n_certified / len(votes)
        with threadpool_limits(1):
            most = attack(rows, fill_shares(rows, budget), budget, n_steps)
        attacked = (n_certified + len(rows.votes) - most) / len(votes)
        closed = (joint - pointwise) / max(attacked - pointwise, 1e-12)
        assert pointwise <= joint <= attacked
        print(
            f"{budget:7} {pointwise:10.2%} {joint:8.2%} {attacked:9.2%} {closed:11.0%} "
            f"{seconds:6.2f} s"
        )


def linear_program(shares, budget):
    """The smallest bound that multipliers prove, by HiGHS."""
    n_rows, n_partitions = shares.shape
    smallest = np.partition(shares.astype(float), budget - 1, axis=1)[:, :budget].sum(axis=1)
    room = np.maximum(1 - smallest, 1e-6)
    per_row = hstack([-csr_matrix(shares), diags(room)])
    in_all = hstack([csr_matrix(np.ones((1, n_partitions))), csr_matrix((1, n_rows))])
    result = linprog(
        -np.r_[np.zeros(n_partitions), np.ones(n_rows)],
        A_ub=vstack([per_row, in_all]),
        b_ub=np.r_[room - 1, budget],
        bounds=(0, 1),
        method="highs-ipm",
    )
    return -result.fun


def print_peer(votes, y, budgets):
    print(
        f"{'budget':>7} {'rows':>6} {'HiGHS':>9} {'bound':>9} {'excess':>7} {'times as fast':>14}"
    )
    for budget in budgets:
        rows, _ = weak_rows(votes, y, None, budget)
        if len(rows.votes) == 0:
            continue
        shares = fill_shares(rows, budget)
        start = perf_counter()
        best = linear_program(shares, budget)
        peer_seconds = perf_counter() - start
        start = perf_counter()
        with threadpool_limits(1):
            bound = multiplier_bound(shares, budget)
        seconds = perf_counter() - start
        print(
            f"{budget:7} {len(shares):6} {best:9.2f} {bound:9.2f} {bound / best - 1:7.2%} "
            f"{peer_seconds / seconds:14.1f}"
        )


def random_scores(n_rows, n_voters, *, near_ties):
    """Scores of voters that mostly agree, or of voters between two classes; the true classes."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, N_CLASSES, n_rows)
    rows, runner_up = np.arange(n_rows), (y + rng.integers(1, N_CLASSES, n_rows)) % N_CLASSES
    scores = rng.standard_normal((n_rows, n_voters, N_CLASSES), dtype=np.float32)
    ease = rng.normal(1.6 if near_ties else 4.0, 1.5, n_rows)
    skill = rng.normal(0, 0.2, n_voters)
    rival = ease + rng.normal(-0.3, 0.3, n_rows) if near_ties else rng.uniform(0.2, 1.8, n_rows)
    scores[rows, :, y] += (ease[:, np.newaxis] + skill).astype(np.float32)
    scores[rows, :, runner_up] += rival[:, np.newaxis].astype(np.float32)
    return scores, y


def print_runoff(n_rows, n_voters, budgets, repeats):
    """How many times as long the run-off's certificate takes as plurality's, on the same votes."""
    offsets = np.random.default_rng(1).permutation(n_voters)[:8]
    shared = (np.arange(n_voters)[:, np.newaxis] + offsets) % n_voters
    print(f"{n_rows:,} rows x {n_voters:,} voters")
    print(f"{'':30} budget  plurality    run-off  ratio")
    for near_ties in (False, True):
        scores, y = random_scores(n_rows, n_voters, near_ties=near_ties)
        votes = runoff_votes(scores)
        for name, spread in (("DPA", None), ("Finite Aggregation", shared)):
            for budget in budgets:
                times = time_both(scores, votes, y, budget, spread, repeats)
                plurality, runoff = np.median(times, axis=0)
                kind = f"{name}, {'near ties' if near_ties else 'clear winners'}"
                print(
                    f"{kind:33} {budget:4} {plurality:8.3f} s {runoff:8.3f} s "
                    f"{runoff / plurality:6.2f}"
                )


def time_both(scores, votes, y, budget, spread, repeats):
    """Seconds for plurality and for the run-off, by turns."""
    times = np.empty((repeats + 1, 2))
    for repeat in range(repeats + 1):  # the first compiles
        start = perf_counter()
        joint_partition_accuracy(votes, y, budget, spread=spread, n_classes=N_CLASSES)
        middle = perf_counter()
        joint_runoff_accuracy(scores, y, budget, spread=spread)
        times[repeat] = middle - start, perf_counter() - middle
    return times[1:]


def print_elections(folder, budgets):
    """Plurality beside the run-off, of the same voters."""
    with np.load(Path(folder) / "mnist.npz") as data:
        images, y = data["X_train"], data["y_train"]
    queries, truth = images[50_000:52_000], y[50_000:52_000]
    print(f"{'':22}{'seconds':>8}" + "".join(f"{budget:8}" for budget in budgets))
    for aggregation in ("plurality", "runoff"):
        model = DPAClassifier(
            n_partitions=1_000,
            transformer=make_hog_pipeline(),
            aggregation=aggregation,
            classes=range(10),
        ).fit(images[:50_000], y[:50_000])
        election = model._open_election()
        tallies = model._collect(election, election.joint_tally, queries)
        sizes = np.array(budgets)
        election.joint_accuracy(tallies, truth, sizes[:1])  # compiles
        start = perf_counter()
        joint = election.joint_accuracy(tallies, truth, sizes)
        seconds = perf_counter() - start
        pointwise = model.certified_accuracy(queries, truth, sizes)
        assert (joint >= pointwise).all()
        for name, accuracies, time in (
            ("pointwise", pointwise, ""),
            ("joint", joint, f"{seconds:.2f}"),
        ):
            label = f"{aggregation}, {name}"
            print(f"{label:22}{time:>8}" + "".join(f"{a:8.2%}" for a in accuracies))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows, fewer voters")
    parser.add_argument("--votes", metavar="FILE", help="votes of another ensemble (.npz)")
    parser.add_argument("--runoff", action="store_true", help="time plurality and run-off alone")
    parser.add_argument("--mnist", metavar="FOLDER", help="plurality and run-off on MNIST")
    args = parser.parse_args()
    if args.mnist:
        print_elections(args.mnist, [0, 25, 50, 100, 150, 200, 250, 300])
        return
    if args.runoff:
        n_rows, repeats = (1_000, 1) if args.quick else (10_000, 5)
        print_runoff(n_rows, 1_000, [1, 10, 50, 100, 200, 300], repeats)
        return
    rng = np.random.default_rng(0)
    n_rows, n_voters, degree, n_steps = (
        (1_000, 300, 4, 50) if args.quick else (10_000, 1_200, 8, 200)
    )
    budgets = [n_voters * tenths // 120 for tenths in (1, 2, 5, 10, 20, 30, 40)]
    if args.votes:
        with np.load(args.votes) as arrays:
            spread = arrays.get("spread")
            print_table(arrays["votes"], arrays["y"], spread, budgets, n_steps)
        return
    votes, y = ensemble_votes(rng, n_rows, n_voters)
    print(f"DPA: {n_rows:,} rows x {n_voters:,} voters, {(votes == y[:, None]).mean():.1%} right")
    print_table(votes, y, None, budgets, n_steps)
    print("\nThe multipliers' bound beside HiGHS, same votes")
    print_peer(votes, y, budgets[1:5])
    n_rows, n_voters = n_rows // 5, n_voters * degree
    offsets = rng.permutation(n_voters)[:degree]
    votes, y = ensemble_votes(rng, n_rows, n_voters, offsets)
    spread = (np.arange(n_voters)[:, None] + offsets) % n_voters
    print(
        f"\nFinite Aggregation: {n_rows:,} rows x {n_voters:,} voters, d = {degree}, "
        f"{(votes == y[:, None]).mean():.1%} right"
    )
    print_table(votes, y, spread, budgets, n_steps)


if __name__ == "__main__":
    main()
