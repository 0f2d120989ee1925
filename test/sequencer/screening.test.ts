import { strict as assert } from 'node:assert';
import { setImmediate as turn } from 'node:timers/promises';
import { packOperation, type RollupError } from '@quittance/protocol';
import type { Intent } from '@quittance/sdk';
import type { Admission } from '../../sequencer/mempool/admission.ts';
import { Job } from '../../sequencer/mempool/job.ts';
import type { Submission } from '../../sequencer/mempool/request.ts';
import { screen } from '../../sequencer/mempool/screening.ts';
import { bulkOf } from '../../sequencer/mempool/verify.ts';
import type { BulkCrypto } from '../../sequencer/types.ts';
import { createPerson } from '../support/rollup/person.ts';
import { transfer } from '../support/rollup/scene.ts';
import { fastCrypto, requestOf } from '../support/sequencer/harness.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { signReference } from '../support/sequencer/references.ts';

const carol = createPerson('carol');
const KEY_OF_LOW_ORDER = 0n;

/** What a group asks of the cryptography and of the database. */
interface Counted {
  hashed: number;
  /** How often references were hashed, and how many. */
  calls: number;
  references: number;
  verified: number;
  found: number;
  /** Keys. */
  learned: number;
}

describe('Sequencer: what a transfer costs on its way into the log', () => {
  const counted: Counted = { hashed: 0, calls: 0, references: 0, verified: 0, found: 0, learned: 0 };
  let harness: PayerHarness;

  const request = (nonce: number, changes: Partial<Intent> = {}) =>
    requestOf(harness.sign(alice, harness.payment(nonce, changes)));
  const forged = (nonce: number, changes: Partial<Intent> = {}) => {
    const honest = request(nonce, changes);
    return { ...honest, authorization: { ...honest.authorization, s: honest.authorization.s + 1n } };
  };
  /** The codes of refusals, or the status, and what it cost. */
  async function submit(...submissions: ReturnType<typeof request>[]) {
    Object.assign(counted, { hashed: 0, calls: 0, references: 0, verified: 0, found: 0, learned: 0 });
    const answers = await harness.sequencer.submitAll(submissions);
    return {
      ...counted,
      outcomes: answers.map((answer) =>
        'error' in answer ? (answer.error as RollupError).code : answer.acknowledgement.status,
      ),
    };
  }

  before(async () => {
    const crypto = fastCrypto();
    const plain = bulkOf(crypto);
    const bulk: BulkCrypto = {
      ...plain,
      hashFours(inputs) {
        counted.hashed += inputs.length / 128;
        return plain.hashFours(inputs);
      },
      hashFives(inputs) {
        if (inputs.length > 0) counted.calls += 1;
        counted.references += inputs.length / 160;
        return plain.hashFives(inputs);
      },
      verifySignatures(items) {
        counted.verified += items.length / 192;
        return plain.verifySignatures(items);
      },
      usableKeys(keys) {
        counted.learned += keys.length / 32;
        return plain.usableKeys(keys);
      },
    };
    harness = await createPayerHarness({
      crypto: { ...crypto, bulk },
      wrapStorage: (storage) => ({
        ...storage,
        log: {
          ...storage.log,
          findTransfer(id) {
            counted.found += 1;
            return storage.log.findTransfer(id);
          },
        },
      }),
    });
  });
  after(() => harness.close());

  it('is one hash, one signature check and one look into the log', async () => {
    const { outcomes, ...cost } = await submit(request(0), request(1), request(2));
    assert.deepEqual(outcomes, ['pending', 'pending', 'pending']);
    assert.deepEqual(cost, { hashed: 3, calls: 0, references: 0, verified: 3, found: 3, learned: 1 });
  });

  it('is no signature check for a used nonce, and none for a repetition', async () => {
    const { outcomes, verified } = await submit(forged(1, { amount: 7n }), request(2));
    assert.deepEqual(outcomes, ['NONCE_USED', 'pending']);
    assert.equal(verified, 0);
  });

  it('is no signature check behind a gap that nothing before it in its group can fill', async () => {
    const { outcomes, verified } = await submit(request(3), request(5), request(4), request(9), request(5));
    assert.deepEqual(outcomes, ['pending', 'NONCE_GAP', 'pending', 'NONCE_GAP', 'pending']);
    assert.equal(verified, 3);
    const mixed = await submit(request(7), request(8), request(6));
    assert.deepEqual([mixed.outcomes, mixed.verified], [['NONCE_GAP', 'NONCE_GAP', 'pending'], 1]);
  });

  it('is no signature check for a fee that is too low', async () => {
    const { outcomes, verified } = await submit(forged(7, { fee: 9n }));
    assert.deepEqual([outcomes, verified], [['FEE_TOO_LOW'], 0]);
  });

  it('is no hash for a sender or a receiver who does not exist', async () => {
    const nobody = { ...forged(7), from: 99 };
    const { outcomes, hashed } = await submit(nobody, { ...forged(7), to: 98 } as typeof nobody);
    assert.deepEqual([outcomes, hashed], [['SENDER_EMPTY', 'RECEIVER_EMPTY'], 0]);
  });

  it('is no signature check where a rule before that of the signature refuses it', async () => {
    const toSelf = { ...forged(7), to: harness.from } as ReturnType<typeof request>;
    const { outcomes, verified } = await submit(toSelf, forged(7, { validUntil: 1 }));
    assert.deepEqual([outcomes, verified], [['SELF_TRANSFER', 'EXPIRED'], 0]);
  });

  it('is charged for whatever is refused after a signature check, and for nothing else', async () => {
    const answers = await harness.sequencer.submitAll([
      request(7, { fee: 9n }), // no check
      forged(7),
      request(7),
      request(7, { amount: 2n }), // good, too, but behind it
      request(7),
    ]);
    const said = answers.map((answer) => 'error' in answer && [(answer.error as RollupError).code, answer.isWasted]);
    assert.deepEqual(said, [['FEE_TOO_LOW', false], ['BAD_SIGNATURE', true], false, ['NONCE_USED', true], false]);
  });

  it('is no check of a receiver’s key while the signature is bad', async () => {
    const toKey: Partial<Intent> = { kind: 'transferToNew', receiver: { keyY: carol.keyPair.publicKey.y, owner: 1n } };
    const unusable = { ...forged(8, toKey), toKeyY: KEY_OF_LOW_ORDER } as ReturnType<typeof request>;
    const { outcomes, learned } = await submit(unusable);
    assert.deepEqual([outcomes, learned], [['BAD_SIGNATURE'], 0]);
  });

  it('is no check of a signature or a key for what its sender could not pay', async () => {
    const fresh = (nonce: number): Partial<Intent> => ({
      kind: 'transferToNew',
      receiver: { keyY: createPerson(`fresh ${nonce}`).keyPair.publicKey.y, owner: 1n },
      amount: 1_000_000n,
    });
    const { outcomes, verified, learned } = await submit(request(8, fresh(1)), request(8, fresh(2)));
    assert.deepEqual([outcomes, verified, learned], [['INSUFFICIENT_BALANCE', 'INSUFFICIENT_BALANCE'], 0, 0]);
  });

  it('is one check of all the new keys of a group, off the main thread, and none of those that are known', async () => {
    const fresh: Partial<Intent> = {
      kind: 'transferToNew',
      receiver: { keyY: carol.keyPair.publicKey.y, owner: 1n },
    };
    const first = await submit(request(8, fresh), request(9, fresh));
    assert.deepEqual([first.outcomes, first.learned], [['pending', 'pending'], 1]);
    const second = await submit(request(10, fresh));
    assert.deepEqual([second.outcomes, second.learned], [['pending'], 0]);
  });

  it('is one more hash and check for a payment reference, hashed at once with those of its group', async () => {
    const referenced = (nonce: number, signer = alice) => {
      const signed = harness.sign(alice, harness.payment(nonce));
      return { ...requestOf(signed), reference: signReference(signer, signed, `order ${nonce}`) };
    };
    const {
      outcomes,
      found: _,
      ...cost
    } = await submit(referenced(11), request(12), referenced(13), referenced(14, carol));
    assert.deepEqual(outcomes, ['pending', 'pending', 'pending', 'BAD_REFERENCE']);
    assert.deepEqual(cost, { hashed: 4, calls: 1, references: 3, verified: 7, learned: 0 });
  });

  it('does not let a bad signature disturb the others of its group', async () => {
    const { outcomes } = await submit(request(14), forged(15), request(15), forged(16), request(16));
    assert.deepEqual(outcomes, ['pending', 'BAD_SIGNATURE', 'pending', 'BAD_SIGNATURE', 'pending']);
  });
});

