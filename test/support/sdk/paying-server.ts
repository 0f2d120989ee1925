/** A double of a sequencer for one account: nonces in order, each id once, and answers that a test can lose. */

import { RollupError } from '@quittance/protocol';
import type { SendResult, SequencerClient, SignedTransfer } from '@quittance/sdk';

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

export function createPayingServer(account = 1) {
  const log: SignedTransfer[] = [];
  const known = new Map<bigint, number>();
  const fates: Fate[] = [];
  let delayed: (readonly SignedTransfer[])[] = [];
  let refuse: (transfer: SignedTransfer) => RollupError | undefined = () => undefined;
  let nonce = 0;
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
    log.push(transfer);
    known.set(transfer.id, log.length);
    return { acknowledged: { id, sequence: log.length, status: 'pending' } };
  }

  const client = {
    async call(method: string, params: { readonly id?: string }) {
      if (method === 'rollup_getAccount') return { index: account, nonce };
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
      nonce += count;
    },
    /** Refuses those for which this gives an error. */
    refuseIf(rule: (transfer: SignedTransfer) => RollupError | undefined) {
      refuse = rule;
    },
  };
}
