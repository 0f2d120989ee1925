/**
 * Compares how contracts were created: code on L1 says nothing of what another constructor may have written into storage
 * (a producer more, a root, a member of the timelock).
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { listTransactions } from '@nomicfoundation/ignition-core';
import { translateChainError } from '@quittance/chain';
import { isSameAddress } from '@quittance/protocol';
import { getCreateAddress, type JsonRpcProvider, type TransactionResponse } from 'ethers';
import { artifactResolver, type ContractName, readArtifact } from './artifacts.ts';
import type { FoundContract } from './discover.ts';

/** `unknown`: its transaction is not known here, or another contract created it. */
export type CreationMatch = 'same' | 'different' | 'unknown';

/** Hashes of creations by address in lower case: those of a record, and that of the rollup, which its first event tells. */
export type Creations = ReadonlyMap<string, string>;

/** The creations that a record has. */
export async function recordedCreations(record: string): Promise<Creations> {
  if (!existsSync(join(record, 'journal.jsonl'))) return new Map();
  const transactions = await listTransactions(record, artifactResolver);
  return new Map(
    transactions.flatMap(({ address, txHash }) => (address === undefined ? [] : [[address.toLowerCase(), txHash]])),
  );
}

/** Creation code with its libraries; undefined when it is linked to one whose address is not known. */
function linkedCreationCode(name: ContractName, libraries: FoundContract['libraries']): string | undefined {
  const { bytecode, linkReferences } = readArtifact(name);
  let code = bytecode;
  for (const [library, places] of Object.values(linkReferences).flatMap((named) => Object.entries(named))) {
    const address = libraries[library];
    if (address === undefined) return undefined;
    for (const { start, length } of places) {
      const at = 2 + 2 * start;
      code = code.slice(0, at) + address.slice(2) + code.slice(at + 2 * length);
    }
  }
  return code.toLowerCase();
}

async function readTransaction(provider: JsonRpcProvider, hash: string): Promise<TransactionResponse | null> {
  try {
    return await provider.getTransaction(hash);
  } catch (error) {
    throw translateChainError(`reading the transaction ${hash}`, error);
  }
}

/** Whether the contract was created by these sources' constructor; its arguments follow the code. */
export async function compareCreation(
  provider: JsonRpcProvider,
  { name, address, match, libraries }: FoundContract,
  creations: Creations,
): Promise<CreationMatch> {
  const hash = creations.get(address.toLowerCase());
  const expected = linkedCreationCode(name, libraries);
  if (hash === undefined || expected === undefined || match === 'metadata') return 'unknown';
  const transaction = await readTransaction(provider, hash);
  if (transaction === null || transaction.to !== null) return 'unknown';
  const isIts = isSameAddress(getCreateAddress(transaction), address);
  return isIts && transaction.data.toLowerCase().startsWith(expected) ? 'same' : 'different';
}
