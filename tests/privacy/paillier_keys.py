"""Test keys: safe primes that everybody can read, made once by `privacy.primes` so that tests are fast.

They protect nothing. Two pairs of 512-bit primes make moduli of 1024 bits, one pair of 1536-bit primes
a modulus of 3072 bits, the size of a real key set.
"""

from __future__ import annotations

from typing import Final

Primes = tuple[int, int]

SMALL: Final[Primes] = (
    int(
        "ec3ae5e2a4e2aaff19af339abb680627305d3e76617339e05e85b088b00388f0ab847db8ccc43817b10b4b61528e"
        "eca58687b3f3a900fc00a2255f0fb309f40b",
        16,
    ),
    int(
        "fab5616607de7651c8d9d63e4707d25771f0ea2d929ae4a946aae2d8b6e20e046ec5647226ff9eaa874db604f92a"
        "eedffceefb86329e961488c7747eb4e684ab",
        16,
    ),
)

OTHER: Final[Primes] = (
    int(
        "c88249a5d4d497b8cde999e9f077393f5b4a5ba3e51af28788814db189701c5ac137e46916e84a977902f00bb9b5"
        "4eae40b0030ac03db5f7defa8d8b791fbfab",
        16,
    ),
    int(
        "dd9fed2c0c1270fa0d64d01e145e7eaca1bc508fe8447012c57f8162bc8212215021269705a227630633a59379df"
        "545a7ecd1fefbed90c264f60c5cfb6c5b4bf",
        16,
    ),
)
"""Another key of the same size: what it makes must not open under `SMALL`."""

LARGE: Final[Primes] = (
    int(
        "f758da2824b161161c7edbbdffcc94d88b18d753bb18e237100490b6620bd36865fc563a99b0317603075141d72e"
        "5ed598a60614eb1f6ce86e6dd413b66377411b823a4680bbd761b9a4bbe4cd3505fcbc24f84c1b21bb78396fe4c4"
        "c869d7b09d19c8d01ef3ef2a2d9beb06d38333ab9fb5feb7ceefe3ff50f728995d81a077b2366696c84be7fed3f4"
        "2ac1e8acb8507cafbac309ad11148a69a594875994cf71a08a9ce7ebc95f3d196ce72c567b96f4a662961f99357f"
        "3fc361f6fe70b8af",
        16,
    ),
    int(
        "ee9daaefe66eddd39affa070f77369bc30834f6cccbda5c686ec2891171be518f007001ac99b019a1fc84cf6c0e0"
        "c32837c17a3b458280bd9d0fee945e7c27c1a2cb85c5c022cf0117d194337cf58b680cb618076dbf1142a8c60ce2"
        "88ad8e27dc698a1096d114fc67bb3a0bb98db00550abbbbeff9bb88461afd9bbacbfb10c244e3b584aba7e3ddd96"
        "bbf6887c85900c6dae3f33ec2981bf281fba887367ba8d84c426c684844a1be181bf0049c8147150b19fc3e7dfd2"
        "b2a287c07a1b378f",
        16,
    ),
)
