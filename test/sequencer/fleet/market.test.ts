import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyPair, createPortableVerifier, portableHasher, signMessage } from '@quittance/protocol';
import { type FleetLedger, openFleetLedger, payeeText } from '../../../sequencer/fleet/ledger/ledger.ts';
import { marketWorker } from '../../../sequencer/fleet/market.ts';
import { tokenHash } from '../../../sequencer/fleet/token-file.ts';
import { createMarket, marketMessage } from '../../../sequencer/index.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const CONTRACT = `0x${'c0'.repeat(20)}`;
const ROLLUP = `31337:${CONTRACT}`;

describe('the open market of provers', () => {
  let folder: string;
  let ledger: FleetLedger;
  const clock = createManualClock();

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-market-'));
    ledger = openFleetLedger({ file: join(folder, 'fleet.db'), chainId: 31_337n, contract: CONTRACT, maxPayees: 2 });
  });
  afterEach(() => {
    ledger.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const market = () =>
    createMarket({ ledger, verifier: createPortableVerifier(portableHasher), clock, rollup: ROLLUP });
  const person = (seed: number) => {
    const keyPair = createKeyPair(new Uint8Array(32).fill(seed));
    const payee = { keyY: keyPair.publicKey.y, owner: BigInt(seed) };
    const sign = (challenge: string, rollup = ROLLUP) =>
      signMessage(portableHasher, keyPair, marketMessage(rollup, payee, challenge));
    return { payee, keyX: keyPair.publicKey.x, sign };
  };
  const enroll = (open = market(), seed = 1) => {
    const { payee, keyX, sign } = person(seed);
    const challenge = open.challenge(payee);
    return open.token(payee, keyX, challenge, sign(challenge));
  };

  it('gives a token to whoever signs with the payout key, one at a time', () => {
    const first = enroll();
    const second = enroll();
    assert.match(first, /^qpt_[\w-]{43}$/);
    const { payee } = person(1);
    assert.equal(ledger.market.find(tokenHash(second)), payeeText(payee));
    assert.equal(ledger.market.find(tokenHash(first)), undefined);
    const worker = marketWorker(payeeText(payee));
    assert.deepEqual([worker.kind, worker.payee], ['market', payee]);
  });

  it('refuses a signature of another key, of another rollup, and of another challenge', () => {
    const open = market();
    const [one, other] = [person(1), person(2)];
    const challenge = open.challenge(one.payee);
    for (const signature of [other.sign(challenge), one.sign(challenge, `1:${CONTRACT}`), one.sign('another')]) {
      assert.throws(() => open.token(one.payee, one.keyX, challenge, signature), { code: 'BAD_SIGNATURE' });
    }
    // A challenge is for whom it was given, by the process that gave it.
    assert.throws(() => open.token(other.payee, other.keyX, challenge, other.sign(challenge)), {
      code: 'BAD_SIGNATURE',
    });
    assert.throws(() => market().token(one.payee, one.keyX, challenge, one.sign(challenge)), { code: 'BAD_SIGNATURE' });
    // Key 1 is of order 1: anybody can sign for it.
    const weak = { keyY: 1n, owner: 5n };
    const its = open.challenge(weak);
    assert.throws(() => open.token(weak, 0n, its, one.sign(its)), { code: 'BAD_SIGNATURE' });
  });

  it('takes a challenge for a minute', async () => {
    const open = market();
    const { payee, keyX, sign } = person(1);
    const challenge = open.challenge(payee);
    await clock.advance(60_000);
    open.token(payee, keyX, challenge, sign(challenge));
    await clock.advance(1);
    assert.throws(() => open.token(payee, keyX, challenge, sign(challenge)), { code: 'TIMEOUT' });
  });

  it('makes room by whoever has proven nothing, the oldest first, and refuses others when all have', () => {
    const open = market();
    const tokens = [1, 2, 3].map((seed) => enroll(open, seed));
    const known = () => tokens.map((token) => ledger.market.find(tokenHash(token)) !== undefined);
    assert.deepEqual(known(), [false, true, true]);
    for (const seed of [2, 3]) {
      const worker = marketWorker(payeeText(person(seed).payee)).id;
      ledger.commit(() => ledger.accepted.add({ statement: worker, batch: 1, chunk: seed, worker, acceptedMs: 1 }));
    }
    assert.throws(() => enroll(open, 4), { code: 'QUEUE_FULL' });
    assert.deepEqual(known(), [false, true, true]);
    tokens.push(enroll(open, 2));
    assert.deepEqual(known(), [false, false, true, true]);
  });
});
