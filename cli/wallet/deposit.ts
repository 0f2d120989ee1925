/** `quittance wallet deposit`: money from L1 into the rollup. */

import { translateChainError } from '@quittance/chain';
import { ETH_TOKEN_ID } from '@quittance/protocol';
import { optional, required } from '../config/setting.ts';
import { defineCommand } from '../process/command.ts';
import { parseReceiver, receiverText } from './receiver.ts';
import { requestedBy } from './requested.ts';
import { type Session, send, transact, view, WALLET_SETTINGS, withSession } from './session.ts';
import { amountOf, amountText, baseUnits, erc20, findToken, type Token, token, unitsOf } from './tokens.ts';

/** Lets the contract take exactly this deposit, when it may not yet. */
async function allow(session: Session, { address }: Token, amount: bigint): Promise<void> {
  const { contract } = session.reader;
  const coin = erc20(address, session);
  try {
    const allowed = (await coin.getFunction('allowance')(session.wallet.address, contract)) as bigint;
    if (allowed >= amount) return;
  } catch (error) {
    throw translateChainError('reading the allowance', error);
  }
  session.context.output.say(`approving ${contract} for ${amount} base units`);
  const data = coin.interface.encodeFunctionData('approve', [contract, amount]);
  await send(session, { to: address, data });
}

export const walletDeposit = defineCommand({
  name: 'wallet deposit',
  summary: 'deposit ETH or a token from L1, for the amount and the priority fee',
  settings: {
    ...WALLET_SETTINGS,
    token,
    amount: required('<amount>', amountText, 'how much, in units of the token'),
    baseUnits,
    to: optional('<receiver>', parseReceiver, 'whose account; your own if not given'),
  },
  async run(context, values) {
    await withSession(context, values, async (session) => {
      const { output } = context;
      const coin = await findToken(session, values.token);
      const amount = unitsOf(values.amount, coin, values.baseUnits);
      const receiver = values.to ?? { owner: session.owner, keyY: session.keyPair.publicKey.y };
      const fee = await view<bigint>(session, 'priorityFee');
      if (coin.id !== ETH_TOKEN_ID) await allow(session, coin, amount);
      const owner = receiverText(receiver).slice(0, 42);
      const value = coin.id === ETH_TOKEN_ID ? amount + fee : fee;
      const receipt = await transact(session, 'deposit', [coin.id, amount, receiver.keyY, owner], value);
      const result = {
        ...(await requestedBy(session, receipt)),
        tokenId: coin.id,
        amount,
        fee,
        receiver: receiverText(receiver),
        transactionHash: receipt.hash,
        blockNumber: receipt.blockNumber,
      };
      const due = new Date(result.deadline * 1_000).toISOString();
      output.result(
        result,
        () =>
          `deposited ${amountOf(amount, coin)} of token ${coin.id} (operation ${result.operationId}, due by ${due})`,
      );
    });
  },
});
