import time, secrets, os
import pytest
from datetime import date
from tests.alliance_hub.conftest import *
from tests.alliance_hub.records.conftest import *
from tests.alliance_hub.records.builders import *
from alliance_hub.records import processing, chunks as ch
from tests.privacy.paillier_keys import LARGE
import tests.alliance_hub.builders as b

@pytest.fixture(scope="session")
def ceremony():
    b.SMALL = LARGE
    import tests.alliance_hub.builders as bb
    bb.SMALL = LARGE
    from privacy.keyset import Policy
    return bb.hold_ceremony(Policy.for_synthetic_data())

def rows(key_set, n, start):
    pub = key_set.public_key
    out=[]
    for i in range(start, start+n):
        private = PrivateRest(product_class="consumer_loan", lost_contact=None, consent_digest=b64(seed("c")), notice_digest=None, flag=None)
        salt = secrets.token_bytes(32)
        c = secrets.randbelow(pub.n_squared)
        r = Record(pseudonym=b64(secrets.token_bytes(32)), epoch=1, standing_key=b64(secrets.token_bytes(32)), contract_ref=b64(secrets.token_bytes(32)), as_of="2026-10-31", contribution=encode_integer(c, pub.bits//4), private_digest=b64(private.digest(salt)))
        out.append(SubmittedRecord(record=r, private=private, salt=b64(salt)))
    return out

def test_b(either_alliance):
    a = either_alliance
    print(a.hub.key_set.public_key.bits)
    north = a.join("North", portfolio=1000000)
    ks = a.hub.key_set
    N=int(os.environ.get("NCH","4"))
    t=time.perf_counter()
    cs=[sign_chunk(north, ks, rows(ks, 4096, i*4096)) for i in range(N)]
    print("make", time.perf_counter()-t)
    body = Body(a.hub, "reference-1", cs)
    whole=bytes(body); dg = body.digest
    class B2(Body):
        def __bytes__(self): return whole
    body=B2(a.hub,"reference-1",cs)
    t=time.perf_counter()
    s = a.receive(north, body, digest=dg)
    print("receive", time.perf_counter()-t, len(whole)/1e6)
    orig=processing.prepare; spent=[]
    def timed(*x):
        t=time.perf_counter(); r=orig(*x); spent.append(time.perf_counter()-t); return r
    processing.prepare=timed
    t=time.perf_counter()
    import alliance_hub.jobs.service as jobs
    if os.environ.get("PROF"):
        import cProfile,pstats
        p=cProfile.Profile(); p.runcall(jobs.run, a.hub, s.job); pstats.Stats(p).sort_stats("cumtime").print_stats(45)
    else: jobs.run(a.hub, s.job)
    print("process", time.perf_counter()-t, "prepare", sum(spent))
    processing.prepare=orig
    s=a.look(north,s); print(s.state, s.accepted)
    t=time.perf_counter(); print(len(a.holders(*[unb64(r.record.pseudonym) for r in cs[0].records[:1000]])), time.perf_counter()-t)
    t=time.perf_counter(); a.live(north); print("live", time.perf_counter()-t)
from privacy.encoding import unb64
