/** Opens the places that blobs come from. */

import {
  type BlobOrigin,
  type BlobSource,
  createBeaconOrigin,
  createBlobSource,
  createMirrorOrigin,
} from '@quittance/chain';
import type { Logger } from '../../runtime/index.ts';
import { createBlobFolder } from '../../storage/index.ts';
import type { BlobPlace } from '../config/blob-places.ts';
import { lazyKzg } from '../crypto.ts';

/** One place. */
export function originOf({ kind, where }: BlobPlace): BlobOrigin {
  if (kind === 'folder') return createBlobFolder(where);
  return kind === 'beacon' ? createBeaconOrigin({ url: where }) : createMirrorOrigin({ url: where });
}

/** The source over these places. With none it refuses, and says what to add. */
export function openBlobSource(list: readonly BlobPlace[], logger: Logger): BlobSource {
  return createBlobSource({ origins: list.map(originOf), kzg: lazyKzg(), logger });
}
