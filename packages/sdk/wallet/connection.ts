/** What a wallet works with: keys, the deployment, the sequencer and L1 where they were given. */

import { domainOf, type Hasher, type KeyPair, portableHasher, RollupError } from '@quittance/protocol';
import type { ConfigJson } from '@quittance/rpc';
import { createClient, type SequencerClient } from '../client.ts';
import type { L1, openL1 } from './l1/open.ts';
import { type Owner, openOwner } from './owner.ts';
import type { ReceiverKey } from './receiver.ts';
import { deriveRollupKey, keyPairOfSecret, requirePlainAccount } from './rollup-key.ts';
import { type Clock, machineClock } from './time.ts';
import type { WalletOptions } from './types.ts';

/** An open wallet. */
export interface Connection {
  readonly options: WalletOptions;
  readonly owner: Owner;
  readonly keyPair: KeyPair;
  /** The wallet's own owner and key. */
  readonly own: ReceiverKey;
  readonly chainId: bigint;
  readonly contract: string;
  readonly domain: bigint;
  readonly hasher: Hasher;
  readonly clock: Clock;
  /** Aborted when the wallet is closed. */
  readonly closed: AbortController;
  /** Undefined where the wallet has none. */
  readonly client: SequencerClient | undefined;
  readonly l1: L1 | undefined;
  /** @throws RollupError CONFIG_INVALID where the wallet has none; `what` says what needs it. */
  sequencer(what: string): SequencerClient;
  /** @throws RollupError CONFIG_INVALID where the wallet has none. */
  requireL1(what: string): L1;
}

/** L1 and what reads it are loaded when they are needed: a page that only pays does without. */
const loadL1 = async (): Promise<typeof openL1> => (await import('./l1/open.ts')).openL1;

function missing(what: string, option: string): RollupError<'CONFIG_INVALID'> {
  return new RollupError('CONFIG_INVALID', `${what} needs ${option}: give it to createWallet`, { name: option });
}

/** @throws RollupError L1_WRONG_CHAIN, with both ids, when sequencer and L1 are on different chains. */
function requireOneChain(config: ConfigJson, l1ChainId: bigint): void {
  if (BigInt(config.chainId) === l1ChainId) return;
  const message = `the sequencer is on chain ${config.chainId}, L1 is chain ${l1ChainId}: one of the two URLs is another network’s`;
  throw new RollupError('L1_WRONG_CHAIN', message, { expected: BigInt(config.chainId), actual: l1ChainId });
}

/** The deployment that both speak of. The domain is computed here: a signature for another one must never be made. */
function deploymentOf(config: ConfigJson | undefined, l1: L1 | undefined, named: string | undefined) {
  const contract = named ?? config?.contract ?? l1!.contract;
  const chainId = l1?.chainId ?? BigInt(config!.chainId);
  const domain = domainOf({ chainId, contract });
  if (config === undefined || BigInt(config.domain) === domain) return { chainId, contract, domain };
  const message = `the sequencer serves ${config.contract} on chain ${config.chainId}, not ${contract} on ${chainId}`;
  throw new RollupError('WRONG_DOMAIN', message, { expected: domain, actual: config.domain });
}

/** @throws RollupError SIGNER_WRONG_CHAIN when the signer is connected to another chain. */
async function requireSignerChain({ signer }: Owner, chainId: bigint): Promise<void> {
  const actual = await signer.chainId?.();
  if (actual === undefined || actual === chainId) return;
  const message = `the wallet is on chain ${actual}, the rollup is on ${chainId}: switch it, nothing was signed`;
  throw new RollupError('SIGNER_WRONG_CHAIN', message, { expected: chainId, actual });
}

async function openL1Of({ l1 }: WalletOptions, config: ConfigJson | undefined): Promise<L1 | undefined> {
  if (l1 === undefined) return undefined;
  const contract = l1.contract ?? config?.contract;
  if (contract === undefined) throw missing('a wallet without rpcUrl', 'l1.contract');
  const fromBlock = l1.fromBlock ?? config?.deploymentBlock ?? 0;
  // Of a contract that was named, the domain says all.
  const isAsked = config !== undefined && l1.contract === undefined;
  const requireChain = isAsked ? (chainId: bigint) => requireOneChain(config, chainId) : undefined;
  return (await loadL1())({ ...l1, contract, fromBlock }, requireChain);
}

/** The rollup key; a contract is told from an account before it is asked for a signature, where L1 can be asked. */
async function openKey(
  { rollupSecret }: WalletOptions,
  { signer }: Owner,
  deployment: { readonly chainId: bigint; readonly contract: string },
  l1: L1 | undefined,
): Promise<KeyPair> {
  if (rollupSecret !== undefined) return keyPairOfSecret(rollupSecret);
  if (l1 !== undefined) requirePlainAccount(signer.address, await l1.codeAt(signer.address));
  return deriveRollupKey(signer, deployment);
}

/**
 * Opens keys and connections. Nothing is signed before chain and contract are known to be the same everywhere.
 *
 * @throws RollupError CONFIG_INVALID, L1_WRONG_CHAIN, WRONG_DOMAIN, SIGNER_WRONG_CHAIN, SIGNER_REFUSED, CONTRACT_ACCOUNT,
 * INVALID_KEY, RPC_UNREACHABLE, L1_UNREACHABLE.
 */
export async function connect(options: WalletOptions, clock: Clock = machineClock): Promise<Connection> {
  const { rpcUrl, timeoutMs, crypto } = options;
  if (rpcUrl === undefined && options.l1 === undefined) throw missing('a wallet', 'rpcUrl or l1');
  const client = rpcUrl === undefined ? undefined : createClient({ url: rpcUrl, ...(timeoutMs && { timeoutMs }) });
  const owner = await openOwner(options);
  const config = await client?.call('rollup_getConfig', {});
  const l1 = await openL1Of(options, config);
  try {
    const deployment = deploymentOf(config, l1, options.l1?.contract);
    await requireSignerChain(owner, deployment.chainId);
    const keyPair = await openKey(options, owner, deployment, l1);
    return {
      ...{ options, owner, keyPair, ...deployment, clock, client, l1 },
      own: { owner: BigInt(owner.signer.address), keyY: keyPair.publicKey.y },
      hasher: crypto?.hasher ?? portableHasher,
      closed: new AbortController(),
      sequencer(what) {
        if (client === undefined) throw missing(what, 'rpcUrl');
        return client;
      },
      requireL1(what) {
        if (l1 === undefined) throw missing(what, 'l1');
        return l1;
      },
    };
  } catch (error) {
    l1?.close();
    throw error;
  }
}
