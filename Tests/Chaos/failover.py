"""A primary with a hot standby under Patroni and etcd, which takes over."""
import time

from cluster import Cluster
from faults import at_work, need
from places import House


def failover(town, engine, say, options):
    """The primary of PostgreSQL hands over on demand; the next one is killed together with its Patroni; as root, the
    next one loses its network. Each time, under load, the standby takes over."""
    cluster = Cluster(town.fresh())
    try:
        folder, name = town.copy(engine, None, cluster)
        with at_work(town, House(folder, engine, cluster, name), say, people=6) as scene:
            time.sleep(3)
            for how in ("told to hand over", "killed", "unplugged")[:3 if cluster.bridge else 2]:
                play(cluster, scene, say, how)
            scene.finish()
    finally:
        cluster.stop()


def play(cluster, scene, say, how):
    book, primary = scene.work.book, cluster.leader()
    before, begun = book.acknowledged, time.monotonic()
    if how == "killed":
        primary.kill()
    elif how == "unplugged":
        primary.pull()
    else:
        cluster.hand_over(primary)
    codes, last, gap = set(), begun, 0
    while True:
        status, code, _ = scene.attempt()
        now = time.monotonic()
        if status == 201:
            gap, last = max(gap, now - last), now
            if leads(cluster) not in (None, primary):
                break
        else:
            codes.add(f"{status} {code}")
        need(now - begun < 120, f"nobody takes over: {codes}")
        time.sleep(0.1)
    allowed = {"503 store.unavailable", "503 store.outcome-unknown", "503 admission.queue"}
    need(codes <= allowed, f"told otherwise: {codes - allowed}")
    time.sleep(5)
    say(f"{primary.name} {how} after {before} acknowledged writes: {leads(cluster).name} leads, "
        f"no write for {gap:.1f} s; meanwhile {', '.join(sorted(codes)) or 'nothing refused'}; "
        f"{book.acknowledged - before} acknowledged in the {time.monotonic() - begun:.0f} s since")
    begun = time.monotonic()
    if how == "killed":
        cluster.start_patroni(primary)
    elif how == "unplugged":
        primary.plug()
    cluster.wait_in_step(primary)
    say(f"{primary.name} is back and in step after {time.monotonic() - begun:.0f} s")
    scene.sees("/ready", 200)


def leads(cluster):
    """The primary, or nothing while there is none."""
    try:
        return cluster.leader()
    except StopIteration:
        return None
