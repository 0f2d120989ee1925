/**
 * Channels as a file, for whoever watches over them or closes them without the party that keeps them: terms, the newest state
 * that both signed, and secrets. One channel is an object, several are a list of such.
 */

import {
  type Bytes32,
  type ChannelState,
  type ChannelTerms,
  RollupError,
  type StateSignature,
} from '@quittance/protocol';
import type { Party } from './joint-key.ts';
import { decodeChannelRecord } from './json.ts';
import { address, amount, bytes32, list, object, pattern } from './read-json.ts';

/** A channel as a file has it. Nothing in it is believed: vault and signatures are compared with the terms by whoever uses it. */
export interface ExportedChannel {
  readonly terms: ChannelTerms;
  readonly vault: string;
  /** Whose file it is; undefined where it is of nobody. */
  readonly party?: Party | undefined;
  /** The newest state that both signed. */
  readonly state: ChannelState;
  /** A's first. */
  readonly signatures: readonly [StateSignature, StateSignature];
  /** Of HTLCs: whoever has them can show them on L1. */
  readonly secrets: readonly Bytes32[];
  /** Where it was signed for, so that a file of another chain is told from a wrong one. */
  readonly contract?: { readonly chainId: bigint; readonly channels: string } | undefined;
}

/** What a file holds at most. */
export const EXPORT_LIMITS = { channels: 10_000, secrets: 1_024, characters: 64 * 1_024 * 1_024 } as const;

const FORMAT = 'quittance-channel-state-1';

/** As text. Whoever has it can challenge with these states, show these secrets, and do nothing else. */
export function encodeChannelExport(channels: readonly ExportedChannel[]): string {
  // Member by member: a record has more, which is nobody's business.
  const items = channels.map(({ terms, vault, party, state, signatures, secrets, contract }) => ({
    ...{ format: FORMAT, vault, terms, party, state, signatures, secrets },
    ...contract,
  }));
  const value = items.length === 1 ? items[0] : items;
  return `${JSON.stringify(value, (_name, part: unknown) => (typeof part === 'bigint' ? part.toString() : part), 2)}\n`;
}

const invalid = (reason: string, cause?: unknown): RollupError<'CONFIG_INVALID'> =>
  new RollupError('CONFIG_INVALID', `it is no file of channels: ${reason}`, { reason }, { cause });

/** Both members, or neither. */
function contractOf({ chainId, channels }: Readonly<Record<string, unknown>>): ExportedChannel['contract'] {
  if (chainId === undefined && channels === undefined) return undefined;
  return { chainId: amount('the chain', chainId, 64), channels: address('the contract of channels', channels) };
}

function exported(value: unknown): ExportedChannel {
  const read = object('a channel', value);
  pattern('the format of a channel', read['format'], new RegExp(`^${FORMAT}$`));
  const { terms, vault, party, state, signatures, secrets = [] } = read;
  // The reader of records looks at every member; a file has no more than these.
  const record = decodeChannelRecord({
    ...{ terms, vault, party: party ?? 'a', newest: { state, signatures } },
    ...{ isOrderer: false, asked: [], capacity: '0', isMoving: false, isClosing: false },
  });
  const contract = contractOf(read);
  return {
    ...{ terms: record.terms, vault: record.vault, ...record.newest },
    ...(party === undefined ? {} : { party: record.party }),
    secrets: list('secrets', secrets, EXPORT_LIMITS.secrets, (item) => bytes32('a secret', item)),
    ...(contract === undefined ? {} : { contract }),
  };
}

/**
 * Reads such a text. What it says may be of another contract, or signed by nobody: that is for whoever uses it to see.
 *
 * @throws RollupError CONFIG_INVALID.
 * @example const [channel] = decodeChannelExport(await file.text());
 */
export function decodeChannelExport(text: string): ExportedChannel[] {
  if (text.length > EXPORT_LIMITS.characters) throw invalid(`it has more than ${EXPORT_LIMITS.characters} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid('it is no JSON', error);
  }
  try {
    const items = Array.isArray(value) ? value : [value];
    return list('channels', items, EXPORT_LIMITS.channels, exported);
  } catch (error) {
    throw invalid((error as RollupError<'CHANNEL_PEER_WRONG'>).data.reason, error);
  }
}
