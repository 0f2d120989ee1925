import { strict as assert } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';
import { type Groth16Proof, RollupError } from '@quittance/protocol';
import type { Storage } from '../../storage/index.ts';
import { DUMMY_PROOF } from '../support/sequencer/harness.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';

const BAD_PROOF: Groth16Proof = { ...DUMMY_PROOF, a: [2n, 1n] };

describe('Proofs that L1 refuses', () => {
  let harness: PayerHarness;
  /** So many of the next proofs are damaged on their way to the database. */
  let damaged = 0;
  /** What L1 refuses. */
  let isRefused: (proof: Groth16Proof) => boolean;
  let refusals = 0;

  beforeEach(async () => {
    [damaged, refusals] = [0, 0];
    isRefused = (proof) => !isDeepStrictEqual(proof, DUMMY_PROOF);
    const wrapStorage = (storage: Storage): Storage => ({
      ...storage,
      proofs: {
        ...storage.proofs,
        put: (row) => storage.proofs.put(damaged-- > 0 ? { ...row, proof: BAD_PROOF } : row),
      },
    });
    harness = await createPayerHarness({ wrapStorage });
    const { submitBatch } = harness.chain;
    Object.assign(harness.chain, {
      async submitBatch(...[submission, ...rest]: Parameters<typeof submitBatch>) {
        if (!submission.proofs.some(isRefused)) return submitBatch(submission, ...rest);
        refusals += 1;
        throw new RollupError('L1_REJECTED', 'the contract refused: InvalidProof', { error: 'InvalidProof' });
      },
    });
    await harness.restart();
  });
  afterEach(() => harness.close());

  const seal = async (nonce: number): Promise<void> => {
    await harness.send(alice, harness.payment(nonce));
    await harness.sequencer.sealNow();
  };

  it('are made anew where they prove nothing, also of a batch behind one that is not final', async () => {
    damaged = 2;
    await seal(0);
    await seal(1);
    const { sealedBatch } = harness.sequencer.status();
    await harness.until(() => harness.sequencer.status().finalBatch === sealedBatch, 'finality');
    assert.equal(refusals, 2);
    assert.equal(harness.sequencer.status().trouble, undefined);
  });

  it('are made anew as often as they are bad', async () => {
    damaged = 3;
    await seal(0);
    const { sealedBatch } = harness.sequencer.status();
    await harness.until(() => harness.sequencer.status().finalBatch === sealedBatch, 'finality');
    assert.equal(refusals, 3);
  });

  it('stay, and are offered again, where this process finds them good', async () => {
    isRefused = () => true;
    await seal(0);
    await harness.until(() => refusals === 3, 'refusals');
    const { proven } = harness.prover;
    assert.equal(proven.filter(({ newRoot }) => newRoot === proven.at(-1)!.newRoot).length, 1);
    assert.match(harness.sequencer.status().trouble!.message, /InvalidProof/);
    isRefused = () => false;
    const { sealedBatch } = harness.sequencer.status();
    await harness.until(() => harness.sequencer.status().finalBatch === sealedBatch, 'finality');
  });
});
