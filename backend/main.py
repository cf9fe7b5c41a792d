"""`backend.main:app`, the name by which installations start the FastAPI server."""

from backend.fastapi_app import app

__all__ = ["app"]
