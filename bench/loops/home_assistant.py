"""pyenphase with the loop that Home Assistant's coordinator runs around it.

Logs in once, keeps the token, reads at an interval. A refusal sets up and authenticates anew, with the token that is
kept and else with the password, and tries once more; a second one stops it until a person acts. Any other failure waits
for the next interval. Arguments: the line that `hallpass sim --json` prints, and the interval in seconds.
"""

import asyncio
import contextlib
import json
import sys

from pyenphase import Envoy
from pyenphase.auth import EnvoyTokenAuth
from pyenphase.exceptions import EnvoyAuthenticationError, EnvoyAuthenticationRequired

REFUSED = (EnvoyAuthenticationError, EnvoyAuthenticationRequired)


async def authenticate(envoy, account, kept):
    await envoy.setup()
    if kept:
        with contextlib.suppress(*REFUSED):
            await envoy.authenticate(account["username"], account["password"], token=kept[0])
            return
    await envoy.authenticate(account["username"], account["password"])
    kept[:] = [envoy.auth.token]


async def poll(envoy, account, kept, is_set_up):
    for attempt in range(2):
        try:
            if not is_set_up:
                await authenticate(envoy, account, kept)
            is_set_up = True
            await envoy.update()
            print("reading", flush=True)
            return True
        except REFUSED:
            if not is_set_up or attempt == 1:
                raise
            is_set_up = False
        # The coordinator logs whatever else goes wrong, and goes on.
        except Exception as error:
            print(type(error).__name__, file=sys.stderr, flush=True)
            return is_set_up


async def main():
    world, interval = json.loads(sys.argv[1]), float(sys.argv[2])
    EnvoyTokenAuth.JSON_LOGIN_URL = world["cloud"]["enlighten_url"] + "/login/login.json?"
    EnvoyTokenAuth.TOKEN_URL = world["cloud"]["entrez_url"] + "/tokens"
    envoy, kept, is_set_up = Envoy(world["gateways"][0]["host"]), [], False
    while True:
        is_set_up = await poll(envoy, world["account"], kept, is_set_up)
        await asyncio.sleep(interval)


asyncio.run(main())
