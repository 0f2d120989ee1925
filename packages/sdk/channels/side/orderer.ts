/** The side that puts the changes of both in their order: it proposes versions, one at a time. */

import { asRollupError, type ChannelChange, type ChannelFunds, RollupError } from '@quittance/protocol';
import { type ChannelMessage, type ChannelRecord, changeKey, changeKeys } from '../record.ts';
import { createAhead } from './ahead.ts';
import { type Core, closing, createCore, NOTHING, wrong } from './core.ts';
import { createLateSecrets } from './late.ts';
import { createQueue, type Queue } from './queue.ts';
import { createShell } from './shell.ts';
import { type ChannelSide, type Effects, MOST_ASKED, MOST_CHANGES, type StateKeys, type Waiting } from './types.ts';

type Of<Type extends ChannelMessage['type']> = Extract<ChannelMessage, { readonly type: Type }>;

/** A version that the other party has, and may sign at any time, stands on more than there will be. */
function standing(version: number): RollupError<'CHANNEL_CHANGE_REFUSED'> {
  const reason = `version ${version} is proposed and not signed yet`;
  return new RollupError('CHANNEL_CHANGE_REFUSED', `the money of a channel cannot be moved: ${reason}`, { reason });
}

function withdrawn(): RollupError<'CHANNEL_PEER_AWAY'> {
  const reason = 'it does not sign what was proposed before';
  return new RollupError('CHANNEL_PEER_AWAY', `the other party of a channel is silent: ${reason}`, { reason });
}

/** Makes what can be made of changes, in order, on the newest state. */
function plan(core: Core, wanted: readonly Waiting[]) {
  let { state } = core.record.newest;
  const changes: ChannelChange[] = [];
  const refused: { change: ChannelChange; error: RollupError }[] = [];
  const send: ChannelMessage[] = [];
  for (const one of wanted) {
    try {
      state = core.applied(state, one, core.timeOf(one.from));
      changes.push(one.change);
    } catch (cause) {
      const error = asRollupError('a change of a channel', cause);
      if (one.from === core.us) refused.push({ change: one.change, error });
      else send.push({ type: 'refuse', key: changeKey(one.change), code: error.code, message: error.message });
    }
  }
  return { state: { ...state, version: state.version + 1 }, changes, refused, send };
}

/** Of the first that wait, until something can be made or nothing waits. */
function planSome(core: Core, waiting: Queue) {
  const planned = plan(core, waiting.take(MOST_CHANGES));
  if (planned.changes.length > 0 || waiting.length === 0) return planned;
  const next: ReturnType<typeof plan> = planSome(core, waiting);
  return { ...next, refused: [...planned.refused, ...next.refused], send: [...planned.send, ...next.send] };
}

/** What is proposed, as it is said. */
function proposalOf({ record: { proposal } }: Core): ChannelMessage[] {
  if (proposal === undefined) return [];
  const { state, changes, signature } = proposal;
  return [{ type: 'propose', version: state.version, changes, signature }];
}

/** The other party signs what is proposed. @throws RollupError CHANNEL_PEER_WRONG, BAD_SIGNATURE. */
function takeSignature(core: Core, { version, signature }: Of<'sign'>): Effects {
  const { proposal: open, newest } = core.record;
  if (version <= newest.state.version) return NOTHING; // said twice
  if (open?.state.version !== version) throw wrong(`it signs version ${version}, which was not proposed`);
  core.requireSigned(open.state, signature, core.them);
  const signed = core.signed(open.state, open.signature, signature);
  return core.settleProposal({ newest: signed }, { applied: open.changes });
}

/** @throws RollupError CHANNEL_CHANGE_REFUSED when what is proposed stands on more. */
function setFunds(core: Core, funds: ChannelFunds): Effects {
  const { proposal: open, capacity, isMoving } = core.record;
  const isWorse = funds.capacity < capacity || (funds.isMoving && !isMoving);
  if (open !== undefined && isWorse) throw standing(open.state.version);
  return core.write(funds);
}

