import { strict as assert } from 'node:assert';
import { RollupError } from '@quittance/protocol';
import type { SignedPayment, TransferRequest } from '@quittance/sdk';
import { openAttempts } from '../../explorer/src/wallet/attempts.ts';
import type { Payment } from '../../explorer/src/wallet/pay/resolve.ts';
import { sendPayment } from '../../explorer/src/wallet/pay/send.ts';
import type { Purse } from '../../explorer/src/wallet/session.ts';
import { assertRejects } from '../support/assertions.ts';

const PAYMENT = {
  payee: { index: 7, owner: `0x${'ab'.repeat(20)}`, key: `0x${'12'.repeat(32)}` },
  ...{ amount: 5n, fee: 1n, reference: '', from: { index: 3 } },
  token: { tokenId: 0, address: `0x${'00'.repeat(20)}`, symbol: 'ETH', decimals: 0 },
} as unknown as Payment;
const signedAt = (nonce: number) => ({ id: String(900 + nonce), transfer: { nonce } }) as unknown as SignedPayment;
const refused = (code: 'INSUFFICIENT_BALANCE' | 'RPC_ANSWER_INVALID') =>
  new RollupError(code, code, { rpcCode: -32003 } as never);

describe('explorer: a payment that is signed and sent', () => {
  /** A purse whose wallet does this. */
  function open(transfer: (sign: (nonce: number) => void) => void) {
    const attempts = openAttempts('send-payment.test');
    for (const { key } of attempts.list.get()) attempts.forget(key);
    const wallet = {
      async transfer({ onSigned }: TransferRequest) {
        transfer((nonce) => void onSigned!(signedAt(nonce)));
      },
    };
    return { attempts, send: () => sendPayment({ wallet, attempts } as unknown as Purse, PAYMENT) };
  }
  const kept = ({ attempts }: ReturnType<typeof open>) => attempts.list.get().map(({ signed }) => signed?.id);

  it('is under way once it is taken', async () => {
    const purse = open((sign) => sign(0));
    assert.equal(await purse.send(), 'taken');
    assert.deepEqual(kept(purse), ['900']);
  });

  it('is kept and not known when no answer says that it was refused', async () => {
    for (const error of [
      new RollupError('TRANSFER_UNCERTAIN', 'not known', { id: '900', nonce: 0, validUntil: 0 }),
      new RollupError('RPC_UNREACHABLE', 'gone', { url: 'http://x' }),
      refused('RPC_ANSWER_INVALID'),
      new Error('the page was closed'),
    ]) {
      const purse = open((sign) => {
        sign(0);
        throw error;
      });
      assert.equal(await purse.send(), 'uncertain');
      assert.deepEqual(kept(purse), ['900'], error.message);
    }
  });

  it('is off the list when it was refused, or failed before it was signed', async () => {
    const first = open((sign) => {
      sign(0);
      throw refused('INSUFFICIENT_BALANCE');
    });
    await assertRejects(first.send(), 'INSUFFICIENT_BALANCE');
    assert.deepEqual(kept(first), []);
    const second = open(() => {
      throw new RollupError('RPC_UNREACHABLE', 'gone', { url: 'http://x' });
    });
    await assertRejects(second.send(), 'RPC_UNREACHABLE');
    assert.deepEqual(kept(second), []);
  });

  it('is signed once: its person is asked before it is signed anew', async () => {
    const purse = open((sign) => {
      sign(4);
      sign(5);
    });
    const { data } = await assertRejects(purse.send(), 'NONCE_USED');
    assert.deepEqual([data.actual, kept(purse)], [4, []]);
  });
});
