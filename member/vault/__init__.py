"""What a member must not lose: keys, tokens, and work under way. Sealed; locked by one command at a time."""

from member.vault.contracts import Ending
from member.vault.keys import Keys
from member.vault.vault import Settings, Vault

__all__ = ["Ending", "Keys", "Settings", "Vault"]
