/** Files of channels that a party gives to whoever watches for it. Source: docs/channels.md, Files. */

import { type ChannelContract, isSameAddress, RollupError } from '@quittance/protocol';
import { decodeChannelRecord } from '@quittance/sdk/channels';
import type { WatchedState } from './types.ts';

/** What says that a file is one of these. */
const FORMAT = 'quittance-channels-1';
const MOST_CHANNELS = 10_000;
/** Of one channel: more HTLCs no state has, but a hub may give those of others beside them. */
const MOST_SECRETS = 1_024;

function unreadable(reason: string, cause?: unknown): RollupError<'CONFIG_INVALID'> {
  return new RollupError('CONFIG_INVALID', `it is no file of channels: ${reason}`, { reason }, { cause });
}

function secretsOf(value: unknown): readonly string[] {
  const isList = Array.isArray(value) && value.length <= MOST_SECRETS;
  if (isList && value.every((secret) => typeof secret === 'string' && /^0x[0-9a-f]{64}$/.test(secret))) return value;
  throw unreadable(`secrets are up to ${MOST_SECRETS} times 32 bytes in lower-case hexadecimal`);
}

function stateOf(value: unknown): WatchedState {
  const { party, terms, vault, newest, secrets } = (value ?? {}) as Readonly<Record<string, unknown>>;
  // The reader of records looks at terms, state and signatures member by member; the rest of a record is nobody's business here.
  const rest = { isOrderer: false, asked: [], capacity: '0', isMoving: false, isClosing: false };
  const record = decodeChannelRecord({ ...rest, terms, vault, party: party ?? 'a', newest });
  return {
    ...{ terms: record.terms, vault: record.vault, ...record.newest },
    ...(party === undefined ? {} : { party: record.party }),
    secrets: secretsOf(secrets ?? []),
  };
}

function membersOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) ?? {}) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw unreadable('it is no JSON', error);
  }
}

/**
 * The states in such a text. Signatures are looked at by whoever uses them.
 *
 * @throws RollupError CONFIG_INVALID when it is none, or of another contract.
 */
export function decodeStates(text: string, contract: ChannelContract): readonly WatchedState[] {
  const { format, chainId, channels, states } = membersOf(text);
  if (format !== FORMAT) throw unreadable(`its format is not "${FORMAT}"`);
  const isOurs = String(chainId) === String(contract.chainId) && isSameAddress(String(channels), contract.channels);
  if (!isOurs) {
    throw unreadable(
      `it is of ${channels} on chain ${chainId}, not of ${contract.channels} on chain ${contract.chainId}`,
    );
  }
  if (!Array.isArray(states) || states.length > MOST_CHANNELS) {
    throw unreadable(`states are a list of at most ${MOST_CHANNELS}`);
  }
  try {
    return states.map(stateOf);
  } catch (error) {
    throw unreadable((error as Error).message, error);
  }
}
