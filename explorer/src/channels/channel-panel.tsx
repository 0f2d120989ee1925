/** One channel: where it stands, whose money is in it, and what can be done. */

import { isSameAddress } from '@quittance/protocol';
import type { TokenInfo } from '@quittance/sdk';
import { formatEther } from 'ethers';
import { useState } from 'preact/hooks';
import { Fact, Facts, Figure, Section } from '../parts/layout.tsx';
import { useNow } from '../parts/now.ts';
import { Table } from '../parts/table.tsx';
import { Hash, shorten } from '../parts/values.tsx';
import { countText } from '../text/amounts.ts';
import { href } from '../text/places.ts';
import { absoluteText, countdownText } from '../text/times.ts';
import { moneyText, symbolOf } from '../wallet/money/text.ts';
import type { Connection } from '../wallet/session.ts';
import type { CheckedChannel } from './file.ts';
import type { Place } from './model.ts';
import { MovePanel } from './move-panel.tsx';
import type { Look } from './reading.ts';
import {
  balancesOf,
  type L1Time,
  type LockedMoney,
  lockedMoney,
  type Move,
  movesOf,
  type Sight,
  type Standing,
  standingOf,
} from './standing.ts';
import { type MoveContext, moveWords, periodText, roughlyLeft, standingWords } from './words.ts';

/** L1's time by our clock: it goes on from the newest block, which is never before it. */
function timeOf({ block, readMs }: Pick<Look, 'block' | 'readMs'>, nowMs: number): L1Time {
  const since = Math.max(0, Math.floor((nowMs - readMs) / 1_000));
  return { block, now: Math.max(block + since, Math.floor(nowMs / 1_000)) };
}

/** Until when, with a clock that runs. Who hears the page is told now and then, not each second. */
function Countdown({ until, time }: { readonly until: number; readonly time: L1Time }) {
  const left = until - time.now;
  return (
    <p class="countdown">
      <span>
        Until <time dateTime={new Date(until * 1_000).toISOString()}>{absoluteText(until * 1_000)}</time>
      </span>
      <span class="clock" role="timer">
        {countdownText(until * 1_000, time.now * 1_000)}
      </span>
      <span class="visually-hidden" role="status">
        {roughlyLeft(left)}
      </span>
    </p>
  );
}

const SECRETS: Readonly<Record<LockedMoney['secret'], string>> = {
  shown: 'shown on L1 in time',
  expired: 'expired',
  known: 'in your file',
  unknown: 'not known here',
};

function Locked({ rows, token }: { readonly rows: readonly LockedMoney[]; readonly token: TokenInfo }) {
  if (rows.length === 0) return null;
  return (
    <Table
      caption="Locked in HTLCs"
      rows={rows}
      keyOf={({ hash }) => hash}
      columns={[
        { head: 'HTLC', isWide: true, cell: ({ hash }) => <Hash value={hash} what="hash of the HTLC" /> },
        { head: 'Amount', isNumeric: true, cell: ({ amount }) => <span class="long">{moneyText(amount, token)}</span> },
        { head: 'Pays', cell: ({ isMine }) => (isMine ? 'you' : 'the other party') },
        { head: 'Secret', cell: ({ secret }) => SECRETS[secret] },
        { head: 'Expires', cell: ({ until }) => absoluteText(until * 1_000) },
      ]}
    />
  );
}

/** What the rollup has, as a sequencer says. */
function OnRollup({ accounts, token }: Pick<Sight, 'accounts'> & { readonly token: TokenInfo }) {
  if (accounts === undefined) return <>no sequencer of this rollup is known here</>;
  if (accounts.length === 0) return <>no account</>;
  const sum = accounts.reduce((total, { balance }) => total + balance, 0n);
  const which = accounts.map(({ index }) => index).join(', ');
  return (
    <>
      {moneyText(sum, token)} <span class="muted">in account {which}, says the sequencer</span>
    </>
  );
}

const untilOf = (standing: Standing): number | undefined => ('until' in standing ? standing.until : undefined);

/** Money is on its way between the rollup and the vault: where to look for it. */
function ClaimHint({ sight }: { readonly sight: Sight }) {
  const { close, held } = sight;
  if (close === undefined || held > 0n || close.paidSenior + close.paidResidual > 0n) return null;
  return (
    <p class="muted">
      The vault has nothing on L1 yet. Once its exit is executed, anybody can claim it: look at the vault’s address
      under <a href={href('/exit')}>Leave</a>, which does that, and the same if the rollup ends.
    </p>
  );
}

interface ChannelPanelProps {
  readonly place: Place;
  readonly channel: CheckedChannel;
  readonly sight: Sight;
  readonly look: Look;
  readonly connection: Connection | undefined;
  /** Whether the wallet is on the chain of the contract. */
  readonly canSend: boolean;
}

