"""The family's blueprint, by itself: its modules import it, and the package imports them."""

from flask import Blueprint

bp = Blueprint("officers", __name__)
