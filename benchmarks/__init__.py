"""Benchmarks: the product next to the least time that the same job can take.

Run `python -m benchmarks`. `docs/benchmarks.md` describes the benchmarks and their bounds.
"""
