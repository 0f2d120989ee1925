"""Keys, signatures and calls of Quittance in plain Python, written from docs/reference/keys-and-signatures.md alone.

Standard library only. It is an example of what an implementer writes, slow (a signature takes a tenth of a second) and not
hardened against side channels.
"""

import hashlib
import json
import urllib.request

# BN254's scalar field, in which all hashes and curve points are.
R = 21888242871839275222246405745257275088548364400416034343698204186575808495617
# BabyJubJub (EIP-2494): a x^2 + y^2 = 1 + d x^2 y^2, the order of its prime subgroup, and that subgroup's generator.
A, D = 168700, 168696
SUBGROUP = 2736030358979909402780800718157159386076813972158567259200215660948447373041
BASE8 = (
    5299619240641551281634865583518297030282874472190772894086521144482721001553,
    16950150798460657717958625567821834550301663161624707787222815936182638968203,
)


# --- Poseidon -------------------------------------------------------------------------------------------------------

FULL_ROUNDS = 8
PARTIAL_ROUNDS = {2: 56, 3: 57, 4: 56, 5: 60, 6: 60, 7: 63}


class Grain:
    """The generator of Poseidon's constants: an 80-bit shift register, of which every second pair gives a bit."""

    def __init__(self, width, partial):
        parts = [(1, 2), (0, 4), (254, 12), (width, 12), (FULL_ROUNDS, 10), (partial, 10), (2**30 - 1, 30)]
        self.bits = [int(bit) for value, size in parts for bit in format(value, f"0{size}b")]
        for _ in range(160):
            self.step()

    def step(self):
        bits = self.bits
        bit = bits[62] ^ bits[51] ^ bits[38] ^ bits[23] ^ bits[13] ^ bits[0]
        self.bits = bits[1:] + [bit]
        return bit

    def bit(self):
        while self.step() == 0:
            self.step()
        return self.step()

    def number(self):
        return int("".join(str(self.bit()) for _ in range(254)), 2)

    def below_r(self):
        while (value := self.number()) >= R:
            pass
        return value


def _constants(width):
    partial = PARTIAL_ROUNDS[width]
    grain = Grain(width, partial)
    rounds = [[grain.below_r() for _ in range(width)] for _ in range(FULL_ROUNDS + partial)]
    seeds = [grain.number() % R for _ in range(2 * width)]
    matrix = [[pow(seeds[i] + seeds[width + j], -1, R) for j in range(width)] for i in range(width)]
    return rounds, matrix


_KNOWN = {}


def poseidon(inputs):
    """Poseidon of 1 to 6 numbers below R, with circomlib's constants."""
    width = len(inputs) + 1
    if width not in _KNOWN:
        _KNOWN[width] = _constants(width)
    rounds, matrix = _KNOWN[width]
    state = [0, *inputs]
    half = FULL_ROUNDS // 2
    for number, constants in enumerate(rounds):
        state = [(word + constant) % R for word, constant in zip(state, constants)]
        is_full = number < half or number >= len(rounds) - half
        state = [pow(word, 5, R) if is_full or place == 0 else word for place, word in enumerate(state)]
        state = [sum(factor * word for factor, word in zip(row, state)) % R for row in matrix]
    return state[0]


# --- BLAKE-512, the hash before BLAKE2 --------------------------------------------------------------------------------

_BLAKE_START = [
    0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1,
    0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179,
]  # fmt: skip
_BLAKE_PI = [
    0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89,
    0x452821E638D01377, 0xBE5466CF34E90C6C, 0xC0AC29B7C97C50DD, 0x3F84D5B5B5470917,
    0x9216D5D98979FB1B, 0xD1310BA698DFB5AC, 0x2FFD72DBD01ADFB7, 0xB8E1AFED6A267E96,
    0xBA7C9045F12C7F99, 0x24A19947B3916CF7, 0x0801F2E2858EFC16, 0x636920D871574E69,
]  # fmt: skip
_BLAKE_ORDER = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
]
_WORD = 2**64 - 1


def _turn(value, count):
    return (value >> count | value << (64 - count)) & _WORD