/** The buttons, or the one move that is being confirmed. */
function Moves(props: ChannelPanelProps & { readonly moves: readonly Move[]; readonly context: MoveContext }) {
  const { place, channel, sight, connection, canSend, moves, context } = props;
  const [chosen, setChosen] = useState<string>();
  const keyOf = (move: Move): string => (move.kind === 'reveal' ? move.hash : move.kind);
  const isParty =
    connection === undefined ||
    isSameAddress(connection.address, sight.terms.a) ||
    isSameAddress(connection.address, sight.terms.b);
  const mine = sight.party === 'b' ? sight.terms.b : sight.terms.a;
  const stranger = !isParty && (
    <p class="muted">
      Your wallet’s account is no party of this channel: to close it, or to request its exit, connect{' '}
      <Hash value={mine} what="address of the party" />.
    </p>
  );
  if (moves.length === 0) return stranger === false ? null : stranger;
  if (connection === undefined) {
    const [next] = moves;
    return (
      <p class="muted">
        Next: <strong>{moveWords(next!, context).button}</strong>. Connect a wallet to do it: it pays the gas.
      </p>
    );
  }
  const move = moves.find((one) => keyOf(one) === chosen);
  if (move !== undefined && canSend) {
    const onBack = (): void => setChosen(undefined);
    return <MovePanel {...{ place, channel, move, context, connection, onBack }} toB={sight.party === 'b'} />;
  }
  return (
    <>
      <div class="form-end">
        {moves.map((one, position) => (
          <button
            key={keyOf(one)}
            type="button"
            class={position === 0 && one.kind !== 'close' ? 'primary' : ''}
            aria-disabled={!canSend}
            onClick={() => canSend && setChosen(keyOf(one))}
          >
            {moveWords(one, context).button}…
          </button>
        ))}
      </div>
      {stranger}
    </>
  );
}

/** The channel. */
export function ChannelPanel(props: ChannelPanelProps) {
  const { place, sight: read, look, connection } = props;
  // A file of nobody is seen as whoever is connected.
  const party = read.party ?? (connection !== undefined && isSameAddress(connection.address, read.terms.b) ? 'b' : 'a');
  const sight: Sight = { ...read, party };
  const time = timeOf(look, useNow());
  const { terms, vault, ours, held, accounts } = sight;
  const token = look.tokens.get(terms.tokenId)!;
  const money = (units: bigint): string => moneyText(units, token);
  const standing = standingOf(sight, time);
  const words = standingWords(standing, ours.version, money);
  const { mine, theirs, locked } = balancesOf(sight, time);
  const share = (amount: bigint | undefined): string => (amount === undefined ? 'the rest' : money(amount));
  const other = party === 'a' ? terms.b : terms.a;
  const until = untilOf(standing);
  const context: MoveContext = {
    ...{ money, ether: formatEther, bond: place.l1.constants.bond, exitFee: place.exitFee },
    ...{ period: periodText(terms.period), version: ours.version },
  };
  const moves = movesOf(sight, time, connection?.address);
  const buttons = <Moves {...props} sight={sight} moves={moves} context={context} />;
  // What is urgent stands at the top; closing alone is not.
  const isOpen = standing.state === 'open';
  return (
    <Section title={`Channel with ${shorten(other)}, nonce ${terms.nonce}`}>
      <div class="standing" data-tone={words.tone}>
        {/* The clock is no part of what is said at once: it would be said again each second. */}
        <div role={words.tone === 'bad' ? 'alert' : 'status'}>
          <p class="empty-title">{words.title}</p>
          <p>{words.text}</p>
        </div>
        {until !== undefined && <Countdown until={until} time={time} />}
      </div>
      {!isOpen && buttons}
      <ClaimHint sight={sight} />
      <dl class="figures">
        <Figure name="Yours">{share(mine)}</Figure>
        <Figure name="Theirs">{share(theirs)}</Figure>
        <Figure name="Locked in HTLCs">{money(locked)}</Figure>
      </dl>
      <Locked rows={lockedMoney(sight, time)} token={token} />
      <Facts>
        <Fact name="With">
          <Hash value={other} what="the other party" />
        </Fact>
        <Fact name="Token">
          {symbolOf(token)} <span class="muted">(token {terms.tokenId})</span>
        </Fact>
        <Fact name="Your version">{countText(ours.version)}</Fact>
        <Fact name="Period">{periodText(terms.period)}</Fact>
        <Fact name="On the rollup">
          <OnRollup accounts={accounts} token={token} />
        </Fact>
        <Fact name="In the vault on L1">{money(held)}</Fact>
        <Fact name="Vault">
          <Hash value={vault} what="vault" />
        </Fact>
      </Facts>
      {read.party === undefined && (
        <p class="muted">The file does not say whose it is: “yours” is what party {party.toUpperCase()} has.</p>
      )}
      {isOpen && buttons}
    </Section>
  );
}
