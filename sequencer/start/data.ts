/** Checks that data can come to L1 as the settings say. */

import type { Kzg, RollupConstants } from '@quittance/chain';
import { type BatchForm, RollupError } from '@quittance/protocol';
import { formsOf } from '../batcher/forms.ts';
import type { SequencerConfig } from '../config.ts';

/** What batches need to get their data to L1. */
export interface DataMeans {
  readonly forms: readonly BatchForm[];
  readonly kzg: Kzg | undefined;
}

/** @throws RollupError CONFIG_INVALID when blobs are asked for and cannot be used. */
export function checkData(
  config: SequencerConfig,
  constants: RollupConstants,
  { kzg }: { readonly kzg?: Kzg },
): DataMeans {
  const forms = formsOf(config, constants);
  // Batches that were sealed under other settings may be in blobs too.
  const possible = formsOf({ ...config, data: 'auto' }, constants);
  if (possible.at(-1) !== 'calldata' && kzg === undefined) {
    throw new RollupError('CONFIG_INVALID', 'data in blobs needs KZG', { name: 'kzg', actual: config.data });
  }
  return { forms, kzg };
}
