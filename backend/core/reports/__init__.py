"""Reports: what became of the leads, from totals that are kept for each day."""
