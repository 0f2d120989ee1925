/** Opens the places that blobs come from. */

import {
  type BlobOrigin,
  type BlobSource,
  createBeaconOrigin,
  createBlobSource,
  createMirrorOrigin,
  createRestingOrigin,
} from '@quittance/chain';
import type { Clock, Logger } from '../../runtime/index.ts';
import { createBlobFolder } from '../../storage/index.ts';
import type { BlobPlace } from '../config/blob-places.ts';
import { lazyKzg } from '../crypto.ts';

/** One place. */
export function originOf({ kind, where }: BlobPlace): BlobOrigin {
  if (kind === 'folder') return createBlobFolder(where);
  return kind === 'beacon' ? createBeaconOrigin({ url: where }) : createMirrorOrigin({ url: where });
}

/**
 * The source over these places. With none it refuses, and says what to add.
 *
 * @param clock of who cannot wait: it leaves places alone that take long in vain (`createRestingOrigin`).
 */
export function openBlobSource(list: readonly BlobPlace[], logger: Logger, clock?: Clock): BlobSource {
  const origins = list.map(originOf);
  const asked = clock === undefined ? origins : origins.map((origin) => createRestingOrigin(origin, clock));
  return createBlobSource({ origins: asked, kzg: lazyKzg(), logger });
}
