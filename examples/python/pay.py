"""Pays from an account whose rollup key you have.

usage: python3 pay.py <rpc url> <secret, 64 hexadecimal digits> <owner 0x…> <index of the receiver> <wei> [reference]
"""

import sys
import time

from quittance import call, public_key, reference_message, sign, transfer_id

url, secret_text, owner, to_text, amount_text, *rest = sys.argv[1:]
secret = bytes.fromhex(secret_text)
key_x, key_y = public_key(secret)

config = call(url, "rollup_getConfig")
accounts = call(url, "rollup_getAccounts", owner=owner)
payer = next(account for account in accounts if int(account["keyY"]) == key_y and account["tokenId"] == 0)
receiver = call(url, "rollup_getAccount", index=int(to_text))
fee = int(call(url, "rollup_estimateFee", tokenId=0)["suggestedFee"])

valid_until = int(time.time()) + 3600
words = int(receiver["keyY"]), int(receiver["owner"], 16)
amount, nonce = int(amount_text), payer["nonce"]
identity = transfer_id(
    int(config["domain"]), 1, payer["index"], receiver["index"], amount, fee, nonce, valid_until, words
)
r8x, r8y, s = map(str, sign(secret, identity))
transfer = {
    "kind": "transfer",
    "from": payer["index"],
    "to": receiver["index"],
    "amount": str(amount),
    "fee": str(fee),
    "nonce": nonce,
    "validUntil": valid_until,
    "signature": {"r8x": r8x, "r8y": r8y, "s": s, "keyX": str(key_x)},
    "domain": config["domain"],
}
if rest:
    reference = rest[0].encode()
    r8x, r8y, s = map(str, sign(secret, reference_message(identity, reference)))
    transfer["reference"] = {"bytes": "0x" + reference.hex(), "r8x": r8x, "r8y": r8y, "s": s}

acknowledged = call(url, "rollup_sendTransfer", transfer=transfer)
assert acknowledged["id"] == str(identity), "the sequencer acknowledged another transfer"
print(identity, acknowledged["status"])
