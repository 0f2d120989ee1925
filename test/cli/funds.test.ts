import { strict as assert } from 'node:assert';
import { RollupError } from '@quittance/protocol';
import { type Session, send } from '../../cli/wallet/session.ts';

/** A session whose node refuses every transaction with this error, and says that the account has 5 wei. */
function refusing(error: Error): Session {
  return {
    context: { signal: new AbortController().signal },
    wallet: { address: '0xa' },
    l1: { provider: { getBalance: async () => 5n } },
    transactions: { send: () => Promise.reject(error) },
  } as unknown as Session;
}

describe('CLI: a transaction that the account cannot pay', () => {
  it('is INSUFFICIENT_FUNDS with what it has and needs', async () => {
    const cause = Object.assign(new Error('insufficient funds'), { code: 'INSUFFICIENT_FUNDS' });
    const session = refusing(new RollupError('L1_UNREACHABLE', 'no answer', {}, { cause }));
    await assert.rejects(send(session, { to: '0xb', data: '0x', value: 7n }), {
      code: 'INSUFFICIENT_FUNDS',
      data: { account: '0xa', balance: 5n, needed: 7n },
    });
  });

  it('is no other error', async () => {
    const session = refusing(new RollupError('L1_UNREACHABLE', 'no answer'));
    await assert.rejects(send(session, { to: '0xb', data: '0x' }), { code: 'L1_UNREACHABLE' });
  });
});
