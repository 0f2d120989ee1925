/** Destinations of moves: their numbers in the list of one rollup, and what each takes. Source: docs/protocol.md, Moves. */

import { ETH_TOKEN_ID, isRollupError, isSameAddress, RollupError } from '@quittance/protocol';
import { Contract, type JsonRpcApiProvider, ZeroAddress } from 'ethers';
import { rollupInterface } from './abi.ts';
import { askL1 } from './contract-view.ts';

/** A contract of the list. */
export interface Destination {
  readonly number: number;
  readonly address: string;
}

/** What a rollup says about imports. */
export interface ImportTerms {
  /** Most moves of one call. */
  readonly maxImport: number;
  /** Wei for each. */
  readonly priorityFee: bigint;
  /** It takes nothing any more. */
  readonly isExodusActive: boolean;
}

/** A list is open to everybody: longer ones are not searched for an address. */
const MAX_SEARCHED = 1_000;
const SEARCHED_AT_ONCE = 50;

export interface DestinationsOptions {
  readonly provider: JsonRpcApiProvider;
  /** Address of the rollup that has the list. */
  readonly contract: string;
  /**
   * Blocks, the registration's included, before a number counts: a signature covers the number only, and a reorg could give
   * it to another contract.
   */
  readonly confirmations: number;
}

/** Reads the list of destinations, without what is not confirmed. */
export interface Destinations {
  /** @throws RollupError DESTINATION_UNKNOWN. */
  at(number: number): Promise<Destination>;
  /** All numbers of this contract among the first 1,000, the lowest first: it may have been registered more than once. */
  find(address: string): Promise<Destination[]>;
}

/** The list of destinations of a rollup. Its methods throw RollupError L1_UNREACHABLE. */
export function createDestinations({ provider, contract, confirmations }: DestinationsOptions): Destinations {
  const rollup = new Contract(contract, rollupInterface, provider);
  const blockTag = async () =>
    Math.max(0, (await askL1('reading the newest block', () => provider.getBlockNumber())) - confirmations + 1);
  const ask = <T>(name: string, block: number, ...args: unknown[]): Promise<T> =>
    askL1(`reading ${name}`, () => rollup.getFunction(name)(...args, { blockTag: block }) as Promise<T>);

  return {
    async at(number) {
      const address = await ask<string>('destinationOf', await blockTag(), number);
      if (address !== ZeroAddress) return { number, address };
      const message = `${contract} has no destination of number ${number} that is ${confirmations} blocks old`;
      throw new RollupError('DESTINATION_UNKNOWN', message, { expected: 'a number of its list', actual: number });
    },
    async find(address) {
      const block = await blockTag();
      const count = Math.min(MAX_SEARCHED, Number(await ask<bigint>('destinationCount', block)));
      const found: Destination[] = [];
      for (let first = 0; first < count; first += SEARCHED_AT_ONCE) {
        const numbers = Array.from({ length: Math.min(SEARCHED_AT_ONCE, count - first) }, (_, at) => first + at);
        const addresses = await Promise.all(numbers.map((number) => ask<string>('destinationOf', block, number)));
        for (const [at, each] of addresses.entries()) {
          if (isSameAddress(each, address)) found.push({ number: first + at, address: each });
        }
      }
      return found;
    },
  };
}

/** Whether a contract did not answer as a rollup does: it reverts, or answers nothing. */
function isNoAnswer(error: unknown): boolean {
  if (isRollupError(error, 'L1_REJECTED')) return true;
  return isRollupError(error) && (error.cause as { code?: unknown } | undefined)?.code === 'BAD_DATA';
}

/** What the contract at `address` takes now; undefined when it does not say it as a rollup does. @throws RollupError L1_UNREACHABLE. */
export async function readImportTerms(provider: JsonRpcApiProvider, address: string): Promise<ImportTerms | undefined> {
  const rollup = new Contract(address, rollupInterface, provider);
  const ask = <T>(name: string) =>
    askL1(`reading ${name} of ${address}`, () => rollup.getFunction(name)() as Promise<T>);
  try {
    const [maxImport, priorityFee, isExodusActive] = await Promise.all([
      ask<bigint>('maxImport'),
      ask<bigint>('priorityFee'),
      ask<boolean>('isExodusActive'),
    ]);
    return { maxImport: Number(maxImport), priorityFee, isExodusActive };
  } catch (error) {
    if (isNoAnswer(error)) return undefined;
    throw error;
  }
}

/** Address of a token in the rollup at `address`, the zero address for ETH. @throws RollupError L1_REJECTED or L1_UNREACHABLE. */
export function readTokenAddress(provider: JsonRpcApiProvider, address: string, tokenId: number): Promise<string> {
  if (tokenId === ETH_TOKEN_ID) return Promise.resolve(ZeroAddress);
  const rollup = new Contract(address, rollupInterface, provider);
  return askL1(`asking ${address} for token ${tokenId}`, () => rollup.getFunction('tokenAddress')(tokenId));
}

/** Id of a token (zero address: ETH) in the rollup at `address`; undefined when it is not registered there. @throws RollupError L1_UNREACHABLE. */
export async function readTokenId(
  provider: JsonRpcApiProvider,
  address: string,
  token: string,
): Promise<number | undefined> {
  if (token === ZeroAddress) return ETH_TOKEN_ID;
  const rollup = new Contract(address, rollupInterface, provider);
  try {
    return Number(await askL1(`asking ${address} for a token`, () => rollup.getFunction('tokenIdOf')(token)));
  } catch (error) {
    if (isRollupError(error, 'L1_REJECTED') && error.data.error === 'NotAToken') return undefined;
    throw error;
  }
}
