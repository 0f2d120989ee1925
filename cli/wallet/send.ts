/** `quittance wallet send` and `quittance wallet withdraw`: signed transfers to the sequencer; `move` is one too. */

import { type Intent, type SequencerClient, signIntent } from '@quittance/sdk';
import * as parse from '../config/parse.ts';
import { optional, required, type Values, withDefault } from '../config/setting.ts';
import { rpcUrl } from '../config/settings.ts';
import { chooseCrypto } from '../crypto.ts';
import { type Context, defineCommand } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import type { AccountView } from '../rebuild/view.ts';
import { accountsFromSequencer, pickAccount } from './accounts.ts';
import { parseReceiver, type Receiver } from './receiver.ts';
import { connectSequencer, type Session, WALLET_SETTINGS, withSession } from './session.ts';
import { amountOf, amountText, baseUnits, findToken, type Token, token, unitsOf } from './tokens.ts';
import { STAGES, waitForStage } from './wait.ts';

const DEFAULT_VALIDITY_SECONDS = 3_600;
const DEFAULT_TIMEOUT_SECONDS = 600;
/** A fee that the sequencer proposes may be at most a tenth of the amount; a higher one must be given with --fee. */
const FEE_SHARE = 10n;

/** What every transfer asks for. */
export const TRANSFER_SETTINGS = {
  ...WALLET_SETTINGS,
  rpcUrl,
  token,
  amount: required('<amount>', amountText, 'how much, in units of the token'),
  fee: optional('<amount>', amountText, 'fee; what the sequencer proposes if not given'),
  baseUnits,
  validFor: withDefault(
    '<duration>',
    parse.duration,
    DEFAULT_VALIDITY_SECONDS,
    'how long the signature stays valid; 0 is forever',
  ),
  wait: withDefault(
    '<state>',
    parse.choice('accepted', ...STAGES),
    'accepted',
    'state to wait for; all before final are promises',
  ),
  timeout: withDefault('<duration>', parse.duration, DEFAULT_TIMEOUT_SECONDS, 'how long to wait for it'),
} as const;

type TransferValues = Values<typeof TRANSFER_SETTINGS>;

/** @throws UsageError when the proposal is out of proportion. */
async function feeFor(client: SequencerClient, values: TransferValues, coin: Token, amount: bigint): Promise<bigint> {
  if (values.fee !== undefined) return unitsOf(values.fee, coin, values.baseUnits);
  const { suggestedFee } = await client.call('rollup_estimateFee', { tokenId: coin.id });
  const fee = BigInt(suggestedFee);
  if (fee * FEE_SHARE <= amount) return fee;
  throw new UsageError(
    `the sequencer asks for a fee of ${amountOf(fee, coin)}, more than a tenth of the amount: if that is what you want, give it with --fee`,
  );
}

type Target = (common: Omit<Intent, 'kind'> & { readonly from: number }, client: SequencerClient) => Promise<Intent>;

/** Signs what `target` makes of the settings, sends it, and waits as long as was asked for. */
export async function runTransfer(
  context: Context,
  values: TransferValues,
  target: (session: Session, sender: AccountView, coin: Token) => Target,
): Promise<void> {
  await withSession(context, values, async (session) => {
    const client = await connectSequencer(session, values.rpcUrl);
    const coin = await findToken(session, values.token);
    const amount = unitsOf(values.amount, coin, values.baseUnits);
    const sender = pickAccount(session, await accountsFromSequencer(client, session.owner), coin.id);
    const fee = await feeFor(client, values, coin, amount);
    const validUntil = values.validFor === 0 ? 0 : Math.floor(Date.now() / 1_000) + values.validFor;
    const common = { from: sender.index, amount, fee, nonce: sender.nonce, validUntil };
    const intent = await target(session, sender, coin)(common, client);
    const acknowledged = await client.send(signIntent(session.keyPair, session.domain, intent, chooseCrypto().hasher));
    const { output, signal } = context;
    output.say(`accepted: ${amountOf(amount, coin)} of token ${coin.id}, fee ${amountOf(fee, coin)}`);
    const status =
      values.wait === 'accepted'
        ? acknowledged.status
        : await waitForStage({ client, id: acknowledged.id, stage: values.wait, seconds: values.timeout, signal });
    output.result({ id: acknowledged.id, status, kind: intent.kind, amount, fee, nonce: sender.nonce }, () =>
      [acknowledged.id, status].join('  '),
    );
  });
}

/** Pays the receiver's account, or opens one for a receiver without. */
function payTo({ owner, keyY }: Receiver, { id }: Token): Target {
  return async (common, client) => {
    const accounts = await accountsFromSequencer(client, owner);
    const account = accounts.find(({ tokenId, keyY: key }) => tokenId === id && BigInt(key) === keyY);
    const receiver = { owner, keyY };
    return account === undefined
      ? { kind: 'transferToNew', receiver, ...common }
      : { kind: 'transfer', to: account.index, receiver, ...common };
  };
}

export const walletSend = defineCommand({
  name: 'wallet send',
  summary: 'pay somebody in the rollup, and open their account if they have none',
  settings: {
    ...TRANSFER_SETTINGS,
    to: required('<receiver>', parseReceiver, 'the receiver: what `quittance wallet address` prints for them'),
  },
  run: (context, values) => runTransfer(context, values, (_session, _sender, coin) => payTo(values.to, coin)),
});

export const walletWithdraw = defineCommand({
  name: 'wallet withdraw',
  summary: 'withdraw to your L1 address: this first, then `quittance wallet claim` once it is final',
  settings: TRANSFER_SETTINGS,
  run: (context, values) =>
    runTransfer(context, values, ({ owner }, _sender, { id }) => async (common) => ({
      kind: 'withdraw',
      account: { owner, tokenId: id },
      ...common,
    })),
});
