"""The system's own Chromium, or the program that CHROMIUM names, driven by Playwright."""

import os
import shutil

from playwright.sync_api import Browser, Playwright

PROGRAM = os.environ.get("CHROMIUM") or shutil.which("chromium")


def launch(playwright: Playwright) -> Browser:
    """A browser without a window. There must be a `PROGRAM`."""
    return playwright.chromium.launch(
        executable_path=PROGRAM, args=["--no-sandbox", "--disable-gpu", "--lang=en-GB"]
    )
