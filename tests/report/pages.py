"""Pages of reports, taken apart."""

from html.parser import HTMLParser

__all__ = ["parsed", "read_page"]

VOID = {"meta", "img"}


class Parsed(HTMLParser):
    """Keeps tags with attributes and texts; all that opens must close in turn."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts, self.open = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"] and data.strip():
            self.texts.append(" ".join(data.split()))

    def of(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def parsed(report, folder):
    """Save a report as a page; return it taken apart, and its text."""
    report.save(folder / "page.html")
    return read_page(folder / "page.html")


def read_page(path):
    """Return a page taken apart, and its text."""
    text = path.read_text(encoding="utf-8")
    return Parsed(text), text
