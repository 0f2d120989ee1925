/** What was begun and is not over, with its steps; also after the page was closed in the middle. */

import { isRollupError } from '@quittance/protocol';
import type { ComponentChildren } from 'preact';
import { useQuery } from '../../data/query.ts';
import { Section } from '../../parts/layout.tsx';
import { Life } from '../../parts/life.tsx';
import { Time } from '../../parts/values.tsx';
import { useStore } from '../../store.ts';
import { MEANINGS } from '../../text/life.ts';
import { href } from '../../text/places.ts';
import { useAction } from '../action.ts';
import type { Attempt } from '../attempts.ts';
import { useReceipt } from '../connect/receipt.ts';
import type { Purse } from '../session.ts';
import { ActionButton, Note, ProblemNote } from '../ui.tsx';

const NAMES = { transfer: 'Payment', withdraw: 'Withdrawal', deposit: 'Deposit', exit: 'Forced exit' } as const;

interface LifeProps {
  readonly attempt: Attempt;
  readonly purse: Purse;
}

/** The steps with what the present one means. */
function LifeOf({
  status,
  purse,
  children,
}: {
  readonly status: string;
  readonly purse: Purse;
  readonly children?: ComponentChildren;
}) {
  return (
    <>
      <Life status={status} mode={purse.place.config.mode} hasPending />
      <p class="muted" role="status">
        {MEANINGS[status]}
      </p>
      {children}
    </>
  );
}

/** A signed transfer that the sequencer does not have: the same one can be sent again, and is paid once. */
function Unknown({ attempt, purse }: LifeProps) {
  const again = useAction(async () => {
    await purse.wallet.resume(attempt.signed!);
  });
  return (
    <>
      <p>
        The sequencer does not have it, so nothing was paid. Sending it again sends the same signed payment: it is paid
        once, however often it arrives.
      </p>
      <ActionButton action={again} busy="Sending…" isPrimary={false}>
        Send it again
      </ActionButton>
      <ProblemNote error={again.error} />
    </>
  );
}

/** Longer than this page tries to send something. */
const SENDING_MS = 60_000;

/** Whether this page may be sending it at this moment: asked too early, the sequencer does not know it yet. */
function isOnItsWay({ startedMs }: Attempt): boolean {
  return startedMs >= performance.timeOrigin && Date.now() - startedMs < SENDING_MS;
}

function TransferLife({ attempt, purse, id }: LifeProps & { readonly id: string }) {
  const { data, error } = useQuery('rollup_getTransaction', { id });
  if (data === undefined) {
    if (isRollupError(error, 'NOT_FOUND')) {
      return isOnItsWay(attempt) ? <p class="muted">Being sent…</p> : <Unknown attempt={attempt} purse={purse} />;
    }
    return (
      <p class="muted">{error === undefined ? 'Looking for it…' : 'The sequencer does not answer. Asking again.'}</p>
    );
  }
  return (
    <LifeOf status={data.status} purse={purse}>
      {data.drop !== null && <p class="bad">It was dropped: {data.drop.message}</p>}
      {attempt.kind === 'withdraw' && data.status === 'final' && (
        <p>
          Next: <a href={href('/wallet', { view: 'withdraw' })}>claim it on L1</a>.
        </p>
      )}
    </LifeOf>
  );
}

function OperationLife({ purse, operationId }: LifeProps & { readonly operationId: number }) {
  const { data, error } = useQuery('rollup_getPriorityOperation', { operationId });
  if (data === undefined) {
    const isNew = isRollupError(error, 'NOT_FOUND');
    return (
      <p class="muted">
        {isNew ? 'On L1. The sequencer takes it once its block has enough confirmations.' : 'Looking for it…'}
      </p>
    );
  }
  return (
    <LifeOf status={data.status} purse={purse}>
      {data.reason !== null && <p class="bad">It did nothing: {data.reason}</p>}
    </LifeOf>
  );
}

const RECEIPT_TEXT = {
  waiting: 'Sent by your wallet. Waiting for a block.',
  included: 'In a block of L1. The sequencer takes it once that has enough confirmations; then the history has it.',
  reverted: 'L1 refused it. Nothing was moved but the gas.',
} as const;

function TransactionLife({ purse, hash }: LifeProps & { readonly hash: string }) {
  const state = useReceipt(purse.connection.provider, hash);
  return <p class={state === 'reverted' ? 'bad' : 'muted'}>{RECEIPT_TEXT[state]}</p>;
}

function AttemptLife({ attempt, purse }: LifeProps) {
  const { signed, operationId, transactionHash, kind, startedMs } = attempt;
  if (signed !== undefined) return <TransferLife attempt={attempt} purse={purse} id={signed.id} />;
  if (operationId !== undefined) return <OperationLife attempt={attempt} purse={purse} operationId={operationId} />;
  if (transactionHash !== undefined) return <TransactionLife attempt={attempt} purse={purse} hash={transactionHash} />;
  if (kind === 'transfer' || kind === 'withdraw') {
    const isOfThisPage = startedMs >= performance.timeOrigin;
    return (
      <p class="muted">
        {isOfThisPage
          ? 'Being signed. It has not left this page.'
          : 'The page was closed before it was signed: nothing was sent, and nothing was paid.'}
      </p>
    );
  }
  return (
    <p class="muted">
      Waiting for your wallet. If this page was closed meanwhile, only the wallet knows whether it sent it; if it did,
      the history shows it soon.
    </p>
  );
}

/** All that was begun, newest first. */
export function AttemptList({ purse }: { readonly purse: Purse }) {
  const list = useStore(purse.attempts.list);
  if (list.length === 0) return null;
  return (
    <Section title="Under way">
      {!purse.attempts.isLasting() && (
        <Note>
          <p>This browser keeps nothing for this page: when you close it, this list is lost. The history is not.</p>
        </Note>
      )}
      <ul class="attempts">
        {list.toReversed().map((attempt) => {
          const name = `${NAMES[attempt.kind]}: ${attempt.summary}`;
          const id = attempt.signed?.id;
          return (
            <li key={attempt.key}>
              <div class="attempt-head">
                <strong>{id === undefined ? name : <a href={href(`/tx/${id}`)}>{name}</a>}</strong>
                <span class="muted">
                  <Time atMs={attempt.startedMs} />
                </span>
              </div>
              <AttemptLife attempt={attempt} purse={purse} />
              <button
                type="button"
                class="link"
                aria-label={`Take off this list: ${name}`}
                onClick={() => purse.attempts.forget(attempt.key)}
              >
                Take off this list
              </button>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
