"""The operator's page: one small site on this machine's loopback address, for a person at a notary office.

    gate.py      who gets in: token, session, Host, headers
    office.py    what the page works with: home, follower, clock
    overview.py  what stands on the page
    words.py     what is said in two languages
    app.py       the views
    serving.py   binds 127.0.0.1 and prints the address

Without a script: every page works with forms and links alone.
"""
