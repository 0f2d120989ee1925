import { strict as assert } from 'node:assert';
import { RollupError } from '@quittance/protocol';
import type { SignedPayment, TransferHandle } from '@quittance/sdk';
import { sendSigned } from '../../cli/wallet/send-signed.ts';
import { assertRejects } from '../support/assertions.ts';

const SIGNED = { id: '77', transfer: { kind: 'withdraw', from: 3, nonce: 4 } } as unknown as SignedPayment;

describe('CLI: a payment that is sent', () => {
  let said: string[];
  let warned: string[];
  const output = { say: (text: string) => void said.push(text), warn: (text: string) => void warned.push(text) };
  beforeEach(() => {
    [said, warned] = [[], []];
  });

  it('says its id before it is sent, and where to look', async () => {
    const handle = { id: '77' } as TransferHandle;
    const sent = await sendSigned(output, 'http://127.0.0.1:3000', async (onSigned) => {
      onSigned(SIGNED);
      assert.match(said.join(), /signed: transfer 77; .*http:\/\/127\.0\.0\.1:3000\/v1\/transactions\/77/);
      return handle;
    });
    assert.deepEqual([sent, warned], [handle, []]);
  });

  it('leaves what sends the same again when nobody says whether it was taken', async () => {
    const data = { id: '77', nonce: 4, validUntil: 0 };
    const sending = sendSigned(output, 'http://127.0.0.1:3000', async (onSigned) => {
      onSigned(SIGNED);
      throw new RollupError('TRANSFER_UNCERTAIN', 'not known', data);
    });
    await assertRejects(sending, 'TRANSFER_UNCERTAIN');
    const [params] = /\{.*\}$/.exec(warned.join()) ?? [];
    assert.deepEqual(JSON.parse(params ?? ''), { transfer: SIGNED.transfer });
  });

  it('leaves nothing of what was refused', async () => {
    const sending = sendSigned(output, 'http://127.0.0.1:3000', async (onSigned) => {
      onSigned(SIGNED);
      throw new RollupError('SENDER_EMPTY', 'no such account', { actual: 3 });
    });
    await assertRejects(sending, 'SENDER_EMPTY');
    assert.deepEqual(warned, []);
  });
});
