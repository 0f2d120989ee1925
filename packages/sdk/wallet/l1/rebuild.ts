/** The rollup rebuilt from L1 alone: whose accounts there are, and what proves it. */

import {
  type BlobOrigin,
  type BlobSource,
  createBeaconOrigin,
  createBlobSource,
  createMirrorOrigin,
  createPortableKzg,
  type Kzg,
} from '@quittance/chain';
import {
  encodeSnapshot,
  openSnapshot,
  type RebuiltRollup,
  type ReplayCrypto,
  rebuildRollup,
  type StateAt,
} from '@quittance/derivation';
import {
  addressText,
  createPortableVerifier,
  createReferenceEngine,
  isRollupError,
  portableHasher,
} from '@quittance/protocol';
import type { AccountJson } from '@quittance/rpc';
import type { L1Options } from '../types.ts';
import type { L1 } from './open.ts';
import { SILENT } from './silent.ts';

/** How long a page waits for its turn at most. */
const SLICE_MS = 8;

/** The rules in TypeScript, with pauses in which others run. */
function portableCrypto(): ReplayCrypto {
  const crypto = { hasher: portableHasher, verifier: createPortableVerifier(portableHasher) };
  let sliceEnd = Date.now() + SLICE_MS;
  const pause = (): Promise<void> | undefined => {
    if (Date.now() < sliceEnd) return undefined;
    return new Promise((resolve) =>
      setTimeout(() => {
        sliceEnd = Date.now() + SLICE_MS;
        resolve();
      }),
    );
  };
  return { ...crypto, engine: createReferenceEngine(crypto, pause) };
}

/** KZG that is prepared when the first blob comes: that takes a second, and most rollups have none. */
function lazyKzg(): Kzg {
  let made: Promise<Kzg> | undefined;
  const kzg = (): Promise<Kzg> => {
    made ??= createPortableKzg();
    return made;
  };
  return {
    commitment: async (...args) => (await kzg()).commitment(...args),
    open: async (...args) => (await kzg()).open(...args),
    verify: async (...args) => (await kzg()).verify(...args),
    cells: async (...args) => (await kzg()).cells(...args),
    verifyCells: async (...args) => (await kzg()).verifyCells(...args),
    restore: async (...args) => (await kzg()).restore(...args),
  };
}

function blobSource({ blobUrls = [] }: L1Options): BlobSource {
  const origins = blobUrls.map((place): BlobOrigin => {
    if (typeof place === 'string') return createBeaconOrigin({ url: place });
    return place.kind === 'beacon' ? createBeaconOrigin({ url: place.url }) : createMirrorOrigin({ url: place.url });
  });
  return createBlobSource({ origins, kzg: lazyKzg(), logger: SILENT });
}

/** What was kept. One that is damaged, or that L1 does not confirm, is no help: the rebuild begins anew. */
async function keptState(l1: L1, crypto: ReplayCrypto): Promise<StateAt | undefined> {
  const kept = await l1.options.state?.load();
  if (kept === undefined) return undefined;
  try {
    return await openSnapshot(l1.reader, crypto, kept);
  } catch (error) {
    if (isRollupError(error, 'SNAPSHOT_DAMAGED') || isRollupError(error, 'SNAPSHOT_FOREIGN')) return undefined;
    throw error;
  }
}

/** How a rebuild is told. */
export interface RebuildOptions {
  readonly signal?: AbortSignal | undefined;
  readonly crypto?: ReplayCrypto | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Whose claims the result has to have; nobody's if not given. */
  readonly claims?: bigint | undefined;
}

/**
 * Replays what is final, going on where an earlier rebuild stopped.
 *
 * @throws RollupError LIE_FINAL, NO_DEPLOYMENT, BLOB_UNAVAILABLE, L1_LOGS_INCOMPLETE, L1_INCONSISTENT, L1_UNREACHABLE,
 * RESOURCES_SHORT, what `state` throws, or the signal's reason.
 */
export async function rebuild(l1: L1, options: RebuildOptions = {}): Promise<RebuiltRollup> {
  const { signal, onProgress, crypto = portableCrypto(), claims = 'none' } = options;
  const { reader, fromBlock } = l1;
  const { state } = l1.options;
  if (l1.options.rebuild !== undefined) return l1.options.rebuild({ reader, claims });
  return rebuildRollup({
    ...{ reader, fromBlock, crypto, claims, blobs: blobSource(l1.options) },
    snapshot: await keptState(l1, crypto),
    ...(state && { keep: (at) => state.keep(encodeSnapshot(at)) }),
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
}

/** An account of the rebuilt rollup that has something. */
export interface RebuiltAccount {
  readonly index: number;
  readonly account: AccountJson;
  readonly balance: bigint;
}

/** Accounts of an owner in a rebuilt rollup, by ascending index. */
export function accountsIn({ state }: RebuiltRollup, owner: bigint): RebuiltAccount[] {
  return [...state.accounts()]
    .filter(([, account]) => account.owner === owner)
    .map(([index, { keyY, tokenId, nonce, balance }]) => ({
      index,
      balance,
      account: {
        ...{ index, tokenId, nonce },
        ...{ keyY: String(keyY), owner: addressText(owner), balance: String(balance) },
      },
    }))
    .sort((one, other) => one.index - other.index);
}

/** Accounts of an owner as they are final on L1, without those that the exodus has paid out. @throws as `rebuild`. */
export async function accountsOnL1(l1: L1, owner: bigint, options: RebuildOptions = {}): Promise<AccountJson[]> {
  const accounts = accountsIn(await rebuild(l1, options), owner);
  if (!(await l1.view<boolean>('isExodusActive'))) return accounts.map(({ account }) => account);
  const left: AccountJson[] = [];
  for (const { index, account } of accounts) {
    if (!(await l1.view<boolean>('hasExited', index))) left.push(account);
  }
  return left;
}
