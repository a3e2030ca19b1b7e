"""Logs pyenphase in to every gateway of a simulated world and prints what it read.

The world is the one argument: the line that `hallpass sim --json` prints.
"""

import asyncio
import json
import sys

from pyenphase import Envoy
from pyenphase.auth import EnvoyTokenAuth


async def read(gateway, account):
    envoy = Envoy(gateway["host"])
    await envoy.setup()
    if gateway["url"].startswith("https"):
        await envoy.authenticate(account["username"], account["password"])
    else:
        await envoy.authenticate("envoy", "")
    data = await envoy.update()
    await envoy.close()
    return {
        "serial_number": envoy.serial_number,
        "firmware": str(envoy.firmware),
        "watts_now": data.system_production.watts_now,
        "watt_hours_lifetime": data.system_production.watt_hours_lifetime,
        "inverters": sorted(data.inverters),
    }


async def main():
    world = json.loads(sys.argv[1])
    EnvoyTokenAuth.JSON_LOGIN_URL = world["cloud"]["enlighten_url"] + "/login/login.json?"
    EnvoyTokenAuth.TOKEN_URL = world["cloud"]["entrez_url"] + "/tokens"
    print(json.dumps([await read(gateway, world["account"]) for gateway in world["gateways"]]))


asyncio.run(main())
