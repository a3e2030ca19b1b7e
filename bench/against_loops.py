"""hallpass, pyenphase and the usual recovery loop, each through the same faults of the same simulator.

    cargo build --release -p hallpass
    $(cargo xtask peer) bench/against_loops.py [--jobs N] [--faults NAME ...] > docs/comparison.md

Real time: about eight minutes where all run at once (`--jobs 0`, the usual), with some 40 processes of each kind. Every
contender has a simulator of its own, logs in, reads every 20 seconds, meets one fault, and is watched for five minutes
after it. What is counted is counted by the simulator; a reading is what the contender prints.
"""

import argparse
import asyncio
import contextlib
import importlib.metadata
import json
import os
import sqlite3
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILDS = [ROOT / "target/release/hallpass", ROOT / "target/debug/hallpass"]
INTERVAL, WARM, FAULT, AFTER = 20, 20, 90, 300


@dataclass
class Fault:
    """A fault with its arguments, how long it lasts, and what else happens with it."""

    name: str
    arguments: dict = field(default_factory=dict)
    length: int = FAULT
    event: str = ""
    shortened: str = ""


INVERTERS = "/api/v1/production/inverters"
FAULTS = [
    Fault("reboot_503", {"down": "30s", "starting": "60s"}, 90, shortened="30 s and 60 s, usually 1 and 3 minutes"),
    Fault("hang", shortened="nightly_2300: 90 s, at night 2 to 15 minutes"),
    Fault("gateway_504", shortened="90 s, reported for 10 minutes"),
    Fault("html200", {"path": INVERTERS}),
    Fault("one_endpoint_401", {"path": INVERTERS}, shortened="90 s, reported for ever"),
    Fault("powercut_session", length=0),
    Fault("revoked", length=0),
    Fault("fw_update", {"down": "60s"}, 60, shortened="60 s, usually 20 minutes"),
    Fault("wrong_password", length=FAULT + AFTER, event="expire-token"),
    Fault("mfa", length=FAULT + AFTER, event="expire-token"),
    Fault("too_many_sessions", length=FAULT + AFTER, event="expire-token"),
    Fault("impostor"),
    Fault("midstream_swap", event="cut-connections"),
    Fault("cert_rotated", length=0),
    Fault("https_gone"),
]
CLOUD_FAULTS = [fault for fault in FAULTS if fault.event == "expire-token"]
CONTENDERS = ["hallpass", "pyenphase", "usual loop"]


@dataclass
class Outcome:
    logins: int
    requests: int
    token_bytes: int
    readings: list
    exit: int | None
    begun: float
    ended: float


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=0)
    parser.add_argument("--faults", nargs="*")
    options = parser.parse_args()
    faults = [fault for fault in FAULTS if not options.faults or fault.name in options.faults]
    turns = asyncio.Semaphore(options.jobs or len(faults) * len(CONTENDERS))
    begun = time.monotonic()

    async def one(fault, contender):
        async with turns:
            try:
                return await run(fault, contender)
            except Exception as error:
                print(f"{fault.name}, {contender}: {error!r}", file=sys.stderr)

    pairs = [(fault, contender) for fault in faults for contender in CONTENDERS]
    outcomes = await asyncio.gather(*(one(*pair) for pair in pairs))
    report(faults, {(f.name, c): outcome for (f, c), outcome in zip(pairs, outcomes)}, time.monotonic() - begun)


async def run(fault, contender):
    with tempfile.TemporaryDirectory() as directory:
        simulator = await start(HALLPASS, "sim", "--json")
        try:
            world = json.loads(await simulator.stdout.readline())
            client = await begin(contender, world, Path(directory))
            try:
                return await watch(fault, client, world["control"]["url"])
            finally:
                await end(client)
        finally:
            await end(simulator)


async def begin(contender, world, directory):
    loops = {"pyenphase": "home_assistant.py", "usual loop": "flow.py"}
    if contender in loops:
        return await start(sys.executable, ROOT / "bench/loops" / loops[contender], json.dumps(world), INTERVAL)
    environment = {**os.environ, **world["env"]}
    password = directory / "password"
    password.touch(mode=0o600)
    password.write_text(world["account"]["password"])
    state = ["--state-dir", directory / "state"]
    login = ["login", world["gateways"][0]["host"], "--name", "gateway", "--username", world["account"]["username"]]
    login = await start(HALLPASS, *state, *login, "--password-file", password, "--trust-new", env=environment)
    await login.communicate()
    forget_cloud_session(directory / "state/hallpass.db")
    watch = ["watch", "gateway", "--all", "--json", "--every", f"{INTERVAL}s"]
    return await start(HALLPASS, *state, *watch, env=environment)


def forget_cloud_session(database):
    """As if the login was long ago: within 15 minutes of it, a new token needs no other."""
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        forgotten = connection.execute("DELETE FROM record WHERE space = 'credential' AND name LIKE 'cloud/%'").rowcount
    assert forgotten, "no cloud session is kept"


