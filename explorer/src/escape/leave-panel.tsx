/** The way out, step by step: where one stands, what is next, and what it costs. */

import type { Survey } from '@quittance/sdk';
import { formatEther } from 'ethers';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Section } from '../parts/layout.tsx';
import { useNow } from '../parts/now.ts';
import { absoluteText, countdownText } from '../text/times.ts';
import { WrongChain } from '../wallet/connect/wrong-chain.tsx';
import type { Connection } from '../wallet/session.ts';
import { type Step, Steps } from '../wallet/ui.tsx';
import { ChoicePanel } from './choice-panel.tsx';
import { leave, survey as surveyAgain } from './model.ts';
import type { EscapePlace } from './place.ts';
import { STEPS, type Standing, standingOf, stepStates, worthwhile } from './standing.ts';

/** A time on L1's clock, with how long that is from now by ours. */
function When({ seconds }: { readonly seconds: number }) {
  const now = useNow();
  const atMs = seconds * 1_000;
  return (
    <>
      <time dateTime={new Date(atMs).toISOString()}>{absoluteText(atMs)}</time>
      {atMs > now && <> (in {countdownText(atMs, now)})</>}
    </>
  );
}

/** What is to be done now, in sentences. */
function Explanation({
  standing,
  survey,
}: {
  readonly standing: Standing;
  readonly survey: Survey;
}): ComponentChildren {
  switch (standing.state) {
    case 'nothing':
      return survey.accounts.some(({ hasExited, left }) => !hasExited && left !== null) ? (
        <p>Nothing is left in the rollup for this owner that you chose, or that pays more than it costs.</p>
      ) : (
        <p>Nothing is left in the rollup for this owner.</p>
      );
    case 'claim':
      return <p>Your withdrawals are final: L1 pays them as soon as you claim.</p>;
    case 'ask':
      return (
        <p>
          Ask L1 to pay out{' '}
          {standing.accounts.length === 1 ? 'your account' : `your ${standing.accounts.length} accounts`} in full. Each
          request costs a priority fee of {formatEther(survey.priorityFee)} ETH, and gas. From then on the sequencer has
          a deadline; if it lets that pass, you take the money without it.
        </p>
      );
    case 'wait':
      return (
        <p>
          Your requests stand. The sequencer must execute them by <When seconds={standing.deadline} />: then claim here.
          If it does not, you can open the exodus
          {standing.dueAt === null ? (
            ' some time later'
          ) : (
            <>
              {' '}
              from <When seconds={standing.dueAt} /> on
            </>
          )}
          . Nothing is to be done before.
        </p>
      );
    case 'open':
      return (
        <p>
          The sequencer let a deadline pass. Open the exodus: no batch is taken any more, and everybody is paid from the
          last final state. Yours is paid at once.
        </p>
      );
    case 'pay':
      return <p>The exodus is open. L1 pays what you hold, with proofs that this page makes.</p>;
  }
}

const BUTTONS: Readonly<Record<Standing['state'], string | undefined>> = {
  nothing: undefined,
  claim: 'Claim',
  ask: 'Ask L1 to pay me out',
  wait: undefined,
  open: 'Open the exodus and be paid',
  pay: 'Be paid',
};

/** Steps, the sentence for the one that is next, and its button. */
export function LeavePanel(props: {
  readonly survey: Survey;
  readonly owner: string;
  readonly place: EscapePlace;
  readonly chainId: bigint;
  readonly connection: Connection | undefined;
  readonly isBusy: boolean;
}) {
  const { survey, owner, place, chainId, connection, isBusy } = props;
  const [picked, setPicked] = useState<readonly number[]>();
  const chosen = (picked ?? worthwhile(survey)).filter((index) =>
    survey.accounts.some((account) => account.index === index && !account.hasExited),
  );
  const standing = standingOf(survey, chosen);
  const states = stepStates(standing);
  const steps: readonly Step[] = STEPS.map((name, index) => ({
    name,
    state: states[index]!,
    ...(states[index] === 'now' ? { note: <Explanation standing={standing} survey={survey} /> } : {}),
  }));
  const button = BUTTONS[standing.state];
  const isOthers = connection !== undefined && connection.address.toLowerCase() !== owner;
  return (
    <Section title="The way out">
      {standing.state === 'nothing' ? (
        <Explanation standing={standing} survey={survey} />
      ) : (
        <Steps steps={steps} label="The way out" />
      )}
      <ChoicePanel survey={survey} chosen={chosen} onChoose={setPicked} />
      {connection !== undefined && connection.chainId !== chainId ? (
        <WrongChain connection={connection} chainId={chainId} l1Url={place.l1Url} />
      ) : (
        <div class="form-end">
          {button !== undefined && connection !== undefined && !(isOthers && standing.state === 'ask') && (
            <button
              type="button"
              class="primary"
              aria-disabled={isBusy}
              onClick={() =>
                void leave(
                  {
                    ...{ place, owner, accounts: chosen, minClaim: survey.costs.claim },
                    onlyClaims: standing.state === 'claim' && survey.exodus.state !== 'active',
                  },
                  connection.provider,
                )
              }
            >
              {button}
            </button>
          )}
          <button type="button" aria-disabled={isBusy} onClick={() => void surveyAgain(place, owner)}>
            Look again
          </button>
        </div>
      )}
      {button !== undefined && connection === undefined && (
        <p class="muted">Connect a wallet to go on: it pays the gas.</p>
      )}
      {isOthers && standing.state === 'ask' && (
        <p class="muted">Only the owner itself can ask. Connect its wallet; anybody can do the later steps for it.</p>
      )}
    </Section>
  );
}
