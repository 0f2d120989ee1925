/** A block without transactions as a node's JSON-RPC gives it. */

const toHex = (value: number): string => `0x${value.toString(16)}`;

/** @param place its number, and its time in Unix seconds. */
export function rawBlock({ number, timestamp }: { readonly number: number; readonly timestamp: number }) {
  return {
    number: toHex(number),
    timestamp: toHex(timestamp),
    hash: `0x${'b1'.repeat(32)}`,
    parentHash: `0x${'b0'.repeat(32)}`,
    nonce: '0x0000000000000000',
    difficulty: '0x0',
    gasLimit: '0x0',
    gasUsed: '0x0',
    miner: `0x${'00'.repeat(20)}`,
    extraData: '0x',
    transactions: [],
  };
}
