"""The database below the sessions: locks, upserts, many rows at once, group commit, turns."""
