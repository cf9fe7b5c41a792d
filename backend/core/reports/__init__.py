"""Reports on leads, computed from stored daily totals."""
