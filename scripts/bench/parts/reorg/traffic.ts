/** Payments of wallets that know no more than what they were answered: each is sent again until it is acknowledged. */

import { setTimeout as sleep } from 'node:timers/promises';
import { isPassing, isRollupError, portableHasher } from '@quittance/protocol';
import { signIntent } from '@quittance/sdk';
import type { Person } from '../../../../test/support/rollup/person.ts';
import { requestOf } from '../../../../test/support/sequencer/harness.ts';
import type { World } from './world.ts';

/** A payment that was acknowledged. */
export interface Acknowledged {
  readonly id: bigint;
  readonly from: Person;
  /** Amount and fee. */
  readonly cost: bigint;
}

const FEE = 10n;
const RETRY_MS = 20;
/** Unix seconds, far away. */
const LATEST = 2 ** 39;
let signedCount = 0;

/** The account of somebody in ETH; undefined before it is there. */
export function accountOf({ sequencer }: World, { owner, keyPair }: Person) {
  return sequencer.queries
    .accountsOf(owner, 'latest', 100, -1)
    .find(({ account }) => account.tokenId === 0 && account.keyY === keyPair.publicKey.y);
}

/** Pays once. @returns undefined when it is told to stop first, or when the account is gone. */
export async function pay(
  world: World,
  from: Person,
  to: Person,
  amount: bigint,
  isOver: () => boolean = () => false,
): Promise<Acknowledged | undefined> {
  while (!isOver()) {
    const sender = accountOf(world, from);
    const receiver = accountOf(world, to);
    if (sender === undefined || receiver === undefined) return undefined;
    const { domain } = world.sequencer;
    const { nonce } = sender.account;
    const account = { keyY: receiver.account.keyY, owner: receiver.account.owner };
    const intent = {
      ...({ kind: 'transfer', from: sender.index, to: receiver.index, receiver: account } as const),
      ...{ amount, fee: FEE, nonce },
      // As wallets do it: a payment that was dropped is not this one, whoever has its account by now.
      validUntil: LATEST - signedCount++,
    };
    const signed = signIntent(from.keyPair, domain, intent, portableHasher);
    try {
      const { id } = await world.sequencer.submit(requestOf(signed));
      return { id, from, cost: amount + FEE };
    } catch (error) {
      // What is in doubt, or between two runs, is waited for.
      if (!isRollupError(error) || !isPassing(error)) throw error;
      await sleep(RETRY_MS);
    }
  }
  return undefined;
}

/** Pays on and on among these people until it is stopped. */
export function startTraffic(world: World, people: readonly Person[]): { stop(): Promise<readonly Acknowledged[]> } {
  const acknowledged: Acknowledged[] = [];
  let isOver = false;
  const each = people.map(async (person, position) => {
    const next = people[(position + 1) % people.length]!;
    while (!isOver) {
      const sent = await pay(world, person, next, 1n, () => isOver);
      if (sent !== undefined) acknowledged.push(sent);
      await sleep(RETRY_MS * 2);
    }
  });
  return {
    async stop() {
      isOver = true;
      await Promise.all(each);
      return acknowledged;
    },
  };
}
