/** Opens no blob: for batches that have none. */

import type { BlobOpener } from '@quittance/derivation';

const refuse = () => Promise.reject(new Error('nothing here has blobs'));

export const NO_KZG: BlobOpener = { commitment: refuse, open: refuse };
