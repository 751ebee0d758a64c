"""Learners that the package brings."""
