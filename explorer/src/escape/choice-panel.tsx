/** Which accounts to leave with: anybody can put dust on accounts of somebody else, and each costs gas. */

import type { Survey, SurveyedAccount } from '@quittance/sdk';
import { formatEther } from 'ethers';
import { moneyText } from '../wallet/money/text.ts';

const REASONS: Readonly<Record<NonNullable<SurveyedAccount['left']>, string>> = {
  dust: 'costs more than it pays',
  many: 'one of many of this token',
};

/** A tick for each account that is still there; nothing to choose where there is one, and it is worth it. */
export function ChoicePanel(props: {
  readonly survey: Survey;
  readonly chosen: readonly number[];
  readonly onChoose: (chosen: readonly number[]) => void;
}) {
  const { survey, chosen, onChoose } = props;
  const accounts = survey.accounts.filter(({ hasExited }) => !hasExited);
  if (accounts.length < 2 && accounts.every(({ left }) => left === null)) return null;
  const toggle = (index: number): void =>
    onChoose(chosen.includes(index) ? chosen.filter((one) => one !== index) : [...chosen, index]);
  return (
    <fieldset class="choice">
      <legend>
        Accounts to leave with ({chosen.length} of {accounts.length})
      </legend>
      <p class="muted">
        Each costs about {formatEther(survey.costs.account)} ETH now. Anybody can put money on an account of your
        address: leave out what is not worth it. It stays where it is.
      </p>
      <div class="choice-list">
        {accounts.map(({ index, token, balance, left }) => (
          <label key={index}>
            <input type="checkbox" checked={chosen.includes(index)} onChange={() => toggle(index)} /> Account {index}:{' '}
            {moneyText(balance, token)}
            {left !== null && <span class="muted"> ({REASONS[left]})</span>}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
