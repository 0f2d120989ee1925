/** States of channels, hashed and signed by the addon, by the portable rules and by ethers: all alike. */

import assert from 'node:assert/strict';
import {
  type ChannelContract,
  type ChannelState,
  channelAddress,
  channelStateHash,
  MAX_HTLCS,
  recoverChannelSigner,
  type StateSignature,
  signChannelState,
} from '@quittance/protocol';
import { computeAddress, recoverAddress, Signature, SigningKey, TypedDataEncoder } from 'ethers';
import fc from 'fast-check';
import { hashState, recoverStateSigner, signStateHash } from '../../native/index.ts';
import { assertCode } from '../support/assertions.ts';
import { HALF, malleations, mirrored, ORDER, wordOf } from '../support/channels/malleations.ts';
import { describeNative } from '../support/native.ts';
import { bits } from '../support/property/arbitraries.ts';
import { property } from '../support/property/property.ts';

const CONTRACT: ChannelContract = { chainId: 31_337n, channels: `0x${'c1'.repeat(20)}` };
const VAULT = `0x${'fa'.repeat(20)}`;
const SECRET = new Uint8Array(32).fill(0xa1);

/** A secret key, those at the edges more often. */
const secretKey = () =>
  fc
    .oneof(
      { weight: 4, arbitrary: fc.bigInt({ min: 1n, max: ORDER - 1n }) },
      { weight: 1, arbitrary: fc.constantFrom(1n, 2n, ORDER - 1n) },
    )
    .map((value) => Uint8Array.from(Buffer.from(wordOf(value).slice(2), 'hex')));

/** A hash, also one that is not below the order. */
const hash = () =>
  fc.oneof(
    { weight: 4, arbitrary: bits(256).map(wordOf) },
    { weight: 1, arbitrary: fc.constantFrom(0n, ORDER - 1n, ORDER, ORDER + 1n, 2n ** 256n - 1n).map(wordOf) },
  );

const address = () => bits(160).map((value) => `0x${value.toString(16).padStart(40, '0')}`);

const state = (): fc.Arbitrary<ChannelState> =>
  fc.record({
    version: bits(48).map(Number),
    claim: bits(128),
    residualIsB: fc.boolean(),
    htlcs: fc.array(
      fc.record({ hash: hash(), amount: bits(128), expiry: bits(40).map(Number), toSenior: fc.boolean() }),
      { maxLength: MAX_HTLCS },
    ),
  });

const TYPES = {
  ChannelState: [
    { name: 'vault', type: 'address' },
    { name: 'version', type: 'uint48' },
    { name: 'claim', type: 'uint128' },
    { name: 'residualIsB', type: 'bool' },
    { name: 'htlcs', type: 'Htlc[]' },
  ],
  Htlc: [
    { name: 'hash', type: 'bytes32' },
    { name: 'amount', type: 'uint128' },
    { name: 'expiry', type: 'uint40' },
    { name: 'toSenior', type: 'bool' },
  ],
};

const bothRefuse = (digest: string, signature: StateSignature, name: string): void => {
  assertCode(() => recoverChannelSigner(digest, signature), 'BAD_SIGNATURE', `portable: ${name}`);
  assertCode(() => recoverStateSigner(digest, signature), 'BAD_SIGNATURE', `native: ${name}`);
};

