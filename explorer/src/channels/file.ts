/** What a file of channels is worth: nothing in it is believed that L1 would not take. */

import {
  type Bytes32,
  type ChannelContract,
  channelStateHash,
  isSameAddress,
  recoverChannelSigner,
  secretHash,
} from '@quittance/protocol';
import { decodeChannelExport, type ExportedChannel } from '@quittance/sdk/channels';

/** A channel of a file that both parties signed. */
export interface CheckedChannel extends Omit<ExportedChannel, 'secrets' | 'contract'> {
  /** EIP-712 hash of its state. */
  readonly hash: Bytes32;
  /** Known secrets by their hashes: one of a channel counts in every other one. */
  readonly secrets: ReadonlyMap<Bytes32, Bytes32>;
}

/** What the files had. */
export interface CheckedFile {
  readonly channels: readonly CheckedChannel[];
  /** Channels that L1 would not take, each with why. */
  readonly refused: readonly { readonly vault: string; readonly reason: string }[];
}

/** Why a file cannot be used with this contract. */
export type FileProblem =
  | { readonly problem: 'unreadable'; readonly reason: string }
  | { readonly problem: 'empty' }
  | { readonly problem: 'foreign-chain'; readonly chainId: bigint }
  | { readonly problem: 'other-contract'; readonly channels: string | undefined };

/** The contract that a file is compared with. */
export interface FileContract extends ChannelContract {
  /** @throws RollupError for terms of no channel. */
  vaultOf(terms: ExportedChannel['terms']): string;
}

/** Bytes of files that are opened together: ten thousand channels have about so much. */
export const MAX_FILE_BYTES = 32 * 1_024 * 1_024;

/** Why L1 would refuse this channel; undefined when it would not. */
function refusalOf(contract: FileContract, { terms, vault, state, signatures }: ExportedChannel): string | undefined {
  try {
    const hash = channelStateHash(contract, vault, state);
    for (const [place, name] of (['a', 'b'] as const).entries()) {
      const signer = recoverChannelSigner(hash, signatures[place]!);
      if (!isSameAddress(signer, terms[name]))
        return `${terms[name]} did not sign this state on chain ${contract.chainId}`;
    }
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Whether the vault follows from the terms. */
function isOfContract(contract: FileContract, { terms, vault }: ExportedChannel): boolean {
  try {
    return isSameAddress(contract.vaultOf(terms), vault);
  } catch {
    return false; // terms of no channel have no vault
  }
}

/** The newest of each channel: there may be several states of one. */
function newestOfEach(all: readonly ExportedChannel[]): readonly ExportedChannel[] {
  const byVault = new Map<string, ExportedChannel>();
  for (const one of all) {
    const key = one.vault.toLowerCase();
    const known = byVault.get(key);
    if (known === undefined || known.state.version < one.state.version) byVault.set(key, one);
  }
  return [...byVault.values()];
}

/** Compares what was read with the contract. A problem is of all of it; what is wrong with some is told with the others. */
export function checkExport(all: readonly ExportedChannel[], contract: FileContract): CheckedFile | FileProblem {
  if (all.length === 0) return { problem: 'empty' };
  const foreign = all.find((one) => one.contract !== undefined && one.contract.chainId !== contract.chainId);
  if (foreign !== undefined) return { problem: 'foreign-chain', chainId: foreign.contract!.chainId };
  if (!all.some((one) => isOfContract(contract, one))) {
    return { problem: 'other-contract', channels: all[0]!.contract?.channels };
  }
  const secrets = new Map(all.flatMap((one) => one.secrets.map((secret) => [secretHash(secret), secret])));
  const refused: { vault: string; reason: string }[] = [];
  const good: ExportedChannel[] = [];
  for (const one of all) {
    const reason = isOfContract(contract, one) ? refusalOf(contract, one) : 'it is of another contract of channels';
    if (reason === undefined) good.push(one);
    else refused.push({ vault: one.vault, reason });
  }
  const channels = newestOfEach(good).map(({ terms, vault, party, state, signatures }) => ({
    ...{ terms, vault, party, state, signatures, secrets },
    hash: channelStateHash(contract, vault, state),
  }));
  return { channels, refused };
}

/** Reads files. */
export function checkTexts(texts: readonly string[], contract: FileContract): CheckedFile | FileProblem {
  const all: ExportedChannel[] = [];
  for (const text of texts) {
    try {
      all.push(...decodeChannelExport(text));
    } catch (error) {
      const { reason } = (error as { data?: { reason?: unknown } }).data ?? {};
      return { problem: 'unreadable', reason: String(reason ?? (error as Error).message) };
    }
  }
  return checkExport(all, contract);
}
