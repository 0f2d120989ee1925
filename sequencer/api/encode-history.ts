/** Histories as JSON. */

import { addressText, RecordKind } from '@quittance/protocol';
import type { HistoryEntryJson, HistoryPageJson, PriorityOperationJson } from '@quittance/rpc';
import type { SequencerEvents } from '../events.ts';
import type { History, HistoryEvent, HistorySlice, PriorityEvent, TransferEvent } from '../history.ts';
import type { Occupant } from '../occupants.ts';
import { encodeReference, KIND_NAMES } from './encode.ts';

function encodeParty(occupant: Occupant | undefined): HistoryEntryJson['from'] {
  if (occupant === undefined) return null;
  const { index, owner, keyY } = occupant;
  return { index, owner: addressText(owner), keyY: keyY.toString() };
}

/** What both kinds of entries say. */
function encodeCommon({ logged, status, placement, reason }: HistoryEvent) {
  const { sequence, receivedMs } = logged;
  return {
    ...{ sequence, receivedMs, status },
    batch: placement?.batch ?? null,
    withdrawal: placement?.withdrawal ?? null,
    reason: reason ?? null,
  };
}

function encodeTransferEvent(event: TransferEvent): HistoryEntryJson {
  const { id, operation } = event.logged.entry;
  const { kind, to } = operation.fields;
  return {
    ...encodeCommon(event),
    kind: KIND_NAMES[kind as keyof typeof KIND_NAMES],
    id: id.toString(),
    operationId: null,
    from: encodeParty(event.from),
    to: encodeParty(event.to),
    destination: kind === RecordKind.move ? to : null,
    tokenId: event.from.tokenId,
    amount: event.amount.toString(),
    fee: event.fee.toString(),
    reference: encodeReference(event.reference),
  };
}

function encodePriorityEvent(event: PriorityEvent): HistoryEntryJson {
  const { kind, tokenId, occupant, amount } = event;
  const party = encodeParty(occupant);
  return {
    ...encodeCommon(event),
    ...{ kind, tokenId },
    id: null,
    operationId: event.logged.entry.queueIndex,
    from: kind === 'deposit' ? null : party,
    to: kind === 'deposit' ? party : null,
    destination: null,
    amount: amount?.toString() ?? null,
    fee: '0',
    reference: null,
  };
}

export function encodeHistoryEvent(event: HistoryEvent): HistoryEntryJson {
  return event.type === 'transfer' ? encodeTransferEvent(event) : encodePriorityEvent(event);
}

/** What a subscription to transfers tells. */
export function encodeTransferStatus(
  { id, sequence, status, reason, logged }: SequencerEvents['transfer'],
  history: Pick<History, 'transferOf'>,
): Record<string, unknown> {
  const { from, to, amount, fee, reference } = history.transferOf(logged, status, reason);
  return {
    ...{ id: id.toString(), sequence, status, ...(reason === undefined ? {} : { reason }) },
    ...{ from: from.index, to: to?.index ?? null, tokenId: from.tokenId },
    ...{ amount: amount.toString(), fee: fee.toString(), reference: encodeReference(reference) },
  };
}

export function encodeHistory({ events, next }: HistorySlice): HistoryPageJson {
  return { entries: events.map(encodeHistoryEvent), next: next ?? null };
}

/** What was signed of an entry: null for what came from L1, also for transfers that were read from there without signatures. */
function encodeSigned(event: HistoryEvent): NonNullable<HistoryEntryJson['signed']> | null {
  if (event.type !== 'transfer') return null;
  const { operation, nonce } = event.logged.entry;
  if (operation.authorization === undefined) return null;
  const { validUntil, keyX, r8, s } = operation.authorization;
  return {
    ...{ nonce, validUntil },
    moveKeyY: operation.fields.kind === RecordKind.move ? String(operation.words[0]) : null,
    signature: { r8x: String(r8.x), r8y: String(r8.y), s: String(s), keyX: String(keyX) },
  };
}

/** A page with what was signed. */
export function encodeSignedHistory(slice: HistorySlice): HistoryPageJson {
  const { entries, next } = encodeHistory(slice);
  return { entries: entries.map((entry, at) => ({ ...entry, signed: encodeSigned(slice.events[at]!) })), next };
}

export function encodePriorityOperation(event: PriorityEvent): PriorityOperationJson {
  const { sequence, status, batch, withdrawal, reason } = encodeCommon(event);
  const { kind, account, owner, tokenId, amount, logged } = event;
  return {
    operationId: logged.entry.queueIndex,
    ...{ kind, status, account, tokenId, sequence, batch, withdrawal, reason },
    owner: addressText(owner),
    amount: amount?.toString() ?? null,
  };
}
