"""TOFA CRM: where an academy's leads are kept, called and followed up."""

__version__ = "1.0.0"
