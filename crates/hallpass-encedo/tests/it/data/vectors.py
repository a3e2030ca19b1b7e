"""Makes vectors.json: `python3 vectors.py > vectors.json`.

Independent of the crate: nothing but Python's standard library, with X25519 written out after
RFC 7748 and Ed25519 after RFC 8032. All inputs are made up; none is of a real device.
"""

import base64
import hashlib
import hmac
import json

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
ORDER = 2**252 + 27742317777372353535851937790883648493


def standard(data):
    return base64.b64encode(data).decode()


def url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def sha256(label):
    return hashlib.sha256(label.encode()).digest()


def mac(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def x25519(private, point=(9).to_bytes(32, "little")):
    """RFC 7748, section 5."""
    k = bytearray(private)
    k[0] &= 248
    k[31] = k[31] & 127 | 64
    k = int.from_bytes(k, "little")
    u = int.from_bytes(point, "little") & (1 << 255) - 1
    x2, z2, x3, z3, swap = 1, 0, u, 1, 0
    for t in reversed(range(255)):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % P, b * b % P, d * a % P, c * b % P
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % P, u * (da - cb) ** 2 % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def added(p, q):
    """RFC 8032, section 5.1.4, in affine coordinates."""
    (x1, y1), (x2, y2) = p, q
    t = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + t, -1, P) % P
    return x, (y1 * y2 + x1 * x2) * pow(1 - t, -1, P) % P


def multiplied(number, point):
    product = (0, 1)
    while number:
        if number & 1:
            product = added(product, point)
        point, number = added(point, point), number >> 1
    return product


def encoded(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def base():
    y = 4 * pow(5, -1, P) % P
    xx = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    return (P - x if x & 1 else x), y


def ed25519(seed, message):
    """RFC 8032, section 5.1.6: the public key, and the signature."""
    h = hashlib.sha512(seed).digest()
    s = int.from_bytes(h[:32], "little") & (1 << 254) - 8 | 1 << 254
    key = encoded(multiplied(s, base()))
    r = int.from_bytes(hashlib.sha512(h[32:] + message).digest(), "little") % ORDER
    point = encoded(multiplied(r, base()))
    k = int.from_bytes(hashlib.sha512(point + key + message).digest(), "little") % ORDER
    return key, point + ((r + k * s) % ORDER).to_bytes(32, "little")


def derived(kdf, passphrase, eid):
    secret = passphrase.encode()
    if kdf == "pbkdf2":
        return hashlib.pbkdf2_hmac("sha256", secret, eid.encode(), 600_000)
    if kdf == "pbkdf2-2022":
        return hashlib.pbkdf2_hmac("sha256", secret, base64.b64decode(eid), 2048)
    seed = hashlib.pbkdf2_hmac("sha512", secret, b"mnemonic", 2048).hex()
    return bytes.fromhex(seed[1:65])


def login(name, kdf, passphrase, scope, life, remark=None):
    now = 1_795_000_000
    session = sha256(f"{name}: session")
    challenge = {
        "exp": now + 60,
        "spk": standard(x25519(session)),
        "jti": standard(now.to_bytes(4, "little") + sha256(f"{name}: nonce")[4:]),
        "lbl": "Kasia",
        "eid": standard(x25519(sha256(f"{name}: identity"))),
    }
    key = derived(kdf, passphrase, challenge["eid"])
    claims = {
        "jti": challenge["jti"],
        "aud": challenge["spk"],
        "exp": now + life,
        "iat": now,
        "iss": standard(x25519(key)),
        "scope": scope,
    }
    if remark is not None:
        claims["ctx"] = remark
    header = compact({"ecdh": "x25519", "alg": "HS256", "typ": "JWT"})
    signed = url(header.encode()) + "." + url(compact(claims).encode())
    shared = x25519(key, x25519(session))
    assert shared == x25519(session, x25519(key))
    answer = compact({"auth": signed + "." + url(mac(shared, signed.encode()))})
    return {
        "name": name, "kdf": kdf, "passphrase": passphrase, "scope": scope, "life": life,
        "remark": remark, "now": now, "challenge": challenge, "answer": answer,
    }


def log():
    key, line_key = sha256("log: seed"), sha256("log: key")
    public, signature = ed25519(key, line_key)
    lines = [
        f"0|6afd5b00|0|0|{url(line_key)}|{url(signature)}|",
        "1|6afd5b00|1|0|||",
        "2|6afd5b07|13|0|||",
        "3|6afd5b20|d|0|U||",
        "4|6afd5b21|c|1|U|keymgmt:list|",
    ]
    lines = [line + url(mac(line_key, line.encode())[:16]) for line in lines]
    text = "\n".join(["# Encedo HEM v1.2.2 (#0000000)", *lines, ""])
    nonce = sha256("log: nonce")
    proof = {
        "key": standard(public),
        "nonce": standard(nonce),
        "nonce_signed": standard(ed25519(key, nonce)[1]),
    }
    return {"proof": proof, "text": text}


WORDS = "legal winner thank year wave sausage worth useful legal winner thank year wave sausage " \
    "worth useful legal winner thank year wave sausage worth title"

print(json.dumps({
    "logins": [
        login("user", "pbkdf2", "śliwka w kompocie 🍑", "logger:get", 28_800, "as \"root\""),
        login("enrolled in 2022", "pbkdf2-2022", " spaces stay ", "keymgmt:list", 60),
        login("master", "mnemonic", WORDS, "system:config", 3600),
    ],
    "log": log(),
}, indent=1, ensure_ascii=False))
