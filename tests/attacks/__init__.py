"""Every attack that the protocol names, played twice: with its defence switched off, and with it on.

    attack.py       what a story declares, the stage that it plays on, the switch
    table.py        what `make attacks` prints: pytest's reports turned into rows
    alliance.py     what several stories share: an alliance at work, and what its totals say
    desk.py         an honest custodian with a clock and a ledger of its own
    asker.py        a member that opens what custodians answer, and accuses
    test_*.py       the stories, by what the adversary is after

Production code has no off switches. A story names the one function that defends; the stage puts in its place
one that lets everything pass. A story whose attack fails even then would prove nothing, and is a failure too.
"""