describeNative('states of channels by the addon', () => {
  property(
    'have the hash that the portable rules and ethers give them',
    [bits(64), address(), address(), state()],
    (chainId, channels, vault, signed) => {
      const contract = { chainId, channels };
      const expected = channelStateHash(contract, vault, signed);
      assert.equal(hashState(contract, vault, signed), expected);
      const domain = { name: 'Quittance Channels', version: '1', chainId, verifyingContract: channels };
      assert.equal(TypedDataEncoder.hash(domain, TYPES, { vault, ...signed }), expected);
    },
    { runs: 50 },
  );

  it('are refused by both where no state can be so', () => {
    const good: ChannelState = { version: 1, claim: 2n, residualIsB: true, htlcs: [] };
    const htlc = { hash: wordOf(1n), amount: 1n, expiry: 1, toSenior: true };
    for (const [code, vault, some] of [
      ['OUT_OF_RANGE', VAULT, { version: 2 ** 48 }],
      ['OUT_OF_RANGE', VAULT, { version: 0.5 }],
      ['OUT_OF_RANGE', VAULT, { claim: 2n ** 128n }],
      ['OUT_OF_RANGE', VAULT, { claim: -1n }],
      ['OUT_OF_RANGE', VAULT, { htlcs: [{ ...htlc, amount: 2n ** 128n }] }],
      ['OUT_OF_RANGE', VAULT, { htlcs: [htlc, { ...htlc, expiry: 2 ** 40 }] }],
      ['OUT_OF_RANGE', VAULT, { htlcs: Array(MAX_HTLCS + 1).fill(htlc) }],
      ['INVALID_HEX', VAULT, { htlcs: [{ ...htlc, hash: `${wordOf(1n)}00` }] }],
      ['INVALID_ADDRESS', '0xfa', {}],
    ] as const) {
      for (const hashed of [hashState, channelStateHash]) {
        assertCode(() => hashed(CONTRACT, vault, { ...good, ...some }), code, `${hashed.name} ${Object.keys(some)}`);
      }
    }
  });

  property(
    'are signed as noble and ethers sign, and whoever signed is found by all',
    [secretKey(), hash()],
    (secret, digest) => {
      const signature = signStateHash(digest, secret);
      assert.deepEqual(signature, signChannelState(digest, secret));
      const { v, r, s } = new SigningKey(secret).sign(digest);
      assert.deepEqual(signature, { v, r, s });
      assert.ok(BigInt(signature.s) <= HALF);
      const signer = channelAddress(secret);
      assert.equal(recoverStateSigner(digest, signature), signer);
      assert.equal(recoverChannelSigner(digest, signature), signer);
      assert.equal(computeAddress(new SigningKey(secret)).toLowerCase(), signer);
    },
    { runs: 60 },
  );

  property(
    'name the same signer of anything that can be a signature, or none',
    [hash(), bits(256), fc.bigInt({ min: 0n, max: HALF }), fc.constantFrom(27, 28)],
    (digest, r, s, v) => {
      const signature = { v, r: wordOf(r), s: wordOf(s) };
      const outcomeOf = (recover: () => string) => {
        try {
          return recover().toLowerCase();
        } catch {
          return 'refused';
        }
      };
      const expected = outcomeOf(() => recoverChannelSigner(digest, signature));
      assert.equal(
        outcomeOf(() => recoverStateSigner(digest, signature)),
        expected,
      );
      if (s === 0n) return; // ethers takes it
      assert.equal(
        outcomeOf(() => recoverAddress(digest, Signature.from(signature))),
        expected,
      );
    },
    { runs: 60 },
  );

  it('take the highest s there may be', () => {
    const digest = wordOf(7n);
    const signature = { ...signChannelState(digest, SECRET), s: wordOf(HALF) };
    assert.equal(recoverStateSigner(digest, signature), recoverChannelSigner(digest, signature));
  });

  for (const digest of [wordOf(7n), wordOf(HALF + 7n)]) {
    it(`refuse each malleation as the portable rules do: ${digest.slice(0, 6)}…`, () => {
      const good = signChannelState(digest, SECRET);
      assert.equal(recoverStateSigner(digest, good), channelAddress(SECRET));
      const variants = malleations(digest, good);
      assert.ok(variants.size > 20);
      for (const [name, signature] of variants) bothRefuse(digest, signature, name);
      // It is refused for its form only: where that is allowed, its signer is the same.
      assert.equal(recoverAddress(digest, Signature.from(good)).toLowerCase(), channelAddress(SECRET));
      assert.notDeepEqual(mirrored(good), good);
    });
  }

  it('refuse words of other lengths, also where they make up for each other', () => {
    const digest = wordOf(7n);
    const good = signChannelState(digest, SECRET);
    const { v, r, s } = good;
    for (const [name, signature] of Object.entries({
      'a shorter r': { v, r: r.slice(0, -2), s },
      'a longer s': { v, r, s: `${s}00` },
      'a byte of s in r': { v, r: r + s.slice(2, 4), s: `0x${s.slice(4)}` },
      'a byte of r in s': { v, r: r.slice(0, -2), s: `0x${r.slice(-2)}${s.slice(2)}` },
      'no prefix': { v, r: `00${r.slice(2)}`, s },
      'other letters': { v, r: `0x${'g'.repeat(64)}`, s },
      'no text': { v, r: 7 as never, s },
      'v above a byte': { v: v + 256, r, s },
      'a part of v': { v: v + 0.5, r, s },
      'v of text': { v: `${v}` as never, r, s },
    })) {
      bothRefuse(digest, signature, name);
    }
    for (const odd of ['0x', digest.slice(2), `${digest}00`, `0x${'g'.repeat(64)}`, undefined as never, 7 as never]) {
      for (const act of [
        () => signChannelState(odd, SECRET),
        () => signStateHash(odd, SECRET),
        () => recoverChannelSigner(odd, good),
        () => recoverStateSigner(odd, good),
      ]) {
        assertCode(act, 'INVALID_HEX', String(odd));
      }
    }
  });

  it('refuse what is no secret key, and do not repeat it', () => {
    for (const [value, code] of [
      [0n, 'OUT_OF_RANGE'],
      [ORDER, 'OUT_OF_RANGE'],
      [2n ** 256n - 1n, 'OUT_OF_RANGE'],
    ] as const) {
      const secret = Uint8Array.from(Buffer.from(wordOf(value).slice(2), 'hex'));
      const { message, data } = assertCode(() => signStateHash(wordOf(7n), secret), code);
      assert.doesNotMatch(`${message} ${JSON.stringify(data)}`, /ff|255|[0-9]{4}/i);
    }
    for (const length of [0, 31, 33]) {
      assertCode(() => signStateHash(wordOf(7n), new Uint8Array(length).fill(1)), 'INVARIANT_BROKEN');
    }
  });

  it('leave the secret key as it is', () => {
    const secret = Uint8Array.from(SECRET);
    signStateHash(wordOf(7n), secret);
    assert.deepEqual(secret, SECRET);
  });
});
