"""The contract: one table of operations, and the one function that handles a request."""