async def watch(fault, client, control):
    """Lets the client read, meet the fault, and go on; returns what came of it."""
    readings = []
    first = asyncio.Event()

    async def note():
        async for _ in client.stdout:
            readings.append(time.monotonic())
            first.set()

    noting = asyncio.create_task(note())
    await asyncio.wait_for(first.wait(), 120)
    await asyncio.sleep(WARM)
    before = await ask(control, "GET", "/counters")
    begun = time.monotonic()
    await ask(control, "PUT", f"/faults/{fault.name}", fault.arguments)
    if fault.event:
        await ask(control, "POST", f"/events/{fault.event}")
    await asyncio.sleep(fault.length)
    if fault.length:
        await ask(control, "DELETE", f"/faults/{fault.name}")
    ended = time.monotonic()
    await asyncio.sleep(max(0, begun + FAULT + AFTER - ended))
    after = await ask(control, "GET", "/counters")
    verdict = await ask(control, "GET", "/verdict")
    noting.cancel()
    return Outcome(
        logins=after["cloud_logins"] - before["cloud_logins"],
        requests=verdict["maxima"]["requests_per_minute"],
        token_bytes=sum(leak["bytes"] for leak in after["leaks"]),
        readings=readings,
        exit=client.returncode,
        begun=begun,
        ended=ended,
    )


async def start(*command, env=None):
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    # A document of hallpass is one long line.
    return await asyncio.create_subprocess_exec(
        *map(str, command), env=env, stdout=pipe, stderr=nothing, limit=1 << 20
    )


async def end(process):
    if process.returncode is None:
        process.terminate()
        await process.wait()


async def ask(control, method, path, body=None):
    data = json.dumps(body or {}).encode() if method != "GET" else None
    request = urllib.request.Request(control + path, method=method, data=data)

    def send():
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    return await asyncio.to_thread(send)


def recovery(fault, outcome):
    # A cloud that stays as it is can be got round, or not.
    since = outcome.begun if fault in CLOUD_FAULTS else outcome.ended
    after = [moment - since for moment in outcome.readings if moment > since]
    if after:
        return f"{after[0]:.0f} s"
    if outcome.exit == 7:
        return "suspended, a person decides"
    return "waits" if outcome.exit is None else "ended, a person is needed"


def report(faults, outcomes, took):
    versions = (importlib.metadata.version("pyenphase"), sys.version.split()[0])
    build = "release" if HALLPASS == BUILDS[0] else "debug"
    print(HEAD.format(pyenphase=versions[0], python=versions[1], build=build, minutes=took / 60, interval=INTERVAL))
    titles = ["logins", "back after", "secret bytes to a wrong peer", "requests in the worst minute"]
    for index, title in enumerate(titles):
        print(f"## {title[0].upper()}{title[1:]}\n")
        print("| fault | " + " | ".join(CONTENDERS) + " |\n|---|" + "---|" * len(CONTENDERS))
        for fault in faults:
            cells = [cell(index, fault, outcomes[(fault.name, contender)]) for contender in CONTENDERS]
            print(f"| `{fault.name}` | " + " | ".join(cells) + " |")
        print()
    print("## What was shortened\n\n| fault | here |\n|---|---|")
    for fault in faults:
        if fault.shortened:
            print(f"| `{fault.name}` | {fault.shortened} |")
    print(TAIL, end="")


def cell(index, fault, outcome):
    if outcome is None:
        return "not measured"
    return [outcome.logins, recovery(fault, outcome), outcome.token_bytes, outcome.requests][index].__str__()


HEAD = """\
# The same faults for three clients

Written by `bench/against_loops.py`, which says how to repeat it; it took {minutes:.0f} minutes. The three are

- hallpass ({build} build), `watch`;
- pyenphase {pyenphase} (Python {python}) in the loop of Home Assistant's coordinator;
- the usual loop of home automations: on anything but a 200 the session anew, else the token, else a login.

The two loops are restated in `bench/loops` from what is public of them; the usual loop without the limiter of one login
in a day (or half a day) that some flows have.

All read every {interval} seconds, each from a simulated gateway (7.6.175) and clouds of its own. Counts are those of the
simulator, from the fault on; the worst minute includes the start. All logged in just before; hallpass is made to forget its
session at the cloud, which would spare it logins. hallpass keeps its budgets at their real lengths, so it is the slowest
where it is careful: a gateway that is away is asked once a minute, and the cloud only after two refusals a minute apart and
some minutes after an outage.
"""

TAIL = """
With `wrong_password`, `mfa` and `too_many_sessions` the token is revoked, too, so that a login is needed, and the fault
stays: nobody should get back, and what counts is how often it is tried in the six and a half minutes that are watched.

Where the key has changed or TLS is gone, hallpass stops until a person has run `hallpass trust accept`; the others go on
with whoever answers, which is what the third table counts. After `cert_rotated` it is the gateway itself that answers, with
a key that nobody has accepted: a client cannot tell that from somebody else.
"""

HALLPASS = next((build for build in BUILDS if build.exists()), None)
if HALLPASS is None:
    sys.exit("build hallpass first: cargo build --release -p hallpass")
asyncio.run(main())
