/** What an owner has in the rollup, by L1 alone. */

import type { Survey, SurveyedAccount, TokenInfo } from '@quittance/sdk';
import { Fact, Facts, Section } from '../parts/layout.tsx';
import { Empty } from '../parts/notes.tsx';
import { Table } from '../parts/table.tsx';
import { Hash } from '../parts/values.tsx';
import { countText } from '../text/amounts.ts';
import { absoluteText } from '../text/times.ts';
import { moneyText } from '../wallet/money/text.ts';

interface Row {
  readonly key: string;
  readonly what: string;
  readonly money: string;
  readonly state: string;
}

const whenText = (seconds: number): string => absoluteText(seconds * 1_000);

function accountState({ hasExited, left }: SurveyedAccount, isAsked: boolean): string {
  if (hasExited) return 'paid out on L1';
  if (isAsked) return 'asked for';
  return left === null ? 'in the rollup' : 'stays, unless you choose it';
}

const EXODUS = { active: 'open', due: 'can be opened', later: 'not open' } as const;

/** Everything, line by line. */
function rowsOf({ accounts, claims, requests, exodus }: Survey): readonly Row[] {
  const asked = new Set(requests.map(({ account }) => account));
  const money = (amount: bigint | null, token: TokenInfo): string =>
    amount === null ? 'all of it' : moneyText(amount, token);
  return [
    ...accounts.map((account) => ({
      key: `account-${account.index}`,
      what: `Account ${account.index}`,
      money: moneyText(account.balance, account.token),
      state: accountState(account, asked.has(account.index)),
    })),
    ...claims.map(({ kind, batch, index, token, amount }) => ({
      key: `${kind}-${batch}-${index}`,
      what: `${kind === 'move' ? 'Move' : 'Withdrawal'} ${index} of batch ${batch}`,
      money: moneyText(amount, token),
      state: kind === 'move' ? 'final, on its way to another rollup' : 'final, not claimed',
    })),
    ...requests.map(({ operationId, account, token, amount, deadline }) => ({
      key: `request-${operationId}`,
      what: account === null ? `Deposit, request ${operationId}` : `Exit of account ${account}, request ${operationId}`,
      money: money(amount, token),
      state: exodus.state === 'active' ? 'to be given back' : `due by ${whenText(deadline)}`,
    })),
  ];
}

/** The table, and the state of the rollup that it is of. */
export function HoldingsPanel({ survey, owner }: { readonly survey: Survey; readonly owner: string }) {
  const rows = rowsOf(survey);
  return (
    <Section title="What L1 knows">
      <Facts>
        <Fact name="Owner">
          <Hash value={owner} what="owner" isWhole />
        </Fact>
        <Fact name="Last final batch">
          {countText(survey.batch)}, of {whenText(survey.batchTime)}
        </Fact>
        <Fact name="L1’s clock">{whenText(survey.time)}</Fact>
        <Fact name="Exodus">{EXODUS[survey.exodus.state]}</Fact>
        <Fact name="State root">
          <Hash value={String(survey.stateRoot)} what="state root" />
        </Fact>
      </Facts>
      {rows.length === 0 ? (
        <Empty title="This owner has nothing in the rollup, as far as L1 knows">
          <p>Payments that are not final are not there: only the sequencer promised them.</p>
        </Empty>
      ) : (
        <Table
          caption="What this owner has"
          rows={rows}
          keyOf={({ key }) => key}
          columns={[
            { head: 'What', cell: ({ what }) => what },
            { head: 'Amount', isNumeric: true, cell: ({ money }) => <span class="long">{money}</span> },
            { head: 'State', cell: ({ state }) => state },
          ]}
        />
      )}
    </Section>
  );
}
