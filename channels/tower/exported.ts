/** A state as a file that a party gives to whoever watches for it: JSON, as records of channels are. */

import { RollupError } from '@quittance/protocol';
import { decodeChannelRecord } from '@quittance/sdk/channels';
import type { WatchedState } from './types.ts';

/** What says that a file is one of these. */
const FORMAT = 'quittance-channel-state-1';
/** Secrets of one file: more HTLCs no state has, but a hub may give those of others beside them. */
const MOST_SECRETS = 1_024;

/** JSON text of a state for a tower. Whoever has it can challenge with it, show its secrets, and do nothing else. */
export function encodeWatchedState({ terms, vault, party, state, signatures, secrets }: WatchedState): string {
  const value = { format: FORMAT, vault, terms, ...(party === undefined ? {} : { party }), state, signatures, secrets };
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part), 2);
}

function unreadable(reason: string, cause?: unknown): RollupError<'CONFIG_INVALID'> {
  return new RollupError('CONFIG_INVALID', `it is no state of a channel: ${reason}`, { reason }, { cause });
}

function secretsOf(value: unknown): readonly string[] {
  if (value === undefined) return [];
  const isList = Array.isArray(value) && value.length <= MOST_SECRETS;
  if (isList && value.every((secret) => typeof secret === 'string' && /^0x[0-9a-f]{64}$/.test(secret))) return value;
  throw unreadable(`secrets are up to ${MOST_SECRETS} times 32 bytes in lower-case hexadecimal`);
}

/** Reads one. Signatures are looked at by whoever uses it. @throws RollupError CONFIG_INVALID. */
export function decodeWatchedState(text: string): WatchedState {
  let read: Readonly<Record<string, unknown>>;
  try {
    read = JSON.parse(text) as typeof read;
  } catch (error) {
    throw unreadable('it is no JSON', error);
  }
  if (read?.['format'] !== FORMAT) throw unreadable(`its format is not "${FORMAT}"`);
  const { party, terms, vault, state, signatures, secrets } = read;
  try {
    // The reader of records looks at terms, state and signatures member by member; the rest of a record is nobody's business here.
    const record = decodeChannelRecord({
      ...{ terms, vault, party: party ?? 'a', newest: { state, signatures } },
      ...{ isOrderer: false, asked: [], capacity: '0', isMoving: false, isClosing: false },
    });
    return {
      ...{ terms: record.terms, vault: record.vault },
      ...(party === undefined ? {} : { party: record.party }),
      ...{ state: record.newest.state, signatures: record.newest.signatures, secrets: secretsOf(secrets) },
    };
  } catch (error) {
    throw unreadable((error as Error).message, error);
  }
}
