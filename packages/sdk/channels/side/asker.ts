/** The side that asks the orderer for its changes, checks each version that it proposes, writes it down and signs it. */

import { type ChannelChange, type ChannelState, isRollupError, RollupError } from '@quittance/protocol';
import { type ChannelMessage, type ChannelRecord, changeContent, changeKey, changeKeys } from '../record.ts';
import { createAhead } from './ahead.ts';
import { type Core, closing, createCore, NOTHING, wrong } from './core.ts';
import { createShell } from './shell.ts';
import { type ChannelSide, type Effects, MOST_ASKED, MOST_CHANGES, roleOf, type StateKeys } from './types.ts';

type Of<Type extends ChannelMessage['type']> = Extract<ChannelMessage, { readonly type: Type }>;

/** What a proposal comes to. */
interface Checked {
  readonly state: ChannelState;
  /** Secrets that came after the expiry of their HTLCs, as far as is known here. */
  readonly late: readonly ChannelChange[];
  /** Whether changes of theirs stand on more money than is final, as far as is known here. */
  readonly isAhead: boolean;
}

/** What the residual party spends is left over of what is final: it may have seen that before us. */
const isAheadOfUs = (error: unknown, { by }: ChannelChange): boolean =>
  by === 'residual' && isRollupError(error, 'CHANNEL_FUNDS_SHORT');

/** More than any account has. */
const UNBOUNDED = 2n ** 128n - 1n;

/** A change of theirs; a secret also when it came too late, which nobody is to blame for. @throws RollupError why it cannot be. */
function applyTheirs(
  core: Core,
  state: ChannelState,
  change: ChannelChange,
  { late, capacity }: { readonly late: ChannelChange[]; readonly capacity: bigint },
): ChannelState {
  const theirs = { from: core.them, change };
  try {
    return core.applied(state, theirs, core.timeOf(core.them), capacity);
  } catch (error) {
    if (change.type !== 'fulfill') throw error;
    const applied = core.applied(state, theirs, undefined, capacity);
    late.push(change);
    return applied;
  }
}

/** The state of a proposal: each change by its author, ours only as we asked for them. @throws RollupError CHANNEL_PEER_WRONG. */
function check(core: Core, changes: readonly ChannelChange[]): Checked {
  const asked = new Set(core.record.asked.map(changeContent));
  const late: ChannelChange[] = [];
  let { state } = core.record.newest;
  let isAhead = false;
  for (const change of changes) {
    const isOurs = change.by === roleOf(state, core.us);
    if (isOurs && !asked.delete(changeContent(change))) {
      throw wrong('it makes a change of ours that we did not ask for');
    }
    // What is ours was in time when we asked for it.
    const applyOn = (capacity: bigint): ChannelState =>
      isOurs
        ? core.applied(state, { from: core.us, change }, undefined, capacity)
        : applyTheirs(core, state, change, { late, capacity });
    try {
      try {
        state = applyOn(core.record.capacity);
      } catch (error) {
        if ((isOurs && !isAhead) || !isAheadOfUs(error, change)) throw error;
        isAhead = true;
        state = applyOn(UNBOUNDED);
      }
    } catch (error) {
      throw wrong((error as Error).message, error);
    }
  }
  return { state: { ...state, version: state.version + 1 }, late, isAhead };
}

const refusal = (change: ChannelChange): ChannelMessage => ({
  ...{ type: 'refuse', key: changeKey(change), code: 'CHANNEL_CHANGE_REFUSED' },
  message: 'its HTLC has expired, and L1 has no secret since before, as far as is known here',
});

/** The orderer does not make a change of ours. */
function takeRefusal(core: Core, { key, code, message }: Of<'refuse'>): Effects {
  const { asked } = core.record;
  const change = asked.find((candidate) => changeKey(candidate) === key);
  if (change === undefined) return NOTHING;
  const text = `the orderer of a channel refuses a change: ${message}`;
  const error = new RollupError('CHANNEL_CHANGE_REFUSED', text, { reason: code });
  return core.write({ asked: asked.filter((one) => one !== change) }, { refused: [{ change, error }] });
}

