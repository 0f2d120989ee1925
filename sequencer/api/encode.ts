/** Views of the sequencer as JSON. */

import {
  type Account,
  addressText,
  type MoveTarget,
  RecordKind,
  type StoredHeader,
  unpackOwnerAndToken,
  type Withdrawal,
} from '@quittance/protocol';
import type {
  AccountJson,
  AcknowledgedJson,
  BatchJson,
  BatchSummaryJson,
  HeaderJson,
  ProofJson,
  SyncStatusJson,
  TransactionJson,
  WithdrawalProofJson,
} from '@quittance/rpc';
import { publicMessage } from '../halt.ts';
import type { AccountProof, BatchOverview, Queries, TransferView, WithdrawalClaim } from '../queries.ts';
import type { SyncStatus } from '../sequencer.ts';
import type { Acknowledgement } from '../types.ts';

export function encodeAcknowledgement({ id, sequence, status, to }: Acknowledgement): AcknowledgedJson {
  return { id: id.toString(), sequence, status, ...(to === undefined ? {} : { to }) };
}

export function encodeAccount(index: number, { keyY, owner, tokenId, nonce, balance }: Account): AccountJson {
  return { index, keyY: keyY.toString(), owner: addressText(owner), tokenId, nonce, balance: balance.toString() };
}

/** The names of the kinds that wallets sign. */
export const KIND_NAMES = {
  [RecordKind.transfer]: 'transfer',
  [RecordKind.transferToNew]: 'transferToNew',
  [RecordKind.withdraw]: 'withdraw',
  [RecordKind.move]: 'move',
} as const;

function encodeDrop(drop: TransferView['drop']): TransactionJson['drop'] {
  if (drop === undefined) return null;
  const { code, message, expected, actual } = drop;
  return {
    reason: code,
    message,
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
  };
}

/** The bytes of a payment reference. */
export function encodeReference(reference: TransferView['reference']): string | null {
  return reference === undefined ? null : `0x${Buffer.from(reference.bytes).toString('hex')}`;
}

export function encodeTransaction(view: TransferView): TransactionJson {
  const { operation, batch, placement } = view;
  const { kind, from, to } = operation.fields;
  const isInTree = kind === RecordKind.transfer || kind === RecordKind.transferToNew;
  return {
    id: view.id.toString(),
    sequence: view.sequence,
    status: view.status,
    receivedMs: view.receivedMs,
    kind: KIND_NAMES[kind as keyof typeof KIND_NAMES],
    from,
    to: isInTree ? to : null,
    tokenId: view.from.tokenId,
    fromOwner: addressText(view.from.owner),
    toOwner: view.to === undefined ? null : addressText(view.to.owner),
    move: kind === RecordKind.move ? encodeTarget({ destination: to, keyY: operation.words[0]! }) : null,
    amount: view.amount.toString(),
    fee: view.fee.toString(),
    nonce: view.nonce,
    validUntil: operation.authorization?.validUntil ?? 0,
    batch: batch?.number ?? null,
    chunk: placement?.chunk ?? null,
    slot: placement?.slot ?? null,
    withdrawal: placement?.withdrawal ?? null,
    l1Transaction: batch?.inclusion?.transactionHash ?? null,
    reference: encodeReference(view.reference),
    drop: encodeDrop(view.drop),
  };
}

function encodeHeader({ stateRoot, ...header }: StoredHeader): HeaderJson {
  return { ...header, stateRoot: stateRoot.toString() };
}

function encodeTarget({ destination, keyY }: MoveTarget): NonNullable<TransactionJson['move']> {
  return { destination, keyY: keyY.toString() };
}

function encodeWithdrawal({ ownerAndToken, amount, move }: Withdrawal) {
  const { owner, tokenId } = unpackOwnerAndToken(ownerAndToken);
  const target = move === undefined ? null : encodeTarget(move);
  return { owner: addressText(owner), tokenId, amount: amount.toString(), move: target };
}

export function encodeBatch({ batch, withdrawals, transferIds }: NonNullable<ReturnType<Queries['batch']>>): BatchJson {
  const { header, headerHash, state, form, blobHashes, transferCount, priorityCount, inclusion } = batch;
  const { sealedMs, postedMs, finalMs } = batch;
  return {
    header: encodeHeader(header),
    headerHash,
    state,
    form,
    blobHashes: [...blobHashes],
    transferCount,
    priorityCount,
    sealedMs,
    postedMs: postedMs ?? null,
    finalMs: finalMs ?? null,
    l1Transaction: inclusion?.transactionHash ?? null,
    l1BlockNumber: inclusion?.blockNumber ?? null,
    transfers: transferIds.map(String),
    withdrawals: withdrawals.map((withdrawal, index) => ({ index, ...encodeWithdrawal(withdrawal) })),
  };
}

/** @param state when it is known better than the database has it now. */
export function encodeSummary(
  { batch, chunkCount, provenCount }: BatchOverview,
  state = batch.state,
): BatchSummaryJson {
  const { number, headerHash, header, form, transferCount, priorityCount, inclusion, gasUsed } = batch;
  const { sealedMs, postedMs, finalMs } = batch;
  return {
    number,
    headerHash,
    stateRoot: header.stateRoot.toString(),
    state,
    form,
    transferCount,
    priorityCount,
    withdrawalCount: header.withdrawalCount,
    chunkCount,
    provenCount,
    sealedMs,
    postedMs: postedMs ?? null,
    finalMs: finalMs ?? null,
    l1Transaction: inclusion?.transactionHash ?? null,
    l1BlockNumber: inclusion?.blockNumber ?? null,
    l1GasUsed: gasUsed?.toString() ?? null,
  };
}

export function encodeProof({ index, account, batch, stateRoot, path }: AccountProof): ProofJson {
  return {
    index,
    account: account === undefined ? null : encodeAccount(index, account),
    batch,
    stateRoot: stateRoot.toString(),
    path: path.map((level) => level.map(String)),
  };
}

export function encodeWithdrawalClaim(claim: WithdrawalClaim): WithdrawalProofJson {
  const { header, status, index, withdrawal, siblings } = claim;
  return {
    header: encodeHeader(header),
    status,
    index,
    ownerAndToken: withdrawal.ownerAndToken.toString(),
    ...encodeWithdrawal(withdrawal),
    siblings: [...siblings],
  };
}

function explain(error: SyncStatus['halted']): SyncStatusJson['halted'] {
  return error === undefined ? null : { reason: error.code, message: publicMessage(error) };
}

export function encodeStatus({ trouble, halted, l1AgeSeconds, ...status }: SyncStatus): SyncStatusJson {
  return { ...status, l1AgeSeconds: l1AgeSeconds ?? null, trouble: explain(trouble), halted: explain(halted) };
}
