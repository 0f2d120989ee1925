/** Both sides of a connection show who they are, in time, or it ends. */

import assert from 'node:assert/strict';
import {
  type ChannelContract,
  channelAddress,
  channelLoginHash,
  recoverChannelSigner,
  type StateSignature,
  signChannelState,
} from '@quittance/protocol';
import type { Exchange } from '../../../../packages/sdk/channels/index.ts';
import { acceptConnection, callParty } from '../../../../packages/sdk/channels/party/connection.ts';
import { WIRE_VERSION } from '../../../../packages/sdk/channels/wire/index.ts';
import { assertRejects } from '../../../support/assertions.ts';
import { createTestSocket } from '../../../support/channels/wires.ts';
import { createManualClock } from '../../../support/manual-clock.ts';

const CONTRACT: ChannelContract = { chainId: 31_337n, channels: `0x${'c1'.repeat(20)}` };
const CHALLENGE = `0x${'5a'.repeat(32)}`;
/** secp256k1's order. Source: SEC 2, section 2.4.1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const secretOf = (seed: number): Uint8Array => new Uint8Array(32).fill(seed);
const [US, THEM, STRANGER] = [0xa1, 0xb2, 0xd4] as const;
const addressOf = (seed: number): string => channelAddress(secretOf(seed));
const signed = (seed: number, login: Parameters<typeof channelLoginHash>[1], contract = CONTRACT): StateSignature =>
  signChannelState(channelLoginHash(contract, login), secretOf(seed));
/** The other signature of the same key, which L1 takes as little as we do. */
const malleated = ({ v, r, s }: StateSignature): StateSignature => ({
  ...{ v: 55 - v, r },
  s: `0x${(ORDER - BigInt(s)).toString(16).padStart(64, '0')}`,
});

/** One end of ours, whose other end is the test. */
function open(side: 'accepts' | 'calls', expected?: string) {
  const clock = createManualClock();
  const line = createTestSocket();
  const options = {
    identity: {
      ...{ contract: CONTRACT, address: addressOf(US) },
      keys: {
        sign: (hash: string) => signChannelState(hash, secretOf(US)),
        recover: recoverChannelSigner,
      },
    },
    ...{ clock, exchange: { records: new Map() } as unknown as Exchange },
    ...{ methodsFor: () => ({}), arrived: () => true, left: () => undefined },
  };
  const end = side === 'accepts' ? acceptConnection(options, line.socket) : callParty(options, line.socket, expected);
  return {
    ...{ ...line, clock, end },
    receive: (frame: object) => end.receive(JSON.stringify(frame)),
    /** Why it is gone. */
    async refused() {
      await clock.advance(0);
      assert.equal(line.closed.length, 1);
      const error = await end.gone;
      await assertRejects(end.known, error.code);
      return error;
    },
  };
}

const greeting = (some: object = {}) => ({
  method: 'channel_greeting',
  params: {
    ...{ version: WIRE_VERSION, chainId: '31337', channels: CONTRACT.channels },
    ...{ address: addressOf(THEM), challenge: CHALLENGE, ...some },
  },
});

/** An end that listens, and a login at it. */
function openListener() {
  const line = open('accepts');
  const { challenge } = line.sent[0]!.params as { readonly challenge: string };
  const login = { from: addressOf(THEM), to: addressOf(US), challenge };
  const frame = (signature: unknown, some: object = {}) => ({
    ...{ method: 'channel_login', id: 1 },
    params: { address: addressOf(THEM), challenge: CHALLENGE, signature, ...some },
  });
  return { ...line, login, frame };
}

/** An end that called and was greeted. */
function openCaller() {
  const line = open('calls', addressOf(THEM));
  line.receive(greeting());
  const { id, params } = line.sent[0]!;
  const { challenge, signature } = params as { readonly challenge: string; readonly signature: StateSignature };
  const login = { from: addressOf(THEM), to: addressOf(US), challenge };
  return { ...line, login, theirs: signature, answer: (given: unknown) => ({ id, result: { signature: given } }) };
}

/** Signatures that are not of this login: who made them, of what. */
const FORGED: readonly (readonly [title: string, make: (login: ReturnType<typeof openCaller>['login']) => unknown])[] =
  [
    ['of another key', (login) => signed(STRANGER, login)],
    ['of another challenge', (login) => signed(THEM, { ...login, challenge: CHALLENGE })],
    ['for another party', (login) => signed(THEM, { ...login, to: addressOf(STRANGER) })],
    ['the other way round', (login) => signed(THEM, { ...login, from: login.to, to: login.from })],
    ['of another chain', (login) => signed(THEM, login, { ...CONTRACT, chainId: 1n })],
    ['of other channels', (login) => signed(THEM, login, { ...CONTRACT, channels: `0x${'c2'.repeat(20)}` })],
    ['in its second form', (login) => malleated(signed(THEM, login))],
    ['with a bit flipped', (login) => ({ ...signed(THEM, login), r: `0x${'11'.repeat(32)}` })],
    ['that is none', () => ({ v: 27, r: '0x', s: '0x' })],
    ['that is not there', () => undefined],
  ];

