"""TOFA CRM: a lead CRM for a sports academy with several centers."""

__version__ = "1.0.0"
