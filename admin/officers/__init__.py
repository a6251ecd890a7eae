"""Officers: their register, the page of one, and what an administrator does about them."""

from admin.officers import acts, deputies, inviting, views
from admin.officers.blueprint import bp

__all__ = ["acts", "bp", "deputies", "inviting", "views"]
