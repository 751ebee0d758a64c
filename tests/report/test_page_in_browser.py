"""The page of a report in a browser: on a wide and a narrow screen, light, dark, and on paper."""

from contextlib import ExitStack

import numpy as np
import pytest

from sklearn_certify import CertifiedKNN, DPAClassifier
from sklearn_certify.image import FlatPixels
from sklearn_certify.report import certification_report

from .browser import Browser, find_browser

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")

PAPER = 718  # pixels between the margins of A4
MEDIA = [("", 1280), ("", 390), ("print", PAPER)]

# Boxes that end right of the window, but for what can be scrolled there.
BEYOND_THE_WINDOW = """
[...document.body.querySelectorAll("*")]
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
  .filter(e => getComputedStyle(e.closest(".scroll") ?? document.body).overflowX != "auto")
  .map(e => e.tagName + " " + e.textContent.slice(0, 40))
"""

# Words in the heads of tables that go on in the next line, but for those with a hyphen there.
BROKEN_WORDS = """
(() => {
  const broken = [];
  for (const head of document.querySelectorAll("thead th"))
    for (const node of head.childNodes)
      for (const word of (node.data ?? "").matchAll(/[^\\s-]+/g)) {
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map(box => box.top)).size > 1) broken.push(word[0]);
      }
  return broken;
})()
"""

# Texts with a contrast below 4.5 to what is behind them, and lines and bars with one below 3.
TOO_FAINT = """
(() => {
  const part = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const channels = color => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const behind = element => {
    const layers = [];
    for (let e = element; e; e = e.parentElement)
      layers.push(channels(getComputedStyle(e).backgroundColor));
    return layers.reverse().reduce(
      (below, [r, g, b, share = 1]) =>
        [r, g, b].map((value, i) => share * value + (1 - share) * below[i]),
      [255, 255, 255]
    );
  };
  const faint = [];
  let n = 0;
  for (const element of document.body.querySelectorAll("*")) {
    const style = getComputedStyle(element);
    const shows = [...element.childNodes].some(node => node.nodeType == 3 && node.data.trim());
    const is_drawn = element.matches(".curve, .bar, .legend rect");
    if (!shows && !is_drawn || element.matches("title, desc")) continue;
    let color = element.closest("svg") ? style.fill : style.color;
    if (element.matches(".curve")) color = style.stroke;
    n += 1;
    if (contrast(channels(color), behind(element)) < (is_drawn ? 3 : 4.5))
      faint.push(element.tagName + " " + element.className + " " + color);
  }
  return n > 50 ? faint : ["nothing was looked at"];
})()
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    path = find_browser()
    if path is None:
        pytest.skip("there is no browser")
    with ExitStack() as stack:
        try:
            browser = stack.enter_context(Browser(path, tmp_path_factory.mktemp("profile")))
        except OSError as error:
            pytest.skip(f"the browser does not start: {error}")
        yield browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory, digits):
    """Pages of a table with contributors, of images, and of numbers to predict."""
    folder = tmp_path_factory.mktemp("pages")
    rng = np.random.RandomState(0)
    y = rng.randint(2, size=240)
    X = rng.normal(size=(240, 7)) + y[:, np.newaxis]
    certification_report(
        [
            "dpa",
            "finite-aggregation",
            ("a classifier by a rather long name", DPAClassifier(n_partitions=9)),
        ],
        X,
        np.array(["stayed, with a contract of two years", "left"])[y],
        groups=[f"somebody-{number}@example.org" for number in rng.randint(40, size=240)],
        source="somebody's table",
        attack_target="stayed, with a contract of two years",
        periods=rng.randint(30, size=240),
        joint=True,
    ).save(folder / "table.html")
    X, y, X_test, y_test = digits
    certification_report(
        ["knn", "rnn", ("near", CertifiedKNN(1, transformer=FlatPixels()))],
        X.reshape(-1, 8, 8)[:300],
        y[:300],
        X_test=X_test.reshape(-1, 8, 8),
        y_test=y_test,
        transformer=FlatPixels(),
    ).save(folder / "images.html")
    rng = np.random.RandomState(0)
    X = rng.normal(size=(160, 3))
    certification_report(
        None,
        X,
        1e6 * X[:, 0],
        groups=[f"somebody-{number}@example.org" for number in rng.randint(40, size=160)],
        tolerance=5e5,
        n_partitions=9,
        source="a table of prices",
    ).save(folder / "numbers.html")
    return folder


@pytest.mark.parametrize("media, width", MEDIA)
@pytest.mark.parametrize("name", ["table", "images", "numbers"])
def test_nothing_is_cut_off(browser, pages, name, media, width):
    browser.open(pages / f"{name}.html", width=width, media=media)
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run(BEYOND_THE_WINDOW) == []


@pytest.mark.parametrize("width", [1280, 390])
def test_words_stay_whole_in_the_heads_of_tables(browser, pages, width):
    browser.open(pages / "table.html", width=width)
    assert "finite-aggregation" in browser.run("document.querySelector('thead').textContent")
    assert browser.run(BROKEN_WORDS) == []


@pytest.mark.parametrize("dark, media", [(False, ""), (True, ""), (True, "print")])
@pytest.mark.parametrize("name", ["table", "images", "numbers"])
def test_all_stands_out_from_what_is_behind_it(browser, pages, name, dark, media):
    browser.open(pages / f"{name}.html", dark=dark, media=media)
    paper = browser.run("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (not dark or media == "print")
    assert browser.run(TOO_FAINT) == []


@pytest.mark.parametrize("width", [1280, 390])
def test_links_lead_to_sections_and_tables_can_be_scrolled_by_key(browser, pages, width):
    browser.open(pages / "table.html", width=width)
    targets = browser.run("[...document.links].map(a => a.hash.slice(1))")
    assert len(targets) > 5
    assert browser.run(f"{targets}.every(id => document.getElementById(id).matches('h2'))")
    assert browser.run("[...document.querySelectorAll('.scroll')].every(e => e.tabIndex == 0)")
    names = browser.run("[...document.querySelectorAll('.scroll')].map(e => e.ariaLabel)")
    assert len(set(names)) == len(names) > 3


def test_what_is_on_paper(browser, pages):
    pypdfium2 = pytest.importorskip("pypdfium2")
    browser.open(pages / "images.html", dark=True)
    with pypdfium2.PdfDocument(browser.print()) as document:
        assert 3 <= len(document) <= 8
        texts = [page.get_textpage().get_text_range() for page in document]
        sides = [page.render().to_numpy()[:, [0, -1]] for page in document]
    assert all(text.strip() for text in texts)
    assert all((side == 255).all() for side in sides), "paper is white, and has margins"
    whole = " ".join(" ".join(texts).split())
    assert "What was certified" in whole and "Get it again" in whole
    # what a closed part of the page holds, and a mouse shows, is there as numbers
    assert "near: predictions by radius" in whole
    assert "Certified accuracy in %, from each poison size on" in whole
    assert "One attack on all rows" not in whole, "contents are for screens"


def test_headings_are_not_alone_at_the_end_of_a_page(browser, pages):
    pypdfium2 = pytest.importorskip("pypdfium2")
    browser.open(pages / "table.html")
    headings = browser.run("[...document.querySelectorAll('h2, h3')].map(e => e.textContent)")
    for height in range(240, 300, 10):
        with pypdfium2.PdfDocument(browser.print(height=height)) as document:
            for page in document:
                lines = page.get_textpage().get_text_range().split("\r\n")
                last = [line for line in lines if line.strip()][-1]
                assert last.strip() not in headings
