/** What a channel needs of the rollup: its account as it is final, fees, and that its last transfers get there. */

import type { RollupReader } from '@quittance/chain';
import { type Address, type Hasher, portableHasher } from '@quittance/protocol';
import type { AccountJson } from '@quittance/rpc';
import type { SequencerClient } from '../../client.ts';
import { messageOf, type SignedTransfer, type TransferIntent, type TransferToNewIntent } from '../../sign.ts';
import { accountsOfOwner, isOwn } from '../../wallet/accounts.ts';
import { suggestedFee } from '../../wallet/fees.ts';
import type { ClosingTransfer } from './documents.ts';
import { finalAccount } from './proven.ts';

/** The account of a channel as it is final. */
export interface FinalAccount {
  readonly index: number;
  readonly balance: bigint;
  readonly nonce: number;
  /** The final batch after which it was so. */
  readonly batch: number;
}

/** The rollup, as channels see it. */
export interface ChannelRollup {
  /** Of the deployment. */
  readonly domain: bigint;
  /** The account of a vault and a joint key, once it is final. */
  account(of: {
    readonly owner: Address;
    readonly keyY: bigint;
    readonly tokenId: number;
  }): Promise<FinalAccount | undefined>;
  /** Whether this account has this key, this owner and this token. */
  isAccount(
    index: number,
    of: { readonly owner: bigint; readonly keyY: bigint; readonly tokenId: number },
  ): Promise<boolean>;
  /** Of a transfer now, base units, such that a record can state it. */
  fee(tokenId: number): Promise<bigint>;
  /** Resolves when the sequencer has it, or had it before. */
  submit(transfer: SignedTransfer): Promise<void>;
}

const toFinal = ({ index, balance, nonce }: AccountJson, batch: number): FinalAccount => ({
  ...{ index, nonce, batch },
  balance: BigInt(balance),
});

/** Over a sequencer, whose word on what is final is checked against L1. @throws all of it: RollupError as the client, or as `finalAccount`. */
export function createChannelRollup(options: {
  readonly domain: bigint;
  readonly client: Pick<SequencerClient, 'call' | 'send'>;
  readonly reader: Pick<RollupReader, 'headerHash'>;
  readonly hasher?: Hasher;
}): ChannelRollup {
  const { domain, client, reader, hasher } = options;
  return {
    domain,
    async account({ owner, keyY, tokenId }) {
      const all = await accountsOfOwner(client, BigInt(owner), 'finalized');
      // Anybody can open more of them, with dust in them: the channel is the first one.
      const found = all.find((account) => isOwn(account, { keyY }, tokenId));
      if (found === undefined) return undefined;
      const { account, batch } = await finalAccount({ client, reader }, found.index, hasher);
      const isIt = account !== null && isOwn(account, { keyY }, tokenId) && BigInt(account.owner) === BigInt(owner);
      return isIt ? toFinal(account, batch) : undefined;
    },
    async isAccount(index, { owner, keyY, tokenId }) {
      const account = await client.call('rollup_getAccount', { index, tag: 'latest' });
      return account !== null && isOwn(account, { keyY }, tokenId) && BigInt(account.owner) === owner;
    },
    fee: (tokenId) => suggestedFee(client, tokenId),
    async submit(transfer) {
      await client.send(transfer);
    },
  };
}

/** What a closing transfer says. @param from account of the channel. */
export function closingIntent(
  { to, amount, nonce }: ClosingTransfer,
  from: number,
  { fee, validUntil }: { readonly fee: bigint; readonly validUntil: number },
): TransferIntent | TransferToNewIntent {
  const receiver = { keyY: to.keyY, owner: to.owner };
  const common = { from, amount, fee, nonce, validUntil, receiver };
  return to.index === undefined ? { kind: 'transferToNew', ...common } : { kind: 'transfer', to: to.index, ...common };
}

/** The hash of it, which is signed. */
export const closingMessage = (domain: bigint, intent: TransferIntent | TransferToNewIntent): bigint =>
  messageOf(domain, intent, portableHasher);