describe('the greeting of who listens', () => {
  it('says who it is, of which channels, with another challenge on each connection', () => {
    const [one, other] = [open('accepts'), open('accepts')].map(({ sent }) => sent[0]!);
    const { challenge } = one!.params as { readonly challenge: string };
    assert.deepEqual(one, { jsonrpc: '2.0', ...greeting({ address: addressOf(US), challenge }) });
    assert.match(challenge, /^0x[0-9a-f]{64}$/);
    assert.notEqual(challenge, (other!.params as { readonly challenge: string }).challenge);
  });

  for (const [title, some] of [
    ['another version', { version: WIRE_VERSION + 1 }],
    ['an earlier version', { version: WIRE_VERSION - 1 }],
    ['a version that is no number', { version: `${WIRE_VERSION}` }],
    ['another chain', { chainId: '1' }],
    ['a chain that is no number', { chainId: '0x7a69' }],
    ['other channels', { channels: `0x${'c2'.repeat(20)}` }],
    ['another party than was called', { address: addressOf(STRANGER) }],
    ['our own address', { address: addressOf(US) }],
    ['an address that is none', { address: '0x00' }],
    ['a challenge that is too short', { challenge: '0x5a' }],
  ] as const) {
    it(`ends the connection with ${title}, and nothing is signed for it`, async () => {
      const line = open('calls', title === 'our own address' ? undefined : addressOf(THEM));
      line.receive(greeting(some));
      assert.equal((await line.refused()).code, 'CHANNEL_PEER_WRONG');
      assert.deepEqual(line.sent, []);
    });
  }

  it('is heard once', async () => {
    const line = openCaller();
    line.receive(greeting());
    assert.match((await line.refused()).message, /greets twice/);
  });

  it('may be of anybody where nobody is expected, and writes addresses as it likes', async () => {
    const line = open('calls');
    line.receive(
      greeting({ address: addressOf(STRANGER), channels: CONTRACT.channels.toUpperCase().replace('0X', '0x') }),
    );
    assert.deepEqual([line.sent.length, line.closed], [1, []]);
  });
});

describe('a login', () => {
  it('is answered with our signature of its challenge', async () => {
    const { receive, frame, login, sent, end, clock } = openListener();
    receive(frame(signed(THEM, login)));
    await clock.advance(0);
    const { signature } = sent[1]!.result as { readonly signature: StateSignature };
    const ours = channelLoginHash(CONTRACT, { from: addressOf(US), to: addressOf(THEM), challenge: CHALLENGE });
    assert.equal(recoverChannelSigner(ours, signature), addressOf(US));
    assert.equal((await end.known).address, addressOf(THEM));
  });

  it('answers a greeting with a signature of its challenge, and is confirmed by one of ours', async () => {
    const { receive, answer, login, theirs, end } = openCaller();
    const made = channelLoginHash(CONTRACT, { from: addressOf(US), to: addressOf(THEM), challenge: CHALLENGE });
    assert.equal(recoverChannelSigner(made, theirs), addressOf(US));
    receive(answer(signed(THEM, login)));
    assert.equal((await end.known).address, addressOf(THEM));
  });

  for (const [title, make] of FORGED) {
    it(`with a signature ${title} ends the connection, whoever listens`, async () => {
      const listener = openListener();
      listener.receive(listener.frame(make(listener.login)));
      const caller = openCaller();
      caller.receive(caller.answer(make(caller.login)));
      for (const line of [listener, caller]) {
        assert.equal((await line.refused()).code, 'CHANNEL_PEER_WRONG');
      }
      assert.ok(!('result' in listener.sent.at(-1)!));
    });
  }

  it('of our own address, or a second one, ends the connection', async () => {
    const own = openListener();
    own.receive(own.frame(signed(US, { ...own.login, from: addressOf(US) }), { address: addressOf(US) }));
    assert.equal((await own.refused()).code, 'CHANNEL_PEER_WRONG');
    const twice = openListener();
    for (const _ of [1, 2]) twice.receive(twice.frame(signed(THEM, twice.login)));
    await twice.clock.advance(0);
    assert.deepEqual(twice.closed, [{ code: 1008, reason: 'CHANNEL_PEER_WRONG' }]);
  });

  it('of one connection is none on another', async () => {
    const [one, other] = [openListener(), openListener()];
    other.receive(other.frame(signed(THEM, one.login)));
    assert.equal((await other.refused()).code, 'CHANNEL_PEER_WRONG');
  });

  it('is refused by the listening side, and says so', async () => {
    const line = openCaller();
    line.receive({ id: line.sent[0]!.id, error: { message: 'no', data: { code: 'SHUTTING_DOWN' } } });
    assert.equal((await line.refused()).code, 'SHUTTING_DOWN');
  });
});

describe('who has not logged in', () => {
  for (const side of ['accepts', 'calls'] as const) {
    it(`is let go after 10 s by who ${side}`, async () => {
      const line = open(side);
      await line.clock.advance(9_999);
      assert.deepEqual(line.closed, []);
      await line.clock.advance(1);
      assert.deepEqual(line.closed, [{ code: 1008, reason: 'CHANNEL_PEER_WRONG' }]);
      assert.match((await line.refused()).message, /did not log in/);
    });

    it(`and does so in the last millisecond stays, with who ${side}`, async () => {
      const line = side === 'accepts' ? openListener() : openCaller();
      await line.clock.advance(9_998);
      const signature = signed(THEM, line.login);
      line.receive('frame' in line ? line.frame(signature) : line.answer(signature));
      await line.clock.advance(1);
      await line.end.known;
      await line.clock.advance(60_000);
      assert.deepEqual([line.closed, line.clock.scheduled], [[], 0]);
    });
  }

  it('is let go after 10 s too when it was greeted and does not answer', async () => {
    const line = openCaller();
    await line.clock.advance(10_000);
    assert.match((await line.refused()).message, /did not log in/);
  });

  it('says nothing else: a method or messages end the connection', async () => {
    for (const frame of [
      { method: 'channel_policy', id: 1, params: {} },
      { method: 'channel_messages', params: { vault: `0x${'01'.repeat(20)}`, messages: [] } },
    ]) {
      const line = open('accepts');
      line.receive(frame);
      assert.match((await line.refused()).message, /before it has shown who it is/);
    }
  });
});
