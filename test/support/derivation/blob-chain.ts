/** An L1 in memory with final batches of every form, whose blobs have the names that L1 would give them. */

import { type Kzg, type RollupReader, versionedHashOf } from '@quittance/chain';
import { genesisHeader, headerHash, headerOf, packOwnerAndToken, RecordKind, RollupState } from '@quittance/protocol';
import { record } from '../contracts/batch.ts';
import { type PostedBatch, readerOf, timeOfBlock } from '../l1/posted-chain.ts';
import { type BuiltAssertion, buildAssertion, readAs, type Tip } from '../optimistic/asserted-batch.ts';
import type { ChunkScript } from '../optimistic/claimed-chunk.ts';
import { HOLDERS } from '../optimistic/lie-scene.ts';
import { priorityOf } from '../optimistic/slot-scripts.ts';
import { portableCrypto, TEST_DEPLOYMENT } from '../rollup/world.ts';
import { SLOTS } from './claims.ts';
import { provenInBlob, provenInCalldata } from './proven-batch.ts';

/** How a batch comes. */
export type PostedHow = 'calldata' | 'coefficients' | 'evaluations';

export interface BlobChain {
  /** Sees what was posted, also later. */
  readonly reader: RollupReader;
  readonly posted: readonly PostedBatch[];
  /** Every blob by its name. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  /** The state after the last batch. */
  readonly tip: Tip;
  post(how: PostedHow, chunks: readonly ChunkScript[]): Promise<BuiltAssertion>;
  /** Takes the last batches back, as a reorg does. */
  revert(count: number): void;
}

/** Alice and Bob have deposited. */
export async function createBlobChain(kzg: Kzg): Promise<BlobChain> {
  const empty = new RollupState(portableCrypto.hasher);
  const genesis = genesisHeader(empty.root, timeOfBlock(0));
  const posted: PostedBatch[] = [];
  const tips: Tip[] = [{ header: genesis, state: empty }];
  const blobs = new Map<string, Uint8Array>();

  const now = () => readerOf(genesis, posted, SLOTS);
  const isWithin = (from: number, to: number) => (item: { readonly blockNumber: number }) =>
    item.blockNumber >= from && item.blockNumber <= to;
  const reader: Partial<RollupReader> = {
    chainId: 31_337n,
    contract: `0x${'C0'.repeat(20)}`,
    connect: () => now().connect(),
    head: () => now().head(),
    block: (number) => now().block(number),
    finalState: () => now().finalState(),
    headerHash: async (number) => {
      const header = [genesis, ...posted.map((batch) => batch.header)][number];
      return header === undefined ? undefined : headerHash(header);
    },
    finalizedBatches: async (from, to) => (await now().finalizedBatches(from, to)).filter(isWithin(from, to)),
    assertions: async (from, to) => (await now().assertions(from, to)).filter(isWithin(from, to)),
    batchData: (hash) => now().batchData(hash),
  };

  const chain: BlobChain = {
    reader: reader as RollupReader,
    posted,
    blobs,
    get tip() {
      return tips.at(-1)!;
    },
    async post(how, chunks) {
      const tip = tips.at(-1)!;
      const form = how === 'coefficients' ? 'calldata' : how;
      const asserted = buildAssertion(SHAPE, tip, { time: timeOfBlock(posted.length + 1), chunks, form });
      const made = { calldata: provenInCalldata, coefficients: provenInBlob, evaluations: readAs }[how](asserted);
      const { blobs: bytes, ...submission } = made;
      const blobHashes = await Promise.all(bytes.map(async (blob) => versionedHashOf(await kzg.commitment(blob))));
      for (const [position, hash] of blobHashes.entries()) blobs.set(hash, bytes[position]!);
      const read = { ...submission, blobHashes };
      const built = { ...asserted, header: headerOf(tip.header, read) };
      posted.push({ header: built.header, submission: read });
      tips.push(built);
      return built;
    },
    revert(count) {
      posted.splice(-count);
      tips.splice(-count);
    },
  };
  const deposits = [HOLDERS.alice, HOLDERS.bob].map(({ keyPair, owner, index }) =>
    priorityOf(record(RecordKind.deposit, [keyPair.publicKey.y, packOwnerAndToken(owner, 0), 1_000n]), index),
  );
  await chain.post('calldata', [{ slots: deposits }]);
  return chain;
}

const SHAPE = { deployment: TEST_DEPLOYMENT, slotsPerChunk: SLOTS };