/** Nothing more changes: none of what we asked for is in a version that we signed, nor will be. */
function stop(core: Core): Effects {
  const refused = core.record.asked.map((change) => ({ change, error: closing() }));
  return core.write({ isClosing: true, asked: [] }, { refused });
}

/** What was proposed and is not signed yet: L1 may have its secrets in time, or its money may be final. */
interface Held {
  readonly message: Of<'propose'>;
  /** See Checked. */
  readonly isAhead: boolean;
}

/** The asking side of `initial`. */
export function createAsker(initial: ChannelRecord, keys: StateKeys): ChannelSide {
  const core = createCore(initial, keys);
  const ahead = createAhead(core);
  let held: Held | undefined;

  const onHello = (message: Of<'hello'>): Effects => {
    const found = core.greet(message);
    const { asked } = core.record;
    return found ?? (asked.length === 0 ? NOTHING : { ...NOTHING, send: [{ type: 'ask', changes: asked }] });
  };

  const onPropose = (message: Of<'propose'>): Effects => {
    const { version, changes, signature } = message;
    held = undefined;
    const { newest, isClosing, asked } = core.record;
    if (version === newest.state.version) {
      core.requireSigned(newest.state, signature, core.them);
      return { ...NOTHING, send: [{ type: 'sign', version, signature: core.ownSignature() }] }; // our answer was lost
    }
    if (version !== newest.state.version + 1)
      throw wrong(`it proposes version ${version} after ${newest.state.version}`);
    // It does not know yet. To break off would end all channels with it, at each connection anew.
    if (isClosing) return NOTHING;
    if (changes.length < 1 || changes.length > MOST_CHANGES) throw wrong(`it proposes ${changes.length} changes`);
    const { state, late, isAhead } = check(core, changes);
    core.requireSigned(state, signature, core.them);
    if (isAhead) {
      held = { message, isAhead };
      return NOTHING;
    }
    if (late.length > 0) {
      held = { message, isAhead };
      return { ...NOTHING, send: late.map(refusal) };
    }
    const ours = core.sign(state);
    const made = changeKeys(changes);
    const left = asked.filter((change) => !made.has(changeKey(change)));
    const send: ChannelMessage[] = [{ type: 'sign', version, signature: ours }];
    return core.write({ newest: core.signed(state, ours, signature), asked: left }, { applied: changes, send });
  };

  const shell = createShell(core, 'asks', {
    hello: onHello,
    propose: onPropose,
    refuse: (message) => takeRefusal(core, message),
  });

  return {
    ...shell,
    get record() {
      return core.record;
    },
    get isBehind() {
      return held?.isAhead === true;
    },
    want(change) {
      const { isClosing, asked, newest } = core.record;
      const { keys: known, state } = ahead.of(newest.state, asked);
      if (known.has(changeKey(change))) return NOTHING;
      if (isClosing) throw closing();
      if (asked.length >= MOST_ASKED) {
        const reason = `${MOST_ASKED} changes of ours wait for the other party`;
        throw new RollupError('CHANNEL_CHANGE_REFUSED', `a change of a channel cannot be made: ${reason}`, { reason });
      }
      const next = core.applied(state, { from: core.us, change }, core.timeOf(core.us));
      const more = [...asked, change];
      ahead.joined(change, more, next);
      const send: ChannelMessage[] = shell.isGreeted() ? [{ type: 'ask', changes: [change] }] : [];
      return core.write({ asked: more }, { send });
    },
    begin() {
      held = undefined;
      return shell.begin();
    },
    reconsider: () => (held === undefined ? NOTHING : onPropose(held.message)),
    withdraw: () => NOTHING,
    propose: () => undefined,
    setFunds: (funds) => core.write(funds),
    setClosing() {
      held = undefined;
      return stop(core);
    },
  };
}
