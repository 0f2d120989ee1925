/**
 * Executes moves. All that it needs to know is on L1, so it can be killed at any point and started again: what is paid is
 * not found any more. What the destination or L1 refuses is put aside with the reason, and the rest goes on.
 */

import {
  type ClaimedWithdrawal,
  type Destination,
  type ImportTerms,
  type RollupReader,
  readImportTerms,
  readTokenAddress,
  readTokenId,
} from '@quittance/chain';
import {
  type ClaimableBatches,
  type ClaimableOptions,
  groupMoves,
  type MoveGroup,
  movesTo,
  readClaimableBatches,
  unpaidOf,
} from '@quittance/derivation';
import type { JsonRpcApiProvider } from 'ethers';
import { type AttemptOptions, executeGroup } from './attempt.ts';
import { handledOf, type SkippedMoves } from './handled.ts';

export interface ExecutorOptions extends Omit<AttemptOptions, 'contract'> {
  /** Of the rollup that is left. */
  readonly reader: RollupReader;
  readonly provider: JsonRpcApiProvider;
  /** Block of its deployment, or one before it. */
  readonly fromBlock: number;
  readonly destinations: readonly Destination[];
  /** Most wei for each move: a destination asks what it likes. */
  readonly maxFee: bigint;
}

/** Looks at L1 once and executes what it finds. @returns what it put aside. @throws as `executeGroup`, and as reading L1. */
export type LookForMoves = (signal: AbortSignal) => Promise<SkippedMoves[]>;

/** What the destination says of itself, or why it takes nothing at all. */
async function termsOf({ provider, maxFee }: ExecutorOptions, address: string): Promise<ImportTerms | string> {
  const terms = await readImportTerms(provider, address);
  if (terms === undefined) return `${address} is no rollup: it does not say what it takes`;
  const { priorityFee, isExodusActive } = terms;
  if (isExodusActive) return `${address} is in its exodus: owners can claim with \`quittance wallet claim --moves\``;
  if (priorityFee <= maxFee) return terms;
  return `${address} asks for ${priorityFee} wei a move: pay that with --max-fee, which is ${maxFee}`;
}

/** Why it takes nothing of a token; undefined when it does. */
async function tokenObstacle(
  { provider, reader }: ExecutorOptions,
  address: string,
  tokenId: number,
): Promise<string | undefined> {
  const token = await readTokenAddress(provider, reader.contract, tokenId);
  if ((await readTokenId(provider, address, token)) !== undefined) return undefined;
  const command = `quittance wallet register-token --contract ${address} --token-address ${token}`;
  return `${address} does not know token ${token}: anyone can register it with \`${command}\``;
}

function aside(groups: readonly MoveGroup[], reason: string): SkippedMoves[] {
  return groups.map((group) => ({ ...handledOf(group), reason }));
}

/** Executes the moves to one destination. */
async function executeTo(
  options: ExecutorOptions,
  { number, address }: Destination,
  final: ClaimableBatches,
  paid: readonly ClaimedWithdrawal[],
  signal: AbortSignal,
): Promise<SkippedMoves[]> {
  const moves = unpaidOf(movesTo(final, new Set([number])), paid);
  if (moves.length === 0) return [];
  const terms = await termsOf(options, address);
  if (typeof terms === 'string') return aside(groupMoves(moves, moves.length), terms);
  const { contract } = options.reader;
  const obstacles = new Map<number, string | undefined>();
  const skipped: SkippedMoves[] = [];
  for (const group of groupMoves(moves, terms.maxImport)) {
    const { tokenId } = group;
    if (!obstacles.has(tokenId)) obstacles.set(tokenId, await tokenObstacle(options, address, tokenId));
    const reason = obstacles.get(tokenId);
    if (reason !== undefined) skipped.push(...aside([group], reason));
    else skipped.push(...(await executeGroup({ ...options, contract }, group, terms.priorityFee, signal)));
  }
  return skipped;
}

/** An executor of the moves to some destinations. Its looks must not overlap. */
export function createExecutor(options: ExecutorOptions): LookForMoves {
  const { reader, fromBlock, destinations } = options;
  const known: NonNullable<ClaimableOptions['known']> = new Map();
  return async (signal) => {
    const final = await readClaimableBatches({ reader, fromBlock, signal, known });
    const { number: head } = await reader.head();
    const paid = await reader.claims(fromBlock, head);
    const skipped: SkippedMoves[] = [];
    for (const destination of destinations) {
      skipped.push(...(await executeTo(options, destination, final, paid, signal)));
    }
    return skipped;
  };
}
