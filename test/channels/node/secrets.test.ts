import assert from 'node:assert/strict';
import { preimagesInterface } from '@quittance/chain';
import type { Bytes32 } from '@quittance/protocol';
import { createSecretsOnL1, MOST_REVEALED } from '../../../channels/node/secrets.ts';

const secretOf = (number: number): Bytes32 => `0x${number.toString(16).padStart(64, '0')}`;

/** Secrets over transactions that the test includes or lets fail. */
function createWorld() {
  const sent: { readonly data: string; readonly included: PromiseWithResolvers<never> }[] = [];
  const transactions = {
    send({ data }: { readonly data: string }) {
      const included = Promise.withResolvers<never>();
      sent.push({ data, included });
      return included.promise;
    },
  };
  const address = `0x${'c0'.repeat(20)}`;
  const { reveal } = createSecretsOnL1({
    ...{ provider: {} as never, reader: {} as never, confirmations: 0, fromBlock: 0, transactions },
    constants: { contract: address, preimages: address, bond: 1n } as never,
  });
  const shown = (place: number): readonly string[] => {
    const { name, args } = preimagesInterface.parseTransaction(sent[place]!)!;
    return name === 'reveal' ? [args[0]] : [...args[0]];
  };
  return { sent, reveal, shown };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('Channels: secrets that a party shows on L1', () => {
  it('go together while a transaction is on its way, a bounded number at once', async () => {
    const { sent, reveal, shown } = createWorld();
    const first = reveal(secretOf(1));
    await turn();
    assert.deepEqual(shown(0), [secretOf(1)]);
    const others = Array.from({ length: MOST_REVEALED + 1 }, (_, place) => reveal(secretOf(place + 2)));
    await turn();
    assert.equal(sent.length, 1, 'one transaction at a time');
    sent[0]!.included.resolve(undefined as never);
    await first;
    await turn();
    assert.equal(shown(1).length, MOST_REVEALED);
    sent[1]!.included.resolve(undefined as never);
    await Promise.all(others.slice(0, -1));
    await turn();
    assert.deepEqual(shown(2), [secretOf(MOST_REVEALED + 2)]);
    sent[2]!.included.resolve(undefined as never);
    await others.at(-1);
  });

  it('fail together, and those behind them are tried all the same', async () => {
    const { sent, reveal, shown } = createWorld();
    const both = [reveal(secretOf(1)), reveal(secretOf(2))];
    await turn();
    assert.deepEqual(shown(0), [secretOf(1), secretOf(2)], 'of one turn');
    const behind = reveal(secretOf(3));
    sent[0]!.included.reject(new Error('no node'));
    for (const one of both) await assert.rejects(one, /no node/);
    await turn();
    sent[1]!.included.resolve(undefined as never);
    await behind;
  });
});