def blake512(message):
    """BLAKE-512 of at most 111 bytes: one block, which is all that keys and signatures need."""
    if len(message) > 111:
        raise ValueError("longer than a block")
    pad = b"\x80" + bytes(110 - len(message)) + b"\x01" if len(message) < 111 else b"\x81"
    bit_count = 8 * len(message)
    block = message + pad + bit_count.to_bytes(16, "big")
    words = [int.from_bytes(block[8 * i : 8 * i + 8], "big") for i in range(16)]
    v = _BLAKE_START + _BLAKE_PI[:8]
    v[12] ^= bit_count
    v[13] ^= bit_count

    def mix(a, b, c, d, first, second):
        v[a] = (v[a] + v[b] + (words[first] ^ _BLAKE_PI[second])) & _WORD
        v[d] = _turn(v[d] ^ v[a], 32)
        v[c] = (v[c] + v[d]) & _WORD
        v[b] = _turn(v[b] ^ v[c], 25)
        v[a] = (v[a] + v[b] + (words[second] ^ _BLAKE_PI[first])) & _WORD
        v[d] = _turn(v[d] ^ v[a], 16)
        v[c] = (v[c] + v[d]) & _WORD
        v[b] = _turn(v[b] ^ v[c], 11)

    columns = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)]
    diagonals = [(0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]
    for number in range(16):
        order = _BLAKE_ORDER[number % 10]
        for place, lane in enumerate(columns + diagonals):
            mix(*lane, order[2 * place], order[2 * place + 1])
    return b"".join((_BLAKE_START[i] ^ v[i] ^ v[i + 8]).to_bytes(8, "big") for i in range(8))


# --- keys and signatures ----------------------------------------------------------------------------------------------


def add_points(one, other):
    (x1, y1), (x2, y2) = one, other
    product = D * x1 * x2 * y1 * y2 % R
    x = (x1 * y2 + y1 * x2) * pow(1 + product, -1, R) % R
    y = (y1 * y2 - A * x1 * x2) * pow(1 - product, -1, R) % R
    return x, y


def multiply(point, scalar):
    result = (0, 1)
    while scalar:
        if scalar & 1:
            result = add_points(result, point)
        point = add_points(point, point)
        scalar >>= 1
    return result


def _expand(secret):
    digest = blake512(secret)
    low = bytearray(digest[:32])
    low[0] &= 0xF8
    low[31] = low[31] & 0x7F | 0x40
    return int.from_bytes(low, "little"), digest[32:]


def public_key(secret):
    """The key (x, y) of a 32-byte secret."""
    scalar, _ = _expand(secret)
    return multiply(BASE8, (scalar >> 3) % SUBGROUP)


def sign(secret, message):
    """EdDSA-Poseidon signature of a number below R, as circomlib has it: R8.x, R8.y, S."""
    scalar, prefix = _expand(secret)
    key = multiply(BASE8, (scalar >> 3) % SUBGROUP)
    nonce = int.from_bytes(blake512(prefix + message.to_bytes(32, "little")), "little") % SUBGROUP
    r8 = multiply(BASE8, nonce)
    challenge = poseidon([*r8, *key, message])
    return *r8, (nonce + challenge * scalar) % SUBGROUP


def verify(key, signature, message):
    """Whether a signature is one of this message under this key, which must be on the curve."""
    r8, s = signature[:2], signature[2]
    if not 0 <= s < SUBGROUP:
        return False
    challenge = poseidon([*r8, *key, message])
    return multiply(BASE8, s) == add_points(r8, multiply(key, 8 * challenge))


# --- records ----------------------------------------------------------------------------------------------------------


def encode_float(value, mantissa_bits):
    """A number as mantissa times a power of ten up to 31. ValueError when there is no exact one."""
    mantissa, exponent = value, 0
    while mantissa and mantissa % 10 == 0 and exponent < 31:
        mantissa, exponent = mantissa // 10, exponent + 1
    if mantissa >> mantissa_bits:
        raise ValueError(f"{value} cannot be stated exactly: round it down to {len(str(2**mantissa_bits)) - 1} digits")
    return exponent << mantissa_bits | mantissa


def transfer_id(domain, kind, sender, to, amount, fee, nonce, valid_until, receiver):
    """What the payer signs, which is the id. `receiver`: its key's y and its owner as a number."""
    record = kind << 120 | sender << 88 | to << 56 | encode_float(amount, 35) << 16 | encode_float(fee, 11)
    return poseidon([domain, record | nonce << 124 | valid_until << 156, *receiver])


def reference_message(transfer, reference):
    """What the payer signs for a payment reference of 1 to 140 bytes."""
    digest = hashlib.sha256(reference).digest()
    tag = int.from_bytes(b"quittance:reference:1", "big")
    halves = int.from_bytes(digest[:16], "big"), int.from_bytes(digest[16:], "big")
    return poseidon([tag, transfer, len(reference), *halves])


# --- the sequencer ------------------------------------------------------------------------------------------------------


def call(url, method, **params):
    """One call over JSON-RPC. RuntimeError with the sequencer's reason."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        answer = json.load(response)
    if "error" in answer:
        raise RuntimeError(f"{answer['error'].get('data', {}).get('reason')}: {answer['error']['message']}")
    return answer["result"]
