import assert from 'node:assert/strict';
import { eventOf, rollupInterface } from '@quittance/chain';
import type { TransactionReceipt } from 'ethers';

const ROLLUP = `0x${'CC'.repeat(20)}`;
const TOKEN = `0x${'ee'.repeat(20)}`;
const EVENT = rollupInterface.getEvent('PriorityRequested')!;

/** The event as the contract at `address` logs it. */
function logOf(address: string, operationId: bigint) {
  const values = EVENT.inputs.map(({ name, type }) => {
    if (name === 'operationId') return operationId;
    return type.startsWith('bytes') ? `0x${'00'.repeat(Number(type.slice(5)) || 0)}` : type === 'address' ? TOKEN : 1n;
  });
  return { address, ...rollupInterface.encodeEventLog(EVENT, values) };
}

const receiptOf = (...logs: unknown[]) => ({ logs }) as unknown as TransactionReceipt;
const found = (...logs: unknown[]) =>
  eventOf(receiptOf(...logs), ROLLUP, 'PriorityRequested')?.args['operationId'] as bigint | undefined;

describe('Chain: the event of the rollup in a receipt', () => {
  it('is that of the rollup, whatever a token logged before it', () => {
    assert.equal(found(logOf(TOKEN, 3n), logOf(ROLLUP.toLowerCase(), 77n)), 77n);
  });

  it('is found behind a log that only pretends to be of this form', () => {
    assert.equal(found({ ...logOf(TOKEN, 3n), data: '0x12' }, logOf(ROLLUP, 77n)), 77n);
  });

  it('is none when only others logged it', () => {
    assert.equal(found(logOf(TOKEN, 3n)), undefined);
    assert.equal(found(), undefined);
  });
});
