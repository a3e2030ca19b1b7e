"""hallpass and pyenphase side by side, on the same simulated gateway, in one run.

    cargo build --release -p hallpass && cargo build --release -p hallpass-enphase --example measure
    cargo xtask peer > /dev/null                       # installs pyenphase, prints its python
    $(cargo xtask peer) bench/against_pyenphase.py [--recording DIR] [--rounds N] [--polls N]

Two measures, each as the median of alternating rounds and as a ratio:

* start to first reading: the whole process, with a stored token, until the first reading is printed;
* CPU of one poll a minute: user and system time of a process that polls N times, less that of one that polls once,
  divided by the difference; for hallpass by a clock on which polls are a minute apart, so that it asks for what changes
  slowly as often as it really does; and of a bare client that fetches the same bodies and drops them.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HALLPASS = ROOT / "target/release/hallpass"
MEASURE = ROOT / "target/release/examples/measure"
PEER = """
import asyncio, json, sys
from pyenphase import Envoy

async def main(host, token, polls):
    envoy = Envoy(host)
    await envoy.setup()
    await envoy.authenticate(token=token)
    for _ in range(polls):
        data = await envoy.update()
    print(data.system_production.watts_now if polls else "")
    await envoy.close()

asyncio.run(main(sys.argv[1], open(sys.argv[2]).read().strip(), int(sys.argv[3])))
"""


def measure(command, environment):
    """Wall and CPU seconds of a process."""
    begun = time.perf_counter()
    process = subprocess.Popen(list(map(str, command)), env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command} ended with {process.returncode}")
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def rounds(count, contenders):
    """Medians of (wall, cpu, memory) by contender, in turn so that a drift of the machine hits all alike."""
    results = {name: [] for name in contenders}
    for _ in range(count):
        for name, run in contenders.items():
            results[name].append(run())
    return {name: [statistics.median(values) for values in zip(*runs)] for name, runs in results.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--recording")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--polls", type=int, default=200)
    options = parser.parse_args()

    world = ["--recording", options.recording] if options.recording else ["--firmware", "7.6.175"]
    with tempfile.TemporaryDirectory() as directory:
        simulator = subprocess.Popen([HALLPASS, "sim", "--json", *world], stdout=subprocess.PIPE, text=True)
        try:
            compare(json.loads(simulator.stdout.readline()), Path(directory), options)
        finally:
            simulator.terminate()
            simulator.wait()


def compare(description, directory, options):
    # The rate of requests is a kindness to gateways; a benchmark of a simulated one does without.
    lifted = {"HALLPASS_GATEWAY__REQUESTS_PER_MINUTE": "1000000", "HALLPASS_GATEWAY__BURST": "1000000"}
    environment = {**os.environ, **description["env"], **lifted}
    state = ["--state-dir", directory / "state"]
    host = description["gateways"][0]["host"]
    account = description["account"]
    password, token = directory / "password", directory / "token"
    for path in (password, token):
        path.touch(mode=0o600)
    password.write_text(account["password"])
    login = ["login", host, "--name", "gateway", "--username", account["username"]]
    run = lambda *arguments: subprocess.run(
        [HALLPASS, *state, *arguments], env=environment, check=True, capture_output=True, text=True
    ).stdout
    run(*login, "--password-file", password, "--trust-new")
    token.write_text(run("token", "gateway"))

    peer = lambda polls: measure([sys.executable, "-c", PEER, host, token, polls], environment)
    poll = lambda polls, *mode: measure([MEASURE, host, token, polls, *mode], environment)
    print(f"pyenphase in Python {sys.version.split()[0]}; {options.rounds} rounds, medians\n")

    first = rounds(options.rounds, {
        "hallpass": lambda: measure([HALLPASS, *state, "read", "gateway", "--json"], environment),
        "pyenphase": lambda: peer(1),
    })
    print("start to first reading, stored token       wall ms   CPU ms   peak MiB")
    for name, (wall, cpu, memory) in first.items():
        print(f"  {name:<40} {wall * 1e3:8.1f} {cpu * 1e3:8.1f} {memory:10.1f}")
    print(f"  ratio (target 0.1)                       {first['hallpass'][0] / first['pyenphase'][0]:8.3f}\n")

    many = options.polls
    contenders = {}
    for count in (1, many + 1):
        contenders[("hallpass", count)] = lambda count=count: poll(count)
        contenders[("bare", count)] = lambda count=count: poll(count, "bare")
        contenders[("pyenphase", count)] = lambda count=count: peer(count)
    medians = rounds(max(3, options.rounds // 3), contenders)
    print("CPU of one poll                                       CPU ms")
    cost = {}
    for name in ("hallpass", "bare", "pyenphase"):
        cost[name] = (medians[(name, many + 1)][1] - medians[(name, 1)][1]) / many
        print(f"  {name:<40} {cost[name] * 1e3:18.3f}")
    print(f"  hallpass : pyenphase (target 0.1)        {cost['hallpass'] / cost['pyenphase']:18.3f}")
    print(f"  hallpass : bare (target 1.5)             {cost['hallpass'] / cost['bare']:18.3f}")


main()
