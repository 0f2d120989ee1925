/** What a destination of moves takes, seen by who wants to know where a move is. */

import {
  createDestinations,
  createRollupReader,
  type ReaderOptions,
  type RollupReader,
  readImportTerms,
  readTokenAddress,
  readTokenId,
} from '@quittance/chain';
import { isRollupError } from '@quittance/protocol';

/** What a destination is: which rollup, if it is one, and whether it takes a token. */
export interface DestinationView {
  /** Undefined where no rollup is. */
  readonly reader: RollupReader | undefined;
  /** @param tokenId in the rollup that is left. @throws RollupError L1_REJECTED or L1_UNREACHABLE. */
  takes(tokenId: number): Promise<boolean>;
}

const NOWHERE: DestinationView = { reader: undefined, takes: async () => false };

/** A reader of the rollup at `address`; undefined when no rollup is there. @throws RollupError L1_UNREACHABLE. */
async function rollupAt(options: ReaderOptions, address: string): Promise<RollupReader | undefined> {
  const reader = createRollupReader({ ...options, contract: address });
  try {
    await reader.connect();
    return reader;
  } catch (error) {
    const isBadData = isRollupError(error) && (error.cause as { code?: unknown } | undefined)?.code === 'BAD_DATA';
    if (isBadData || isRollupError(error, 'L1_REJECTED') || isRollupError(error, 'L1_WRONG_CHAIN')) return undefined;
    throw error;
  }
}

/**
 * The destination of this number in the list of the rollup that is left, as things stand.
 *
 * @param options of the rollup that is left.
 * @throws RollupError L1_UNREACHABLE.
 */
export async function viewDestination(options: ReaderOptions, number: number): Promise<DestinationView> {
  const { provider, contract } = options;
  const list = createDestinations({ provider, contract, confirmations: 1 });
  const found = await list.at(number).catch((error: unknown) => {
    if (isRollupError(error, 'DESTINATION_UNKNOWN')) return undefined;
    throw error;
  });
  if (found === undefined) return NOWHERE;
  const { address } = found;
  const terms = await readImportTerms(provider, address);
  // Any contract can import; what is no rollup does not say whether it does.
  if (terms === undefined) return { reader: undefined, takes: async () => true };
  return {
    reader: await rollupAt(options, address),
    async takes(tokenId) {
      if (terms.isExodusActive) return false;
      const token = await readTokenAddress(provider, contract, tokenId);
      return (await readTokenId(provider, address, token)) !== undefined;
    },
  };
}
