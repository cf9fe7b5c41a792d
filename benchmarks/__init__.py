"""What the product costs, beside the least that the same job can cost on the same machine.

`python -m benchmarks` measures; `docs/benchmarks.md` says what, and against which bounds.
"""