/** Cryptography whose signature checks wait until they are let go. */
function createHeldCrypto() {
  const crypto = fastCrypto();
  const plain = bulkOf(crypto);
  const held: (() => void)[] = [];
  let isHolding = false;
  const hold = (): void => {
    isHolding = true;
  };
  const bulk: BulkCrypto = {
    ...plain,
    async verifySignatures(items) {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (isHolding) held.push(resolve);
      else resolve();
      await promise;
      return await plain.verifySignatures(items);
    },
  };
  return { crypto: { ...crypto, bulk }, held, hold };
}

describe('Sequencer: a group of which nothing new can be taken', () => {
  it('acknowledges what is in the log, and refuses the others', async () => {
    const { crypto, held, hold } = createHeldCrypto();
    const harness = await createPayerHarness({ crypto });
    try {
      harness.chain.mine(1);
      const { requestedCount } = await harness.chain.queueState();
      harness.chain.deposit(alice.keyPair.publicKey.y, alice.owner, 0, 7n);
      await harness.until(() => harness.sequencer.status().priorityOperations === requestedCount + 1);
      const [first, second] = [0, 1].map((nonce) => requestOf(harness.sign(alice, harness.payment(nonce))));
      hold();
      const before = harness.sequencer.submitAll([first!]);
      await harness.until(() => held.length === 1, 'the check of the first group');
      const repeated = harness.sequencer.submitAll([first!, second!]);
      held.shift()!();
      assert.ok('acknowledgement' in (await before)[0]!);
      await harness.until(() => held.length === 1, 'the check of the second group');
      harness.chain.reorg(1);
      await harness.until(() => harness.sequencer.status().trouble?.code === 'OPERATION_TAKEN_BACK', 'the trouble');
      held.shift()!();
      const [known, refused] = await repeated;
      assert.deepEqual(known, (await before)[0]);
      assert.ok(refused !== undefined && 'error' in refused);
      assert.deepEqual([(refused.error as RollupError).code, refused.isWasted], ['OPERATION_TAKEN_BACK', false]);
    } finally {
      await harness.close();
    }
  });
});

describe('Sequencer: a group whose signatures cannot be checked', () => {
  it('says so to whoever takes it, however long that may be after it is known', async () => {
    const failure = new Error('no threads');
    const bulk = { ...bulkOf(fastCrypto()), verifySignatures: () => Promise.reject(failure) };
    const admission = { writeMessage: () => undefined, precheck: () => undefined };
    const candidate = { operation: transfer(), packed: packOperation(transfer()), nonce: 0, sender: { keyY: 1n } };
    const screening = {
      admission: { ...admission, read: () => candidate, judgingContext: () => ({}) } as unknown as Admission,
      bulk,
      hasher: fastCrypto().hasher,
      known: () => undefined,
      settled: () => undefined,
      reachOf: () => 0,
    };
    const unheard: unknown[] = [];
    const listen = (reason: unknown): void => void unheard.push(reason);
    process.on('unhandledRejection', listen);
    try {
      const { good } = screen(
        [new Job({} as Submission, { address: 'one', connection: 0 }, {} as never, () => undefined)],
        screening,
      );
      await turn();
      await turn();
      await assert.rejects(good, failure);
      assert.deepEqual(unheard, []);
    } finally {
      process.off('unhandledRejection', listen);
    }
  });
});
