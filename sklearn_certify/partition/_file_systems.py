"""Where files are that are not on this machine: at URLs that fsspec knows."""

from ..exceptions import InvalidInputError, MissingExtraError

__all__ = ["file_system", "is_url", "names_at"]


def is_url(path):
    """Say whether a path, as text, is the URL of something that fsspec reaches."""
    return "://" in path and not path.startswith("file://")


def file_system(url):
    """Return the file system that a URL belongs to, and the path there.

    Parameters
    ----------
    url : str
        Such as "s3://bucket/rows".

    Returns
    -------
    system : fsspec.AbstractFileSystem
    path : str

    Raises
    ------
    MissingExtraError
        If fsspec is missing, or what it needs for such a URL.
    InvalidInputError
        If fsspec does not know the protocol.
    """
    try:
        import fsspec

        return fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise MissingExtraError(f"{url} needs fsspec and what it reaches it by: {error}") from error
    except ValueError as error:
        raise InvalidInputError(f"{url} is in no place that fsspec knows: {error}") from error


def names_at(url):
    """Return the names of what is in the folder of a URL, none if there is no such folder."""
    system, root = file_system(url)
    system.invalidate_cache()  # others may have written there
    if not system.isdir(root):
        return []
    return [path.rstrip("/").rsplit("/", 1)[-1] for path in system.ls(root, detail=False)]
