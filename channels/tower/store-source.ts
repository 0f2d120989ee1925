/** States from the store of a party: of one that runs here, or of a file that another process may have open. */

import type { ChannelRecord, ChannelStore, KeptHtlc, KeptInvoice } from '@quittance/sdk/channels';
import type { Clock } from '../../runtime/index.ts';
import type { ChannelStoreOptions } from '../store/store.ts';
import { viewChannelStore } from '../store/view.ts';
import { showableSecrets } from './secrets.ts';
import { stampOf } from './stamp.ts';
import type { SourceAnswer, StateSource, WatchedState } from './types.ts';

/** What the store has, as states. */
function statesOf(
  records: readonly ChannelRecord[],
  htlcs: readonly KeptHtlc[],
  invoices: readonly KeptInvoice[],
): SourceAnswer {
  const showable = showableSecrets(records, htlcs, invoices);
  const states = records.map(({ terms, vault, party, newest: { state, signatures } }): WatchedState => {
    const secrets = state.htlcs.map(({ hash }) => showable.get(hash)).filter((secret) => secret !== undefined);
    return { terms, vault, party, state, signatures, secrets };
  });
  return { states, problems: [] };
}

/** States of a party that runs in this process. */
export function createStoreSource(name: string, store: Pick<ChannelStore, 'load' | 'htlcs' | 'invoices'>): StateSource {
  return {
    name,
    async newest() {
      const records = await store.load();
      const htlcs = await store.htlcs();
      const invoices = await store.invoices([...new Set(htlcs.map(({ hash }) => hash))]);
      return statesOf(records, htlcs, invoices);
    },
  };
}

/** Of the time, the part that copies may take: that of a large store takes seconds. */
const COPY_SHARE = 20;

export interface StoreFileOptions extends ChannelStoreOptions {
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
}

/**
 * States of the store in a file, whoever has it open: read again when it changed, and rarely enough that copies of a large one do
 * not fill the day. While a channel is being closed it is read at each look.
 */
export function createStoreFileSource({ clock, ...options }: StoreFileOptions): StateSource {
  const { file } = options;
  let known: { readonly stamp: string | undefined; readonly answer: SourceAnswer; readonly nextMs: number } | undefined;
  return {
    name: file,
    async newest(isUrgent) {
      const stamp = stampOf([file, `${file}-wal`], clock.nowMs());
      const startMs = clock.monotonicMs();
      const isSame = stamp !== undefined && known?.stamp === stamp;
      if (known !== undefined && (isSame || (!isUrgent && startMs < known.nextMs))) return known.answer;
      const read = await viewChannelStore(options).catch((error: unknown) => {
        if (known === undefined) throw error;
        return error as Error;
      });
      // What was read before is better than nothing.
      if (read instanceof Error) return { ...known!.answer, problems: [{ where: file, message: read.message }] };
      const { records, htlcs, invoices } = read;
      const endMs = clock.monotonicMs();
      known = {
        ...{ stamp, answer: statesOf(records, htlcs, invoices) },
        nextMs: endMs + COPY_SHARE * (endMs - startMs),
      };
      return known.answer;
    },
  };
}
