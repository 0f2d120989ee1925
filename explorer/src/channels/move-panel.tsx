/** All that a move does and costs, and the one button that sends it. */

import type { ChannelCall } from '@quittance/sdk/channels';
import type { TargetedEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Fact, Facts } from '../parts/layout.tsx';
import { Hash } from '../parts/values.tsx';
import { useStore } from '../store.ts';
import { href } from '../text/places.ts';
import { useAction } from '../wallet/action.ts';
import { asked, type Connection } from '../wallet/session.ts';
import { ActionButton, Field, Note, ProblemNote } from '../wallet/ui.tsx';
import type { CheckedChannel } from './file.ts';
import { type Place, send } from './model.ts';
import type { Move } from './standing.ts';
import { type MoveContext, moveWords, roughEther } from './words.ts';

/** The call of a move. */
function callOf({ l1, exitFee: priorityFee }: Place, channel: CheckedChannel, move: Move, toB: boolean): ChannelCall {
  const { calls } = l1;
  const { terms } = channel;
  switch (move.kind) {
    case 'close':
      return calls.close(channel, { accountIndices: move.indices, priorityFee });
    case 'challenge':
      return calls.challenge(channel);
    case 'reveal':
      return calls.reveal(move.secret);
    case 'settle':
      return calls.settle(terms, move.state);
    case 'payout':
      return calls.payout(terms, toB);
    case 'requestExits':
      return calls.requestExits(terms, { accountIndices: move.indices, priorityFee });
  }
}

/** Most exits of one call. */
const MOST_EXITS = 16;

/** Account numbers as typed; undefined when they are none. */
function parseIndices(text: string): readonly number[] | undefined {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  if (parts.length > MOST_EXITS || !parts.every((part) => /^(?:0|[1-9][0-9]{0,9})$/.test(part))) return undefined;
  const indices = [...new Set(parts.map(Number))];
  return indices.every((index) => index < 2 ** 32) ? indices : undefined;
}

/** What it costs now, or why L1 would refuse it. */
type Price = { readonly costWei: bigint } | { readonly error: unknown } | undefined;

function usePrice(place: Place, from: string, call: ChannelCall, key: string): [Price, () => void] {
  const [price, setPrice] = useState<Price>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isOver = false;
    setPrice(undefined);
    place.l1.price(from, call).then(
      (found) => isOver || setPrice(found),
      (error: unknown) => isOver || setPrice({ error }),
    );
    return () => {
      isOver = true;
    };
  }, [key, attempt]);
  return [price, () => setAttempt((now) => now + 1)];
}

/** Asks for the last word. */
export function MovePanel(props: {
  readonly place: Place;
  readonly channel: CheckedChannel;
  readonly toB: boolean;
  readonly move: Move;
  readonly context: MoveContext;
  readonly connection: Connection;
  readonly onBack: () => void;
}) {
  const { place, channel, toB, move: offered, context, connection, onBack } = props;
  const [typed, setTyped] = useState('');
  const isNamed = (offered.kind === 'close' || offered.kind === 'requestExits') && offered.indices.length === 0;
  const indices = isNamed ? parseIndices(typed) : undefined;
  const move: Move = isNamed && indices !== undefined ? { ...offered, indices } : offered;
  const isMissing = offered.kind === 'requestExits' && move.kind === 'requestExits' && move.indices.length === 0;
  const isWrong = isNamed && indices === undefined;
  const words = moveWords(move, context);
  const call = callOf(place, channel, move, toB);
  const [price, priceAgain] = usePrice(place, connection.address, call, call.data);
  const request = useStore(asked);
  const sending = useAction(async () => {
    if (isWrong || isMissing) return;
    await send(connection, call, words.done);
    onBack();
  });
  const heading = useRef<HTMLHeadingElement>(null);
  // What is new on the page is read out, and the keyboard goes on from there.
  useEffect(() => heading.current?.focus(), []);
  const isRefused = price !== undefined && 'error' in price;
  return (
    <div class="confirm">
      <h3 ref={heading} tabIndex={-1}>
        {words.title}
      </h3>
      <div class={words.isGrave ? 'warning' : 'says'}>
        {words.says.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
      {isNamed && (
        <Field
          label="Accounts of this channel on the rollup"
          hint={
            <>
              Their numbers, separated by commas. To find them without a sequencer,{' '}
              <a href={href('/exit')}>read the rollup from L1</a> for the vault’s address.
            </>
          }
          problem={isWrong ? `Up to ${MOST_EXITS} whole numbers, separated by commas.` : undefined}
        >
          {(attributes) => (
            <input
              {...attributes}
              value={typed}
              inputMode="numeric"
              placeholder="7"
              autoComplete="off"
              onInput={({ currentTarget }: TargetedEvent<HTMLInputElement>) => setTyped(currentTarget.value)}
            />
          )}
        </Field>
      )}
      <Facts>
        {words.sends.map(({ name, value }) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
        <Fact name="Gas">
          {price === undefined ? 'asking L1…' : isRefused ? 'not known' : `about ${roughEther(price.costWei)} ETH`}
        </Fact>
        <Fact name="From">
          <Hash value={connection.address} what="your address" />
        </Fact>
        <Fact name="To">
          <Hash value={call.to} what="contract" />
        </Fact>
      </Facts>
      {isRefused && !isMissing && <ProblemNote error={price.error} retry={priceAgain} />}
      {request !== undefined && sending.isBusy && (
        <Note isLive>
          <p>
            <strong>Look at your wallet.</strong> It asks you to confirm this transaction.
          </p>
        </Note>
      )}
      <ProblemNote error={sending.error} retry={sending.start} />
      <div class="form-end">
        {!isRefused && !isMissing && !isWrong && (
          <ActionButton action={sending} busy={request === undefined ? 'Waiting for L1…' : 'Waiting for your wallet…'}>
            {words.button}
          </ActionButton>
        )}
        <button type="button" aria-disabled={sending.isBusy} onClick={() => sending.isBusy || onBack()}>
          Back
        </button>
      </div>
    </div>
  );
}
