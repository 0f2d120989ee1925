/** A double of a sequencer for one account: nonces in order, each id once, and answers that a test can lose. */

import { RollupError } from '@quittance/protocol';
import { type SendResult, type SequencerClient, type SignedTransfer, signIntent } from '@quittance/sdk';
import { accountOf, DOMAIN, INDEX, KEYS } from '../rollup/scene.ts';

/** What happens to a call of `sendAll`. */
export type Fate =
  /** It is answered. */
  | 'answered'
  /** The transfers are taken, and nobody hears of it. */
  | 'answer lost'
  /** It never arrives. */
  | 'request lost'
  /** It is lost, and arrives after the next call was answered. */
  | 'delayed';

const unreachable = () => new RollupError('RPC_UNREACHABLE', 'the connection was cut', { url: 'http://x' });

/** An error as the client makes one of the sequencer's answer. */
function refusal(code: 'NONCE_USED' | 'NONCE_GAP', expected: number, actual: number): RollupError {
  return new RollupError(code, `${code}: ${actual}`, { expected, actual, rpcCode: -32003 } as never);
}

/** An entry of a history with what was signed. */
function entryOf({ id, intent, authorization }: SignedTransfer, sequence: number) {
  if (intent.kind !== 'transfer') throw new Error('the double takes payments to accounts');
  const { amount, fee, nonce, validUntil, from, to, receiver } = intent;
  const { r8, s, keyX } = authorization;
  const alice = accountOf('alice');
  return {
    ...{ sequence, kind: 'transfer', id: String(id), status: 'pending', tokenId: 0, destination: null },
    ...{ amount: String(amount), fee: String(fee) },
    from: { index: from, owner: String(alice.owner), keyY: String(alice.keyY) },
    to: { index: to, owner: String(receiver.owner), keyY: String(receiver.keyY) },
    signed: {
      ...{ nonce, validUntil, moveKeyY: null },
      signature: { r8x: String(r8.x), r8y: String(r8.y), s: String(s), keyX: String(keyX) },
    },
  };
}

/** What somebody else with alice's key paid to bob. */
function paymentOfAnother(nonce: number): SignedTransfer {
  const { keyY, owner } = accountOf('bob');
  return signIntent(KEYS.alice, DOMAIN, {
    ...{ kind: 'transfer', from: INDEX.alice, to: INDEX.bob, receiver: { keyY, owner } },
    ...{ amount: 1_000_000n, fee: 0n, nonce, validUntil: 0 },
  });
}

export function createPayingServer(account = 1) {
  /** All that used a nonce, in order; `log` has those that came here. */
  const used: SignedTransfer[] = [];
  const log: SignedTransfer[] = [];
  const known = new Map<bigint, number>();
  const fates: Fate[] = [];
  let delayed: (readonly SignedTransfer[])[] = [];
  let refuse: (transfer: SignedTransfer) => RollupError | undefined = () => undefined;
  let nonce = 0;
  let balance = 1_000_000_000n;
  const calls: number[][] = [];

  function take(transfer: SignedTransfer): SendResult {
    const id = String(transfer.id);
    const sequence = known.get(transfer.id);
    if (sequence !== undefined) return { acknowledged: { id, sequence, status: 'pending' } };
    const refused = refuse(transfer);
    if (refused !== undefined) return { error: refused };
    const { nonce: signed } = transfer.intent;
    if (signed < nonce) return { error: refusal('NONCE_USED', nonce, signed) };
    if (signed > nonce) return { error: refusal('NONCE_GAP', nonce, signed) };
    nonce += 1;
    used.push(transfer);
    log.push(transfer);
    known.set(transfer.id, log.length);
    return { acknowledged: { id, sequence: log.length, status: 'pending' } };
  }

  const client = {
    async call(method: string, params: { readonly id?: string }) {
      if (method === 'rollup_getAccount') return { index: account, nonce, balance: String(balance) };
      if (method === 'rollup_getHistory') return { entries: used.map(entryOf).toReversed(), next: null };
      if (method !== 'rollup_getTransaction') throw new Error(`unexpected ${method}`);
      const sequence = known.get(BigInt(params.id!));
      if (sequence === undefined) throw new RollupError('NOT_FOUND', 'no such transfer');
      return { sequence, status: 'pending', kind: 'transfer', to: 2 };
    },
    async sendAll(transfers: readonly SignedTransfer[]): Promise<SendResult[]> {
      calls.push(transfers.map(({ intent }) => intent.nonce));
      const fate = fates.shift() ?? 'answered';
      if (fate === 'request lost') throw unreachable();
      if (fate === 'delayed') {
        delayed.push(transfers);
        throw unreachable();
      }
      const results = transfers.map(take);
      const late = delayed;
      delayed = [];
      for (const list of late) list.map(take);
      if (fate === 'answer lost') throw unreachable();
      return results;
    },
  };
  return {
    client: client as unknown as SequencerClient,
    /** What was taken, in order. */
    log,
    /** Nonces of each call. */
    calls,
    /** What happens to the next calls, one after the other. */
    fates,
    /** Somebody else uses nonces of the account. */
    useNonces(count: number) {
      for (const end = nonce + count; nonce < end; nonce += 1) used.push(paymentOfAnother(nonce));
    },
    /** The account has so much. */
    setBalance(value: bigint) {
      balance = value;
    },
    /** Refuses those for which this gives an error. */
    refuseIf(rule: (transfer: SignedTransfer) => RollupError | undefined) {
      refuse = rule;
    },
  };
}
