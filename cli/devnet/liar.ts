/** Puts the liar of `quittance devnet --lie` together: its account, what it pays itself, and the watcher that is called at last. */

import { createAssertionChain } from '@quittance/chain';
import { ETH_TOKEN_ID, RollupError } from '@quittance/protocol';
import { createClient, signIntent } from '@quittance/sdk';
import type { JsonRpcProvider } from 'ethers';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { chooseCrypto } from '../crypto.ts';
import { accountAt, rollupKeyOf } from './accounts.ts';
import { LOCAL_CHAIN_ID } from './anvil.ts';
import { localSigner } from './deploy.ts';
import type { FrontRunning } from './front-running.ts';
import { keepLying } from './lying.ts';
import type { Part } from './part.ts';
import { DEVNET_POSITIONS, l1Wallet } from './people.ts';
import { DEVNET_FEE, type Ground, type SequencerPart, startWatcher } from './services.ts';
import { PATIENCE_SECONDS } from './terms.ts';

/** Base units of ETH of the devnet's own payments. */
const PAYMENT = 10n ** 12n;

/** What the liar is made of. */
export interface LiarOptions {
  readonly ground: Ground;
  readonly provider: JsonRpcProvider;
  readonly rpcUrl: string;
  readonly sequencer: SequencerPart;
  readonly frontRunning: FrontRunning;
  /** File with the key of the devnet’s own watcher. */
  readonly watcherKey: string;
}

/** Sends one payment of the devnet to itself, and seals it: a batch without one offers nothing to forge. */
async function payOnce({ ground, rpcUrl, sequencer }: LiarOptions): Promise<void> {
  const { contract } = ground.deployed;
  const { payer, payee } = DEVNET_POSITIONS;
  const client = createClient({ url: rpcUrl });
  const { domain } = await client.call('rollup_getConfig', {});
  const receiver = await accountAt(payee, contract);
  const find = async (owner: string) => {
    const found = (await client.call('rollup_getAccounts', { owner })).find(({ tokenId }) => tokenId === ETH_TOKEN_ID);
    if (found === undefined) throw new RollupError('NOT_FOUND', `${owner} has no account in ETH`, { owner });
    return found;
  };
  const [from, to] = await Promise.all([find(l1Wallet(payer).address), find(receiver.address)]);
  const keyPair = await rollupKeyOf(l1Wallet(payer), contract);
  const transfer = signIntent(
    keyPair,
    BigInt(domain),
    {
      kind: 'transfer',
      ...{ from: from.index, to: to.index, receiver: { keyY: receiver.keyY, owner: BigInt(receiver.address) } },
      ...{ amount: PAYMENT, fee: DEVNET_FEE.eth, nonce: from.nonce, validUntil: 0 },
    },
    chooseCrypto().hasher,
  );
  await client.send(transfer);
  await sequencer.parts().sequencer.sealNow();
}

/** The devnet’s own watcher: started when it is called, stopped when it is dismissed. */
function createReserve({ ground, watcherKey }: LiarOptions) {
  let watcher: Part<unknown> | undefined;
  return {
    call() {
      watcher ??= startWatcher(ground, watcherKey);
    },
    async dismiss() {
      await watcher?.stop();
      watcher = undefined;
    },
  };
}

/** Starts to lie. */
export async function startLiar(options: LiarOptions): Promise<Omit<Part<never>, 'ready'>> {
  const { ground, provider, frontRunning, sequencer } = options;
  const controller = new AbortController();
  const adversary = await createAssertionChain({
    provider,
    chainId: LOCAL_CHAIN_ID,
    contract: ground.deployed.contract,
    signer: localSigner(provider, DEVNET_POSITIONS.adversary),
    clock: systemClock,
    logger: silentLogger,
  });
  await adversary.connect();
  const reserve = createReserve(options);
  const ended = keepLying({
    adversary,
    frontRunning,
    parts: sequencer.parts(),
    head: () => provider.getBlockNumber(),
    pay: () => payOnce(options),
    patienceSeconds: PATIENCE_SECONDS,
    watcher: reserve,
    say: (text) => ground.context.output.warn(text),
    signal: controller.signal,
  }).catch((error: unknown) => {
    if (!controller.signal.aborted) throw error;
  });
  ended.catch(() => undefined); // heard by whoever races with it
  return {
    ended,
    async stop() {
      controller.abort();
      await ended.catch(() => undefined);
      await reserve.dismiss();
    },
  };
}
