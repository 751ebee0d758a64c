"""Turn the bytes of a file into text."""

import codecs

from ...exceptions import InvalidInputError

__all__ = ["decoded"]

_MARKS_OF_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decoded(content, path, encoding=None):
    """Return the text of a file.

    Parameters
    ----------
    content : bytes
        The file.
    path : str
        What to call it in messages.
    encoding : str, default=None
        Its encoding; UTF-8, or what the mark at its beginning says, if None.

    Returns
    -------
    str

    Raises
    ------
    InvalidInputError
        If there is no such encoding, or the file has another.
    """
    by_mark = (name for mark, name in _MARKS_OF_ENCODINGS if content.startswith(mark))
    encoding = encoding or next(by_mark, "utf-8")
    if encoding == "utf-8" and 0 in content[:100]:
        raise InvalidInputError(f"{path} is not text in UTF-8; --encoding utf-16-le may read it.")
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except LookupError:
        raise InvalidInputError(f"--encoding: there is no encoding {encoding!r}.") from None
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        raise InvalidInputError(
            f"{path} is not text in {encoding.upper().removesuffix('-SIG')}: byte {start}, in line "
            f"{content.count(10, 0, start) + 1}. Name its encoding: --encoding cp1252 for many "
            "files of Windows and Excel, or latin-1, utf-16, ..."
        ) from None
