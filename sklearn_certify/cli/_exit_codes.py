"""What the program's end tells the shell; each command says in --help what it means by them."""

__all__ = ["BAD_INPUT", "DONE", "FAILED", "INTERRUPTED"]

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
