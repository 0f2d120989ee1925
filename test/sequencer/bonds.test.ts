import { strict as assert } from 'node:assert';
import type { AssertionChain, AssertionConstants, AssertionStatus } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import { silentLogger } from '../../runtime/index.ts';
import { createBonds } from '../../sequencer/publisher/assertions.ts';

const ACCOUNT = `0x${'0a'.repeat(20)}`;

describe('Sequencer: bonds', () => {
  const sent: string[] = [];
  const assertions = {
    account: ACCOUNT,
    creditOf: async () => 5n,
    async send({ type }: { readonly type: string }, signal?: AbortSignal) {
      signal?.throwIfAborted();
      sent.push(type);
    },
  } as unknown as AssertionChain;
  const bonds = createBonds(assertions, { assertionBond: 1n } as AssertionConstants, silentLogger);
  const found = { assertionId: 1n, status: { asserter: ACCOUNT } as AssertionStatus };

  beforeEach(() => {
    sent.length = 0;
  });

  it('are released and collected', async () => {
    const { signal } = new AbortController();
    await bonds.release(found, signal);
    await bonds.collect(0, signal);
    assert.deepEqual(sent, ['releaseBond', 'collectCredit']);
  });

  it('stay where they are once the sequencer stops or turns read-only', async () => {
    const signal = AbortSignal.abort(new RollupError('CANCELLED', 'told to'));
    for (const send of [bonds.release(found, signal), bonds.collect(0, signal)]) {
      await assert.rejects(send, { code: 'CANCELLED' });
    }
    assert.deepEqual(sent, []);
  });
});
