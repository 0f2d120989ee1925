/** A party over its store: what it looks at before it does anything. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RollupError } from '@quittance/protocol';
import { openChannelStore, startChannelNode, WALLET_TERMS } from '../../../channels/index.ts';
import { silentLogger, systemClock } from '../../../runtime/index.ts';
import { CONTRACT, channelOf, IMPLEMENTATION, memberOf } from '../../../scripts/bench/parts/channels/members.ts';

const NO_HASH = `0x${'00'.repeat(32)}`;
const [wallet, hub] = [memberOf(1), memberOf(0)];
const channel = channelOf(wallet, hub, 'a', 'b');

function none(): never {
  throw new Error('nothing of this test asks the rollup');
}

describe('a party that starts', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-node-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Starts the hub on its store. @param closeOf what L1 says of a vault. */
  function start(closeOf: () => Promise<object | undefined>) {
    const { chainId, channels } = CONTRACT;
    const store = openChannelStore({ file: join(folder, 'hub.db'), chainId, channels });
    const { address, keys } = hub;
    return startChannelNode({
      ...{ address, keys, store, chainId, terms: WALLET_TERMS, clock: systemClock, logger: silentLogger },
      constants: { contract: channels, implementation: IMPLEMENTATION } as never,
      rollup: { domain: 1n, account: none, isAccount: none, fee: none, submit: none },
      wallet: { transfer: none, resume: none, accounts: none, receiver: '' },
      secrets: {
        time: async () => 0,
        revealedAt: async () => undefined,
        secretOf: async () => undefined,
        reveal: none,
      },
      reader: {
        head: async () => ({ number: 0, hash: NO_HASH, parentHash: NO_HASH, timestamp: 0 }),
        events: async () => [],
        closeOf: closeOf as never,
      },
      areBlocksRegular: false,
    }).catch((error: unknown) => {
      store.close();
      throw error;
    });
  }

  it('has seen which channels were closed on L1 before anybody can pay in them', async () => {
    const first = await start(async () => undefined);
    await first.party.exchange.add(channel);
    assert.equal(first.party.exchange.record(channel.vault)!.isClosing, false);
    await first.stop();
    const again = await start(async () => ({}));
    // In the turn in which it is there.
    assert.equal(again.party.exchange.record(channel.vault)!.isClosing, true);
    await again.stop();
  });

  it('does not start where it does not see L1', async () => {
    const away = new RollupError('L1_UNREACHABLE', 'it is away', {});
    const first = await start(async () => undefined);
    await first.party.exchange.add(channel);
    await first.stop();
    await assert.rejects(
      start(() => Promise.reject(away)),
      { code: 'L1_UNREACHABLE' },
    );
    const back = await start(async () => undefined);
    assert.equal(back.party.exchange.record(channel.vault)!.isClosing, false);
    await back.stop();
  });
});
