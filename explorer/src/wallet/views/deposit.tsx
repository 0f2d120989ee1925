/** Money from L1 into the rollup. */

import type { TokenInfo } from '@quittance/sdk';
import { formatEther } from 'ethers';
import type { TargetedEvent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Fact, Facts, Section } from '../../parts/layout.tsx';
import { Hash } from '../../parts/values.tsx';
import { createStore, useStore } from '../../store.ts';
import { useAction } from '../action.ts';
import { isForContract } from '../connect/asked-text.ts';
import { balanceOnL1 } from '../connect/l1-balance.ts';
import { WrongChain } from '../connect/wrong-chain.tsx';
import { parseAmount } from '../money/amounts.ts';
import { moneyText, symbolOf } from '../money/text.ts';
import { TokenSelect } from '../money/tokens.tsx';
import { hashListener, type Purse } from '../session.ts';
import { Field, Note, ProblemNote } from '../ui.tsx';

/** What was typed outlives a look at another page. */
const typed = createStore({ tokenId: 0, amount: '' });
const lastDone = createStore<string | undefined>(undefined);

/** Forgets what was typed: another wallet was opened. */
export function clearDeposit(): void {
  typed.set({ tokenId: 0, amount: '' });
  lastDone.set(undefined);
}

/** Deposits once. The attempt has the transaction's hash as soon as the wallet gives it. @throws RollupError as `wallet.deposit`. */
async function depositOnce(
  { wallet, attempts, place }: Purse,
  units: bigint,
  tokenId: number,
  summary: string,
): Promise<void> {
  const key = attempts.begin('deposit', summary);
  let isSent = false;
  hashListener.current = (transactionHash, request) => {
    if (!isForContract(request, place.config.contract)) return; // the approval
    isSent = true;
    attempts.learn(key, { transactionHash });
  };
  try {
    const { operationId } = await wallet.deposit({ amount: units, token: tokenId });
    attempts.learn(key, { operationId });
  } catch (error) {
    if (!isSent) attempts.forget(key);
    throw error;
  } finally {
    hashListener.current = undefined;
  }
}

/** What the L1 address has of a token; undefined until it is known. */
function useL1Balance({ connection }: Purse, address: string): bigint | undefined {
  const [balance, setBalance] = useState<bigint>();
  useEffect(() => {
    let isOver = false;
    setBalance(undefined);
    // Not known is no reason to stop: the deposit checks it again.
    balanceOnL1(connection.provider, connection.address, address).then(
      (units) => isOver || setBalance(units),
      () => undefined,
    );
    return () => {
      isOver = true;
    };
  }, [connection.provider, connection.address, address]);
  return balance;
}

/** Base units of what was written, or what is wrong with it. @param balance on L1; undefined while it is not known. */
function checkAmount(text: string, token: TokenInfo, balance: bigint | undefined): bigint | string {
  const parsed = parseAmount(text, token.decimals, symbolOf(token));
  if ('problem' in parsed) return parsed.problem;
  if (parsed.units === 0n) return 'The amount is zero.';
  if (balance !== undefined && parsed.units > balance) return `Your L1 address has ${moneyText(balance, token)}.`;
  return parsed.units;
}

/** The form; it says which confirmations the wallet will ask for. */
function DepositForm({ purse }: { readonly purse: Purse }) {
  const { tokenId, amount } = useStore(typed);
  const [problem, setProblem] = useState<string>();
  const { tokens, place } = purse;
  const token = tokens.find((one) => one.tokenId === tokenId) ?? tokens[0]!;
  const balance = useL1Balance(purse, token.address);
  const run = useAction(async (units: bigint) => {
    lastDone.set(undefined);
    const summary = moneyText(units, token);
    await depositOnce(purse, units, token.tokenId, summary);
    typed.set({ tokenId, amount: '' });
    lastDone.set(summary);
  });
  const submit = (event: TargetedEvent<HTMLFormElement, SubmitEvent>): void => {
    event.preventDefault();
    const checked = checkAmount(amount, token, balance);
    if (typeof checked === 'string') setProblem(checked);
    else run.start(checked);
  };
  const change = (next: Partial<{ tokenId: number; amount: string }>): void => {
    setProblem(undefined);
    run.clear();
    typed.set({ ...typed.get(), ...next });
  };
  return (
    <form class="form" onSubmit={submit} autocomplete="off" novalidate>
      <Field label="Token">
        {({ id }) => (
          <TokenSelect id={id} tokens={tokens} value={token.tokenId} onChange={(next) => change({ tokenId: next })} />
        )}
      </Field>
      <Field
        label="Amount"
        hint={balance === undefined ? 'Reading your L1 balance…' : `Your L1 address has ${moneyText(balance, token)}.`}
        problem={problem}
      >
        {(attributes) => (
          <input
            {...attributes}
            inputMode="decimal"
            autoComplete="off"
            value={amount}
            onInput={({ currentTarget }) => change({ amount: currentTarget.value })}
          />
        )}
      </Field>
      <Facts>
        <Fact name="Priority fee">{formatEther(place.config.priorityFee)} ETH, and gas</Fact>
        <Fact name="Your wallet asks">
          {token.tokenId === 0
            ? 'once: for the deposit'
            : 'up to twice: to let the contract take exactly this amount, then for the deposit'}
        </Fact>
        <Fact name="Contract">
          <Hash value={place.config.contract} what="contract" />
        </Fact>
      </Facts>
      <ProblemNote error={run.error} />
      <div class="form-end">
        <button type="submit" class="primary" aria-disabled={run.isBusy}>
          {run.isBusy ? 'Depositing…' : 'Deposit'}
        </button>
      </div>
    </form>
  );
}

/** The panel. */
export function Deposit({ purse }: { readonly purse: Purse }) {
  const done = useStore(lastDone);
  const { connection, place } = purse;
  const chainId = BigInt(place.config.chainId);
  return (
    <Section title="Deposit">
      {done !== undefined && (
        <Note isLive>
          <p>
            <strong>Deposited: {done}.</strong> It is under way: see above.
          </p>
        </Note>
      )}
      {connection.chainId === chainId ? (
        <DepositForm purse={purse} />
      ) : (
        <WrongChain connection={connection} chainId={chainId} l1Url={place.l1Url} />
      )}
    </Section>
  );
}
