"""What can go wrong when pages are set: there is no font, or what is to be set fits on no page.

PaperError
└── NoFont    no font with Chinese characters; the message says which package to install
"""


class PaperError(Exception):
    """Root of every error that `paper` raises on purpose."""


class NoFont(PaperError):
    """No font with Chinese characters was found, or the one named cannot be read."""
