"""How `serve` serves: uvicorn, with limits on what a client may hold, and a bridge to WSGI."""