/** To the other party, of changes that it asked for: nothing more changes. */
function refuseClosed(changes: readonly ChannelChange[]): ChannelMessage[] {
  const { code, message } = closing();
  return changes.map((change) => ({ type: 'refuse', key: changeKey(change), code, message }));
}

/** Nothing more changes: what waits is refused. @param isHeard whether the other party would hear of it. */
function stop(core: Core, waiting: Queue, isHeard: boolean): Effects {
  const refused = waiting.of(core.us).map((change) => ({ change, error: closing() }));
  const theirs = isHeard ? waiting.of(core.them) : [];
  waiting.keep(() => false);
  return core.write({ isClosing: true }, { refused, send: refuseClosed(theirs) });
}

/** The orderer's side of `initial`. */
export function createOrderer(initial: ChannelRecord, keys: StateKeys): ChannelSide {
  const core = createCore(initial, keys);
  const waiting = createQueue();
  const ahead = createAhead(core);
  const late = createLateSecrets(core);
  const proposed = (): readonly ChannelChange[] => core.record.proposal?.changes ?? [];

  const proposal = () => proposalOf(core);

  const onHello = (message: Of<'hello'>): Effects => {
    const found = core.greet(message);
    return found ?? { ...NOTHING, send: core.record.isClosing ? [] : proposal() };
  };

  const onAsk = ({ changes }: Of<'ask'>): Effects => {
    const known = changeKeys(proposed());
    const fresh = changes.filter((change) => !known.has(changeKey(change)) && !waiting.has(changeKey(change)));
    if (core.record.isClosing) return { ...NOTHING, send: refuseClosed(fresh) };
    const count = waiting.of(core.them).length + fresh.length;
    if (count > MOST_ASKED) throw wrong(`${count} of its changes wait, at most ${MOST_ASKED} may`);
    for (const change of fresh) waiting.push({ from: core.them, change });
    return NOTHING;
  };

  const onRefuse = ({ key }: Of<'refuse'>): Effects => {
    late.refused(key);
    return NOTHING;
  };

  const shell = createShell(core, 'orders', {
    hello: onHello,
    ask: onAsk,
    sign: (message) => takeSignature(core, message),
    refuse: onRefuse,
  });

  return {
    ...shell,
    isBehind: false,
    get record() {
      return core.record;
    },
    begin() {
      waiting.keep(({ from }) => from === core.us);
      late.clear();
      return shell.begin();
    },
    want(change) {
      const { isClosing, newest } = core.record;
      const key = changeKey(change);
      if (waiting.has(key) || changeKeys(proposed()).has(key)) return NOTHING;
      if (isClosing) throw closing();
      const secret = change.type === 'release' ? late.secretFor(change) : undefined;
      if (change.type === 'release' && secret !== undefined) {
        const effects = late.giveBack(change, secret);
        return { ...effects, send: shell.isGreeted() ? proposal() : [] };
      }
      // Behind what waits of ours: what does not fit then is refused at once, and not in its turn.
      const { state } = ahead.of((core.record.proposal ?? newest).state, waiting.of(core.us));
      const next = core.applied(state, { from: core.us, change }, core.timeOf(core.us));
      waiting.push({ from: core.us, change });
      ahead.joined(change, waiting.of(core.us), next);
      return NOTHING;
    },
    reconsider: () => NOTHING,
    withdraw(change) {
      const key = changeKey(change);
      const found = waiting.of(core.us).find((one) => changeKey(one) === key);
      waiting.keep((one) => one.change !== found);
      return found === undefined ? NOTHING : { ...NOTHING, refused: [{ change: found, error: withdrawn() }] };
    },
    propose() {
      const { isClosing, proposal: open } = core.record;
      if (!shell.isGreeted() || isClosing || open !== undefined || waiting.length === 0) return undefined;
      const { state, changes, refused, send } = planSome(core, waiting);
      if (changes.length === 0) return { ...NOTHING, refused, send };
      const effects = core.write({ proposal: { state, changes, signature: core.sign(state) } }, { refused });
      return { ...effects, send: [...send, ...proposal()] };
    },
    setFunds: (funds) => setFunds(core, funds),
    setClosing: () => stop(core, waiting, shell.isGreeted()),
  };
}
