/** Money from L1 into the rollup. */

import { translateChainError } from '@quittance/chain';
import { addressText, BALANCE_BITS, ETH_TOKEN_ID, isRollupError, RollupError, requireBits } from '@quittance/protocol';
import { Contract, formatUnits, Interface } from 'ethers';
import type { Connection } from '../connection.ts';
import { parseReceiver } from '../receiver.ts';
import { ETH } from '../tokens.ts';
import type { DepositRequest, PriorityHandle, TokenInfo } from '../types.ts';
import { ERC20_ABI, type L1 } from './open.ts';
import { requestedBy } from './requested.ts';
import type { L1Sender } from './send.ts';

const APPROVAL = new Interface(['function approve(address spender, uint256 amount)']);

/** Refusals of the contract that are the token's fault. */
const TOKEN_FAULTS: ReadonlySet<string> = new Set(['WrongAmountDelivered', 'SafeERC20FailedOperation']);

interface Deposit {
  readonly connection: Connection;
  readonly l1: L1;
  readonly sender: L1Sender;
}

/** @throws RollupError OUT_OF_RANGE for none, or more than an account can hold. */
function requireAmount(amount: bigint): bigint {
  if (typeof amount === 'bigint' && amount > 0n) return requireBits('amount', amount, BALANCE_BITS);
  const actual = typeof amount === 'bigint' ? amount : `a value of type ${typeof amount}`;
  const message = `amount is ${actual}, expected a bigint of base units above 0`;
  throw new RollupError('OUT_OF_RANGE', message, { name: 'amount', actual, expected: 'above 0' });
}

/** A number that a token says of itself. */
async function askToken(l1: L1, { address }: TokenInfo, name: string, ...args: unknown[]): Promise<bigint> {
  try {
    return (await new Contract(address, ERC20_ABI, l1.provider).getFunction(name)(...args)) as bigint;
  } catch (error) {
    throw translateChainError(`reading ${name} of ${address}`, error);
  }
}

/** @throws RollupError INSUFFICIENT_FUNDS before any transaction. */
async function requireFunds(l1: L1, account: string, token: TokenInfo, amount: bigint, value: bigint): Promise<void> {
  const refuse = (balance: bigint, needed: bigint, { symbol, decimals }: TokenInfo): never => {
    const [has, needs] = [balance, needed].map((units) => formatUnits(units, decimals));
    const message = `${account} has ${has} ${symbol} on L1 and needs ${needs}: fund it first`;
    throw new RollupError('INSUFFICIENT_FUNDS', message, { account, balance, needed });
  };
  if (token.tokenId !== ETH_TOKEN_ID) {
    const balance = await askToken(l1, token, 'balanceOf', account);
    if (balance < amount) refuse(balance, amount, token);
  }
  const balance = await l1.provider.getBalance(account).catch((error: unknown) => {
    throw translateChainError('reading the balance', error);
  });
  if (balance < value) refuse(balance, value, ETH);
}

function unsuitable({ address }: TokenInfo, reason: string, cause?: unknown): RollupError<'TOKEN_UNSUITABLE'> {
  const message = `the token at ${address} cannot be deposited: ${reason}`;
  return new RollupError('TOKEN_UNSUITABLE', message, { token: address, reason }, { cause });
}

/** Lets the contract take exactly this deposit, when it may not yet. Some tokens want a former approval taken back first. */
async function approve({ l1, sender, connection }: Deposit, token: TokenInfo, amount: bigint, signal?: AbortSignal) {
  const owner = connection.owner.signer.address;
  const allowed = await askToken(l1, token, 'allowance', owner, l1.contract);
  if (allowed >= amount) return;
  const approveAmount = (value: bigint) => {
    const data = APPROVAL.encodeFunctionData('approve', [l1.contract, value]);
    return sender.send({ to: token.address, data, value: 0n }, signal);
  };
  try {
    await approveAmount(amount);
  } catch (error) {
    if (allowed === 0n || !isRollupError(error, 'L1_REJECTED')) throw error;
    await approveAmount(0n);
    await approveAmount(amount);
  }
  if ((await askToken(l1, token, 'allowance', owner, l1.contract)) >= amount) return;
  throw unsuitable(token, 'its approval has no effect');
}

/**
 * Deposits.
 *
 * @throws RollupError OUT_OF_RANGE, INVALID_ADDRESS, INVALID_KEY, ZERO_OWNER or INSUFFICIENT_FUNDS before any transaction;
 * TOKEN_UNSUITABLE; or as `L1Sender.send`.
 */
export async function deposit(context: Deposit, token: TokenInfo, request: DepositRequest): Promise<PriorityHandle> {
  const { connection, l1, sender } = context;
  const { signal, to } = request;
  const amount = requireAmount(request.amount);
  const { owner, keyY } = to === undefined ? connection.own : parseReceiver(to);
  const fee = await l1.view<bigint>('priorityFee');
  const isEth = token.tokenId === ETH_TOKEN_ID;
  const value = isEth ? amount + fee : fee;
  await requireFunds(l1, connection.owner.signer.address, token, amount, value);
  if (!isEth) await approve(context, token, amount, signal);
  try {
    const args = [token.tokenId, amount, keyY, addressText(owner)];
    return await requestedBy(connection, l1, await sender.transact('deposit', args, value, signal));
  } catch (error) {
    if (isEth || !isRollupError(error, 'L1_REJECTED')) throw error;
    // What the token itself refuses has a name that is none of the contract's.
    const isOurs = !TOKEN_FAULTS.has(error.data.error) && /^the contract refused: \w+\(/.test(error.message);
    if (isOurs) throw error;
    const isFee = error.data.error === 'WrongAmountDelivered';
    const why = isFee ? 'it delivers another amount than is sent, as tokens do that take a fee' : error.data.error;
    throw unsuitable(token, why, error);
  }
}
