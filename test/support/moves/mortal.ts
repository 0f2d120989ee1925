/** An executor that dies: at a step of its transactions, or while somebody else is faster. */

import { createTransactionManager, rollupInterface, type TransactionCall } from '@quittance/chain';
import { L1_DEFAULTS } from '@quittance/protocol';
import { NonceManager } from 'ethers';
import { l1Wallet } from '../../../cli/devnet/people.ts';
import { createExecutor } from '../../../cli/moves/executor.ts';
import type { ExecutedMoves, SkippedMoves } from '../../../cli/moves/handled.ts';
import { silentLogger, systemClock } from '../../../runtime/index.ts';
import type { Random } from '../property/random.ts';
import { until } from '../until.ts';
import type { MovingScene } from './scene.ts';

/** Where a life ends; `rival` and `none` do not end it. */
export const FATES = ['before', 'unsent', 'pending', 'included late', 'unnoted', 'rival', 'none'] as const;
export type Fate = (typeof FATES)[number];

/** The executor finds out about them one by one. */
const MOST_OVERTAKEN = 40;
const EXECUTOR = 3;
const RIVAL = 4;

/** The end of a process. */
class Killed extends Error {}

/** What a life did before it ended. */
export interface Life {
  readonly isKilled: boolean;
  readonly executed: readonly ExecutedMoves[];
  readonly skipped: readonly SkippedMoves[];
}

/** Somebody else executes some of the same moves. */
async function overtake({ provider }: MovingScene, { to, data, value }: TransactionCall, random: Random) {
  const [header, destination, moves] = rollupInterface.decodeFunctionData('executeMoves', data).toArray(true) as [
    unknown,
    bigint,
    unknown[],
  ];
  // The first ones: each proof leaves out what it shares with the one before.
  const some = moves.slice(0, 1 + random.below(Math.min(moves.length, MOST_OVERTAKEN)));
  const signer = new NonceManager(l1Wallet(RIVAL).connect(provider));
  const call = rollupInterface.encodeFunctionData('executeMoves', [header, destination, some]);
  const fee = (value! / BigInt(moves.length)) * BigInt(some.length);
  await (await signer.sendTransaction({ to, data: call, value: fee })).wait();
}

/**
 * One life of an executor: a new one, with nothing but L1 to know from.
 *
 * @param fate what happens at transaction number `at`, counted from 0.
 */
export async function live(scene: MovingScene, fate: Fate, at: number, random: Random): Promise<Life> {
  const { provider, here, there } = scene;
  const signer = l1Wallet(EXECUTOR).connect(provider);
  const manager = createTransactionManager({
    ...{ provider, signer, clock: systemClock, logger: silentLogger, pollMs: 10, stuckAfterMs: 2_000 },
  });
  const executed: ExecutedMoves[] = [];
  let count = 0;
  const dieIf = (now: Fate): void => {
    if (fate === now && count === at) throw new Killed(now);
  };

  /** Sends it while L1 makes no blocks, and dies once it is in L1's pool. */
  async function dieWhilePending(call: TransactionCall): Promise<never> {
    const dying = new AbortController();
    const address = await signer.getAddress();
    await provider.send('evm_setAutomine', [false]);
    const sending = manager.send(call, dying.signal).catch(() => undefined);
    await until(async () => {
      const [latest, pending] = [
        await signer.getNonce('latest'),
        await provider.getTransactionCount(address, 'pending'),
      ];
      return pending > latest;
    }, 'the transaction in the pool');
    dying.abort();
    await sending;
    if (fate === 'included late') await provider.send('evm_mine', []);
    await provider.send('evm_setAutomine', [true]);
    throw new Killed(fate);
  }

  const look = createExecutor({
    ...{ reader: here.reader, provider, fromBlock: here.block, maxFee: L1_DEFAULTS.maxPriorityFeeWei },
    destinations: [{ number: 0, address: there.contract }],
    async estimate(call) {
      dieIf('before');
      return manager.estimate(call);
    },
    async send(call, signal) {
      dieIf('unsent');
      if (count === at && (fate === 'pending' || fate === 'included late')) await dieWhilePending(call);
      if (count === at && fate === 'rival') {
        count += 1;
        await overtake(scene, call, random);
      }
      const receipt = await manager.send(call, signal);
      dieIf('unnoted');
      count += 1;
      return receipt;
    },
    onExecuted: (moves) => executed.push(moves),
  });
  try {
    const { skipped } = await look(new AbortController().signal);
    return { isKilled: false, skipped, executed };
  } catch (error) {
    if (error instanceof Killed) return { isKilled: true, skipped: [], executed };
    throw error;
  }
}
