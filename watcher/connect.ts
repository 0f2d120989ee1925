/** Connects a watcher to its rollup on L1, and checks that the mode has what it needs. */

import {
  type AssertionConstants,
  type AssertionReader,
  onOneChain,
  type PinnedAssertionChain,
  type RollupConstants,
  type RollupReader,
} from '@quittance/chain';
import { type Deployment, domainOf, isSameAddress, RollupError } from '@quittance/protocol';
import type { WatchMode } from './dispute/modes.ts';
import { NO_ASSERTIONS, withoutAssertions } from './follow/no-assertions.ts';
import type { WatcherOptions } from './options.ts';

/** The rollup as a watcher sees it. */
export interface Connection {
  readonly reader: RollupReader;
  readonly assertions: AssertionReader;
  /** Undefined when the watcher only observes. */
  readonly chain: PinnedAssertionChain | undefined;
  /** Zeros for a rollup without optimistic mode. */
  readonly constants: AssertionConstants;
  readonly replay: RollupConstants;
  readonly deployment: Deployment;
  /** Whether an L1 account is that of `chain`. */
  readonly isOurs: (account: string) => boolean;
}

function canAct(assertions: AssertionReader | PinnedAssertionChain): assertions is PinnedAssertionChain {
  return 'account' in assertions;
}

/** @throws RollupError when a mode that acts has nothing to act on, or nothing to act with. */
export function requireMeans(mode: WatchMode, contract: string, isOptimistic: boolean, hasAccount: boolean): void {
  if (mode === 'observe') return;
  if (!isOptimistic) {
    const message = `the rollup ${contract} has no optimistic mode: there is nothing to ${mode}`;
    throw new RollupError('NO_OPTIMISTIC_MODE', message, { contract });
  }
  if (hasAccount) return;
  throw new RollupError('CONFIG_INVALID', `mode ${mode} acts on L1 and needs an account: give --keystore`, { mode });
}

/** @throws RollupError L1_WRONG_CHAIN when L1 names another domain: under it every signature would look forged. */
function requireDomain(deployment: Deployment, actual: bigint): void {
  const expected = domainOf(deployment);
  if (actual === expected) return;
  const message = `L1 says that the domain of ${deployment.contract} is ${actual}, it is ${expected}; check the node`;
  throw new RollupError('L1_WRONG_CHAIN', message, { expected, actual });
}

/**
 * Connects to the rollup.
 *
 * @throws RollupError CONFIG_INVALID when the mode needs an account, NO_OPTIMISTIC_MODE when it needs that and the rollup has
 * none, L1_WRONG_CHAIN, L1_UNREACHABLE.
 */
export async function connectRollup(options: WatcherOptions): Promise<Connection> {
  const { mode, assertions, store, fromBlock, confirmations = 1 } = options;
  const reader = onOneChain(options.reader, { store, blockNumber: fromBlock, confirmations });
  const [replay, constants] = await Promise.all([reader.connect(), assertions.connect()]);
  requireMeans(mode, reader.contract, constants !== undefined, canAct(assertions));
  const deployment = { chainId: reader.chainId, contract: reader.contract };
  requireDomain(deployment, replay.domain);
  const chain = constants !== undefined && canAct(assertions) ? assertions : undefined;
  return {
    reader,
    assertions: constants === undefined ? withoutAssertions(reader) : assertions,
    chain,
    constants: constants ?? NO_ASSERTIONS,
    replay,
    deployment,
    isOurs: (account) => chain !== undefined && isSameAddress(chain.account, account),
  };
}
