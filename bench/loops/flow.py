"""The recovery loop that many home automations have: session, then token, then cloud.

Each tick asks with the session; whatever is no 200 asks `check_jwt` with the token and then again with the new session,
at once; whatever is no 200 there logs in at the cloud for a new token. No certificate of the gateway is looked at. The
flow that this restates goes round without end while `check_jwt` answers; here a tick ends after 20 rounds. Arguments: the
line that `hallpass sim --json` prints, and the interval in seconds.
"""

import json
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

ROUNDS = 20
ANY_CERTIFICATE = ssl._create_unverified_context()


def ask(url, headers=None, data=None):
    """Status, headers and text; status 0 where there is no answer."""
    request = urllib.request.Request(url, headers=headers or {}, data=data)
    try:
        with urllib.request.urlopen(request, timeout=30, context=ANY_CERTIFICATE) as answer:
            return answer.status, answer.headers, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.headers, ""
    except (OSError, ValueError):
        return 0, {}, ""


class Flow:
    def __init__(self, world):
        self.gateway = world["gateways"][0]["url"]
        self.serial_number = world["gateways"][0]["serial_number"]
        self.cloud, self.account = world["cloud"], world["account"]
        self.session, self.token = "0", "undefined"

    def tick(self):
        for _ in range(ROUNDS):
            status, _, _ = ask(self.gateway + "/api/v1/production/inverters", {"Cookie": f"sessionId={self.session}"})
            if status == 200:
                return True
            if not self.renew_session() and not (self.renew_token() and self.renew_session()):
                return False
        return False

    def renew_session(self):
        status, headers, _ = ask(self.gateway + "/auth/check_jwt", {"Authorization": f"Bearer {self.token}"})
        if status != 200:
            return False
        cookie = headers.get("Set-Cookie") or ""
        self.session = cookie.partition("sessionId=")[2].partition(";")[0]
        return True

    def renew_token(self):
        if ask(self.gateway + "/info")[0] != 200:
            return False
        form = {"user[email]": self.account["username"], "user[password]": self.account["password"]}
        status, _, text = ask(
            self.cloud["enlighten_url"] + "/login/login.json", data=urllib.parse.urlencode(form).encode()
        )
        if status != 200:
            return False
        try:
            session_id = json.loads(text)["session_id"]
        except (ValueError, KeyError):
            return False
        wanted = {"session_id": session_id, "serial_num": self.serial_number, "username": self.account["username"]}
        headers = {"Content-Type": "application/json"}
        status, _, text = ask(self.cloud["entrez_url"] + "/tokens", headers, json.dumps(wanted).encode())
        self.token = text if status == 200 else self.token
        return status == 200


def main():
    flow, interval = Flow(json.loads(sys.argv[1])), float(sys.argv[2])
    while True:
        if flow.tick():
            print("reading", flush=True)
        time.sleep(interval)


main()
