"""How the tables came to be what they are, a step a file; see `backend.core.lifecycle.migrate`."""
