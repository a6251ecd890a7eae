"""The family's blueprint, by itself: its modules import it, and the package imports them."""

from flask import Blueprint

bp = Blueprint("log_pages", __name__, url_prefix="/log")
