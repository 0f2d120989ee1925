/** The page Keys and signatures: its vectors are what our code makes, and Python that was written from it agrees with them. */

import { strict as assert } from 'node:assert';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createKeyPair, createWallet, formatReceiver } from '@quittance/sdk';
import { type Devnet, startDevnet } from '@quittance/sdk/testing';
import { signingVectors } from '../../scripts/generate/vectors.ts';
import { scriptsOf } from '../support/docs/page.ts';
import { leaveOut } from '../support/native.ts';
import { runCli, writePrivate } from '../support/process/cli.ts';
import { readDocument } from '../support/sources/markdown.ts';

const run = promisify(execFile);
const CHECK = `
import json, sys
sys.path.insert(0, "examples/python")
import quittance as q
v = json.load(open("test/vectors/signing.json"))
domain = int(v["deployment"]["domain"])
for k in v["keys"] + v["wallets"]:
    assert q.public_key(bytes.fromhex(k["secret"][2:])) == (int(k["x"]), int(k["y"])), k
kinds = {"transfer": 1, "transferToNew": 2, "withdraw": 3, "move": 7}
for item in v["transfers"]:
    t, secret = item["transfer"], bytes.fromhex(item["secret"][2:])
    words = {"transfer": None, "transferToNew": (int(t.get("toKeyY", 0)), int(t.get("toOwner", "0x0"), 16)),
             "withdraw": (0, 0), "move": (int(t.get("toKeyY", 0)), 0)}[t["kind"]]
    if words is None:
        words = int(v["transfers"][1]["transfer"]["toKeyY"]), int(v["transfers"][1]["transfer"]["toOwner"], 16)
    to = t.get("to", t.get("destination", 0))
    identity = q.transfer_id(domain, kinds[t["kind"]], t["from"], to, int(t["amount"]), int(t["fee"]), t["nonce"], t["validUntil"], words)
    assert identity == int(item["id"]), (t["kind"], identity)
    s = t["signature"]
    assert q.sign(secret, identity) == (int(s["r8x"]), int(s["r8y"]), int(s["s"])), t["kind"]
    message = q.reference_message(identity, b"order 4711")
    assert message == int(item["referenceMessage"])
    r = t["reference"]
    assert q.sign(secret, message) == (int(r["r8x"]), int(r["r8y"]), int(r["s"]))
    key = q.public_key(secret)
    assert q.verify(key, q.sign(secret, identity), identity) and not q.verify(key, q.sign(secret, identity), identity + 1)
for vector in json.load(open("test/vectors/external/poseidon_bn254.json"))["vectors"]:
    if vector.get("initState", "0") == "0" and vector.get("nOut", 1) == 1 and len(vector["inputs"]) <= 6:
        assert q.poseidon([int(i) for i in vector["inputs"]]) == int(vector["outputs"][0])
for vector in json.load(open("test/vectors/external/eddsa_poseidon.json"))["valid"]:
    if "privkey_hex" in vector:
        signature = q.sign(bytes.fromhex(vector["privkey_hex"]), int(vector["msg"]))
        assert signature == (*map(int, vector["R8"]), int(vector["S"])), vector["id"]
print("agree")
`;

function hasPython(): boolean {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('test/vectors/signing.json', () => {
  it('is what our code makes', async () => {
    assert.deepEqual(JSON.parse(readDocument('test/vectors/signing.json')), await signingVectors());
  });
});

if (!hasPython()) leaveOut('examples/python: python3 is not here');
else {
  describe('examples/python', function () {
    this.timeout(180_000);
    let devnet: Devnet;
    before(async () => {
      devnet = await startDevnet({ command: [process.execPath, 'cli/main.ts'] });
    });
    after(() => devnet?.stop());

    it('agrees with our vectors and those from elsewhere', async () => {
      assert.equal((await run('python3', ['-c', CHECK])).stdout.trim(), 'agree');
    });

    it('leaves sending to curl, as the page says', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'quittance-curl-'));
      const [account, other] = devnet.accounts as [Devnet['accounts'][number], Devnet['accounts'][number]];
      const keystore = writePrivate(folder, 'payer.key', account.privateKey);
      const network = ['--rpc-url', devnet.rpcUrl, '--l1-url', devnet.l1Url, '--contract', devnet.contract];
      const payment = ['--keystore', keystore, '--to', other.receiver, '--amount', '0.25'];
      const signed = await runCli(['wallet', 'sign', ...network, ...payment]);
      assert.equal(signed.code, 0, signed.stderr);
      writePrivate(folder, 'payment.json', signed.stdout);
      const [send] = scriptsOf('docs/reference/keys-and-signatures.md');
      const script = send!.replaceAll('http://127.0.0.1:3000', devnet.rpcUrl);
      const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder });
      assert.match(stdout, /^\{"jsonrpc":"2\.0","id":1,"result":\{"id":"\d+","sequence":\d+,"status":"pending"\}\}$/);
      // The vector is of another deployment.
      const { transfers } = JSON.parse(readDocument('test/vectors/signing.json')) as {
        transfers: { transfer: object }[];
      };
      writePrivate(folder, 'payment.json', JSON.stringify(transfers[0]!.transfer));
      const foreign = await run('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder });
      assert.match(foreign.stdout, /WRONG_DOMAIN/);
      rmSync(folder, { recursive: true, force: true });
    });

    it('pays, with a reference that the receiver sees', async () => {
      const [account] = devnet.accounts as [Devnet['accounts'][number]];
      const network = { rpcUrl: devnet.rpcUrl, l1: { url: devnet.l1Url } };
      const wallet = await createWallet({ secret: account.privateKey, ...network });
      const secret = Uint8Array.from({ length: 32 }, (_, place) => place);
      const { y: keyY } = createKeyPair(secret).publicKey;
      const opened = await wallet.transfer({
        to: formatReceiver({ owner: BigInt(account.address), keyY }),
        amount: 10n ** 18n,
      });
      await opened.accepted();
      const own = (await wallet.accounts()).find(({ tokenId }) => tokenId === 0)!;
      const hex = Buffer.from(secret).toString('hex');
      const words = [devnet.rpcUrl, hex, account.address, String(own.index), '1000000000000000', 'order 4711'];
      const { stdout } = await run('python3', ['examples/python/pay.py', ...words]);
      const [id, status] = stdout.trim().split(' ');
      assert.equal(status, 'pending');
      for await (const entry of wallet.history({ account: own.index })) {
        if (entry.id !== id) continue;
        assert.equal(entry.amount, '1000000000000000');
        assert.equal(entry.reference, `0x${Buffer.from('order 4711').toString('hex')}`);
        wallet.close();
        return;
      }
      assert.fail(`the history has no payment ${id}`);
    });
  });
}
