/** A rollup for channels, in memory: executes signed transfers of accounts by its rules, and is final when it is told to be. */

import { createPortableVerifier, portableHasher } from '@quittance/protocol';
import type { ChannelRollup } from '../../../packages/sdk/channels/index.ts';
import { messageOf } from '../../../packages/sdk/sign.ts';

interface Leaf {
  readonly keyY: bigint;
  readonly owner: bigint;
  readonly tokenId: number;
  balance: bigint;
  nonce: number;
}

const DOMAIN = 77n;
export const LEDGER_FEE = 10n;

/** A ledger without accounts. */
export function createLedger() {
  const leaves: Leaf[] = [];
  let final: Leaf[] = [];
  let isHeld = false;
  let batches = 0;
  /** Of the final state, unless a test says another. */
  let batch = (): number => batches;
  const verifier = createPortableVerifier(portableHasher);
  const settle = (): void => {
    if (isHeld) return;
    final = structuredClone(leaves);
    batches += 1;
  };
  const find = (all: readonly Leaf[], { owner, keyY, tokenId }: Pick<Leaf, 'owner' | 'keyY' | 'tokenId'>): number =>
    all.findIndex((leaf) => leaf.owner === owner && leaf.keyY === keyY && leaf.tokenId === tokenId);

  const rollup: ChannelRollup = {
    domain: DOMAIN,
    async account({ owner, keyY, tokenId }) {
      const index = find(final, { owner: BigInt(owner), keyY, tokenId });
      const leaf = final[index];
      return leaf === undefined ? undefined : { index, balance: leaf.balance, nonce: leaf.nonce, batch: batch() };
    },
    isAccount: async (index, of) => leaves[index] !== undefined && find(leaves, of) === index,
    fee: async () => LEDGER_FEE,
    async submit({ intent, id, authorization }) {
      const from = leaves[intent.from]!;
      if (intent.kind !== 'transfer' && intent.kind !== 'transferToNew') throw new Error(`kind ${intent.kind}`);
      if (messageOf(DOMAIN, intent, portableHasher) !== id) throw new Error('another id');
      if (intent.nonce < from.nonce) return; // taken before
      const key = { x: authorization.keyX, y: from.keyY };
      const signature = { r8: authorization.r8, s: authorization.s };
      if (!verifier.verify({ key, signature, message: id })) throw new Error('bad signature');
      if (intent.nonce !== from.nonce) throw new Error(`nonce ${intent.nonce}, not ${from.nonce}`);
      if (from.balance < intent.amount + intent.fee) throw new Error('insufficient balance');
      from.balance -= intent.amount + intent.fee;
      from.nonce += 1;
      if (intent.kind === 'transfer') leaves[intent.to]!.balance += intent.amount;
      else leaves.push({ ...intent.receiver, tokenId: from.tokenId, balance: intent.amount, nonce: 0 });
      settle();
    },
  };

  return {
    rollup,
    leaves,
    /** Pays in: from nowhere. */
    credit(receiver: string, amount: bigint, tokenId = 0): number {
      const [owner, keyY] = receiver.split(':').map((text) => BigInt(text)) as [bigint, bigint];
      const found = find(leaves, { owner, keyY, tokenId });
      if (found >= 0) leaves[found]!.balance += amount;
      else leaves.push({ owner, keyY, tokenId, balance: amount, nonce: 0 });
      settle();
      return find(leaves, { owner, keyY, tokenId });
    },
    /** Goes back to an older final state, as a sequencer that is behind would show it. @returns how to stop that. */
    showOld(balance: bigint, index: number): () => void {
      const now = final;
      const at = batches - 1;
      final = structuredClone(leaves);
      final[index]!.balance = balance;
      batch = () => at;
      return () => {
        final = now;
        batch = () => batches;
      };
    },
    /** Nothing more becomes final, until it is let. */
    hold(): void {
      isHeld = true;
    },
    release(): void {
      isHeld = false;
      settle();
    },
  };
}
export type Ledger = ReturnType<typeof createLedger>;
