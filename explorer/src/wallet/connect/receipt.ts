/** What became of an L1 transaction. */

import { useEffect, useState } from 'preact/hooks';
import { onBeat } from '../../data/pulse.ts';
import type { Eip1193 } from './eip1193.ts';

/** `waiting` also while nobody knows of it: a wallet may send it later, or replace it by one of another hash. */
export type ReceiptState = 'waiting' | 'included' | 'reverted';

/** Asks the wallet's node. @throws what the wallet throws. */
async function receiptOf(provider: Eip1193, hash: string): Promise<ReceiptState> {
  const receipt = await provider.request({ method: 'eth_getTransactionReceipt', params: [hash] });
  if (typeof receipt !== 'object' || receipt === null) return 'waiting';
  return BigInt(String((receipt as { status?: unknown }).status ?? '0x1')) === 0n ? 'reverted' : 'included';
}

/** The same, asked again as long as it waits. */
export function useReceipt(provider: Eip1193, hash: string): ReceiptState {
  const [state, setState] = useState<ReceiptState>('waiting');
  useEffect(() => {
    let isOver = false;
    const look = async (): Promise<void> => {
      // A node that does not answer now is asked again.
      const next = await receiptOf(provider, hash).catch((): ReceiptState => 'waiting');
      if (isOver) return;
      setState(next);
      if (next !== 'waiting') stop();
    };
    const stop = onBeat(() => void look());
    void look();
    return () => {
      isOver = true;
      stop();
    };
  }, [provider, hash]);
  return state;
}
