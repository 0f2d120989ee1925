/** Makes the moves of the plan about one hash. */

import { asRollupError, type Bytes32, type ChannelChange } from '@quittance/protocol';
import { isIncoming, type KeptHtlc, type KeptInvoice } from '../exchange/index.ts';
import type { ChannelRecord } from '../record.ts';
import { type Desk, isEnding, isOfOldRole, peerOf } from './desk.ts';
import { type Judgement, judge } from './judge.ts';
import { isUnanswered, reasonOf, roleBehind, secretUnderWay } from './memory.ts';
import { forwardMove, type HashView, type Known, knownOf, phaseOf } from './plan.ts';
import type { ForwardPolicy } from './policy.ts';

/** Whatever of a hash is known, from wherever. */
export function viewOf(desk: Desk, hash: Bytes32, invoice: KeptInvoice | undefined): HashView {
  const { exchange } = desk.options;
  const kept = desk.tables.ofHash(hash);
  const { pending, refusal } = desk.memoryOf(hash);
  const ended = kept.find(({ end }) => end?.type === 'fulfill')?.end;
  const outgoing = kept.filter(({ isOutgoing, end }) => isOutgoing && end === undefined);
  const secret =
    (ended?.type === 'fulfill' ? ended.secret : undefined) ??
    desk.looks.secretOf(hash) ??
    outgoing.map(({ vault }) => secretUnderWay(exchange.record(vault), hash)).find((found) => found !== undefined);
  return {
    ...{ kept, pending, refusal, secret, invoice },
    isUnanswered: (htlc) => isUnanswered(exchange.record(htlc.vault), htlc),
  };
}

/** How an HTLC is passed on, and which channels there are for that. */
type Way = Extract<Judgement, { vault: string }> & { readonly others: readonly string[] };

/** Locks it onward; what comes of that is heard of in the store's commits, or here when it is refused. */
function pass(desk: Desk, hash: Bytes32, { vault, change, others }: Way): void {
  const memory = desk.memoryOf(hash);
  memory.pending = { vault, expiry: change.htlc.expiry, change, since: desk.options.now() };
  desk.options.exchange.want(vault, change).then(
    () => {
      memory.pending = undefined;
      desk.touch(hash);
    },
    (error: unknown) => {
      if (isEnding(error)) return;
      memory.pending = undefined;
      if (isOfOldRole(error)) {
        desk.later(hash);
        return;
      }
      // Nothing has left: another channel with the same party may take it.
      memory.full.add(vault);
      if (others.every((one) => memory.full.has(one))) {
        memory.refusal = reasonOf(asRollupError('passing a payment on', error));
      }
      desk.touch(hash);
    },
  );
}

/** What is known of an HTLC, and how it would be passed on. */
function look(
  desk: Desk,
  htlc: KeptHtlc,
  record: ChannelRecord,
  view: HashView,
  policy: ForwardPolicy,
): { readonly known: Known; readonly way?: Way } {
  const { exchange } = desk.options;
  const { terms, party } = record;
  const times = desk.looks.timesOf(htlc.hash);
  const { told, givenBack, full } = desk.memoryOf(htlc.hash);
  const channel = { tokenId: terms.tokenId, wasTold: told.has(htlc.vault), isGivenBack: givenBack.has(htlc.vault) };
  const known = knownOf(htlc, channel, view, times, policy);
  if (known !== undefined) return { known };
  const [hop] = htlc.onward;
  const ways = hop === undefined ? [] : desk.channelsWith(hop.to, terms.tokenId);
  const judged = judge(
    htlc,
    { us: terms[party], payer: peerOf(record) },
    ways
      .filter((way) => !full.has(way.vault))
      .map((way) => ({ record: way, isConnected: exchange.isConnected(way.vault) })),
    times.now,
    policy,
  );
  if ('reason' in judged) return { known: { knowledge: 'refused', reason: judged.reason } };
  return { known: { knowledge: 'fresh' }, way: { ...judged, others: ways.map(({ vault }) => vault) } };
}

/** Shows a secret on L1. That of an invoice only once that is written down: after a crash, the invoice is to be taken for paid. */
function reveal(desk: Desk, hash: Bytes32, secret: Bytes32, invoice: KeptInvoice | undefined): void {
  if (invoice === undefined || invoice.isShown === true) {
    desk.looks.reveal(hash, secret);
    return;
  }
  desk.options.store.showInvoice(hash).then(
    () => desk.touch(hash),
    (error: unknown) => desk.failed(hash, error),
  );
}

/** Makes the move about one HTLC that is for us. */
function move(desk: Desk, htlc: KeptHtlc, view: HashView): void {
  const { exchange, policy: policyOf } = desk.options;
  const { hash, vault, expiry } = htlc;
  const record = exchange.record(vault);
  if (record === undefined) return;
  const policy = policyOf(record.terms.tokenId);
  const { known, way } = look(desk, htlc, record, view, policy);
  const phase = phaseOf(desk.looks.timesOf(hash), expiry, policy);
  const by = roleBehind(record);
  const ask = (change: ChannelChange): void => {
    // L1 settles what is in a channel that is closing.
    if (!record.isClosing) desk.ask(hash, vault, change);
  };
  const fulfill = (): void => {
    desk.memoryOf(hash).told.add(vault);
    ask({ type: 'fulfill', by, secret: known.secret! });
  };
  const next = forwardMove(known.knowledge, phase);
  if (next === 'reveal') reveal(desk, hash, known.secret!, view.invoice);
  if (next === 'fulfill' || (next === 'reveal' && phase !== 'late')) fulfill();
  const reason = phase === 'expired' ? 'EXPIRED' : (known.reason ?? 'EXPIRY_TOO_SOON');
  if (next === 'release') {
    desk.memoryOf(hash).givenBack.add(vault);
    ask({ type: 'release', by, hash, reason });
  }
  if (next === 'pass' && !record.isClosing) pass(desk, hash, way!);
}

/** Makes the moves about all HTLCs with this hash that are for us. @param invoice ours with this hash. */
export function act(desk: Desk, hash: Bytes32, invoice: KeptInvoice | undefined): void {
  for (const htlc of desk.tables.ofHash(hash).filter(isIncoming)) move(desk, htlc, viewOf(desk, hash, invoice));
}
