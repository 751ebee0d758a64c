"""
A report for those who do not read Python
=========================================

``certification_report`` compares certified classifiers on rows that it holds out, and writes a page
that needs nothing beside it. ``sklearn-certify report FILE --output page.html`` does the same for a
file.
"""

from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt
from sklearn.datasets import load_wine

from sklearn_certify.plotting import CertifiedAccuracyDisplay
from sklearn_certify.report import certification_report

data = load_wine(as_frame=True)
report = certification_report(
    ["dpa", "finite-aggregation", "knn"],
    data.data,
    data.target_names[data.target],
    source="wines",
    target="cultivar",
    n_partitions=20,
)

# %%
# Printed, it is what the command line says: what was done, how much accuracy is certain at which
# poison size, and what to be careful about.

print(report)

# %%
# Its results have labels and radii of every row that was certified.

figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
for name, result in report.results.items():
    CertifiedAccuracyDisplay.from_predictions(
        result.y_true,
        result.y_pred,
        result.radii,
        name=name,
        threat_model=report.facts["threat_model"],
        ax=ax,
    )
plt.show()

# %%
# The page has the curves, the radii, one attack on all rows beside one on each, the right
# predictions that fall first with their cells, and how to get it again. It shows test rows: mind
# whom you send it.

page = Path(mkdtemp()) / "wines.html"
report.save(page)
print(f"{page.name}: {page.stat().st_size / 1000:.0f} kB")

# %%
# And the table of rows, for those who go on with it.

report.rows_frame().head()

# %%
# **To take home:** ``print`` it for yourself, ``save("page.html")`` for others,
# ``save("report.csv")`` or ``rows_frame()`` for a spreadsheet.
