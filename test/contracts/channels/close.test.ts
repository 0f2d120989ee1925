/** A party closes alone: who may, with which states, and what higher versions do to it. */

import { anyValue } from '@nomicfoundation/hardhat-ethers-chai-matchers/withArgs';
import {
  type ChannelState,
  channelStateHash,
  channelVault,
  type Htlc,
  MAX_HTLCS,
  type StateSignature,
  signChannelState,
} from '@quittance/protocol';
import { expect } from 'chai';
import { ZeroAddress } from 'ethers';
import { assertCode } from '../../support/assertions.ts';
import { secretOf } from '../../support/channels/secrets.ts';
import { BOND, type ChannelWorld, deployChannels, htlcOf, PERIOD, stateOf } from '../../support/channels/world.ts';
import { deployContract, latestTime, rollupFixture } from '../../support/contracts/deployment.ts';
import { refuses } from '../../support/contracts/refusal.ts';

/** The order of secp256k1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

describe('a lonely close', () => {
  const fixture = rollupFixture({}, (world) => deployChannels(world));
  const it_ = (): ChannelWorld => fixture.prepared;

  it('deploys the vault where it was foretold, and says until when it can be challenged', async () => {
    const { channels, vault, terms, implementation, hashOf, a, contract } = it_();
    expect(channelVault(contract.channels, implementation, terms)).to.equal(vault.toLowerCase());
    expect(await fixture.world.ethers.provider.getCode(vault)).to.equal('0x');
    const state = stateOf({ version: 3, claim: 5n });
    const sent = it_().close(state);
    await sent;
    const periodEnd = (await latestTime(fixture.world)) + PERIOD;
    await expect(sent).to.emit(channels, 'Closing').withArgs(vault, a, 3, hashOf(state), periodEnd);
    expect(await fixture.world.ethers.provider.getCode(vault)).to.have.length.greaterThan(2);
    const close = await channels.closeOf(vault);
    expect([close.stateHash, close.version, close.periodEnd]).to.deep.equal([hashOf(state), 3n, BigInt(periodEnd)]);
    await refuses(channels, it_().close(stateOf({ version: 4 })), 'AlreadyClosing', vault, 3);
  });

  it('hashes states as the rules in TypeScript do', async () => {
    const { channels, vault, hashOf } = it_();
    const states: ChannelState[] = [
      stateOf({ version: 0 }),
      stateOf({ version: 2 ** 48 - 1, claim: 2n ** 128n - 1n, residualIsB: false }),
      stateOf({ htlcs: [htlcOf(), htlcOf({ amount: 2n ** 128n - 1n, expiry: 2 ** 40 - 1, toSenior: false })] }),
    ];
    for (const state of states) expect(await channels.stateHash(vault, state)).to.equal(hashOf(state));
  });

  it('is for the two parties only', async () => {
    const { channels, byOther, terms, sign, a, b } = it_();
    const close = byOther.close(terms, stateOf(), sign(stateOf()), [], { value: BOND });
    await refuses(channels, close, 'NotParty', fixture.world.bob.address, a, b);
  });

  it('needs the signature of each party over this state of this vault on this chain', async () => {
    const { channels, byA, terms, sign, hashOf, keys, a, b, vault } = it_();
    const state = stateOf({ version: 2 });
    const [ofA, ofB] = sign(state);
    const other = sign(stateOf({ version: 1 }));
    const value = { value: BOND };
    const close = (...signatures: unknown[]) => byA.close(terms, state, signatures, [], value);
    await refuses(channels, close(ofB, ofA), 'WrongSignature', a, b);
    await refuses(channels, close(ofA, ofA), 'WrongSignature', b, a);
    // Of another version: somebody else is recovered.
    await refuses(channels, close(ofA, other[1]), 'WrongSignature', b, anyValue);
    await refuses(channels, close(other[0], ofB), 'WrongSignature', a, anyValue);
    const elsewhere = { ...terms, nonce: 8n };
    await refuses(channels, byA.close(elsewhere, state, [ofA, ofB], [], value), 'WrongSignature', a, anyValue);
    const malleated = {
      ...ofA!,
      v: ofA!.v === 27 ? 28 : 27,
      s: `0x${(ORDER - BigInt(ofA!.s)).toString(16).padStart(64, '0')}`,
    };
    await refuses(channels, close(malleated, ofB), 'ECDSAInvalidSignatureS', malleated.s);
    expect(signChannelState(hashOf(state), keys.a)).to.deep.equal(ofA);
    expect((await channels.closeOf(vault)).periodEnd).to.equal(0n);
  });

  it('refuses signatures for another chain or contract, and every changed field, in a close and in a challenge', async () => {
    const { channels, byA, byB, terms, contract, keys, vault, a } = it_();
    const htlcs = [htlcOf(), htlcOf({ amount: 6n, toSenior: false })];
    const state = stateOf({ version: 7, claim: 3n, htlcs });
    const signedFor = (other: Partial<typeof contract>, of = vault) => {
      const hash = channelStateHash({ ...contract, ...other }, of, state);
      return [keys.a, keys.b].map((key) => signChannelState(hash, key));
    };
    const own = signedFor({});
    const [first, second] = htlcs as [Htlc, Htlc];
    const wrong: [signatures: unknown, state: ChannelState][] = [
      [signedFor({ chainId: contract.chainId + 1n }), state],
      [signedFor({ channels: vault }), state],
      [signedFor({}, contract.channels), state],
      ...[
        { ...state, version: 8 },
        { ...state, claim: 4n },
        { ...state, residualIsB: false },
        { ...state, htlcs: [] },
        { ...state, htlcs: [first] },
        { ...state, htlcs: [second, first] },
        { ...state, htlcs: [...htlcs, first] },
        ...[{ amount: 4n }, { hash: secretOf('two').hash }, { expiry: first.expiry + 1 }, { toSenior: false }].map(
          (change) => ({ ...state, htlcs: [{ ...first, ...change }, second] }),
        ),
      ].map((changed): [unknown, ChannelState] => [own, changed]),
    ];
    for (const [signatures, shown] of wrong) {
      const close = byA.close(terms, shown, signatures, [], { value: BOND });
      await refuses(channels, close, 'WrongSignature', a, anyValue);
    }
    await it_().close(stateOf({ version: 1 }));
    for (const [signatures, shown] of wrong) {
      await refuses(channels, byB.challenge(terms, shown, signatures), 'WrongSignature', a, anyValue);
    }
    const [ofA, ofB] = own;
    const malleated = (one: StateSignature) => ({
      ...one,
      v: one.v === 27 ? 28 : 27,
      s: `0x${(ORDER - BigInt(one.s)).toString(16).padStart(64, '0')}`,
    });
    for (const signatures of [
      [malleated(ofA!), ofB],
      [ofA, malleated(ofB!)],
    ]) {
      const challenge = byB.challenge(terms, state, signatures);
      await expect(challenge).to.be.revertedWithCustomError(channels, 'ECDSAInvalidSignatureS');
    }
    await expect(byB.challenge(terms, state, [{ ...ofA!, v: 0 }, ofB])).to.be.revertedWithCustomError(
      channels,
      'ECDSAInvalidSignature',
    );
    await byB.challenge(terms, state, own);
  });

  it('costs the bond', async () => {
    const { channels, byA, terms, sign } = it_();
    await refuses(
      channels,
      byA.close(terms, stateOf(), sign(stateOf()), [], { value: BOND - 1n }),
      'WrongValue',
      BOND,
      BOND - 1n,
    );
    await refuses(channels, byA.close(terms, stateOf(), sign(stateOf()), [], { value: BOND + 1n }), 'WrongValue', 0, 1);
    await refuses(
      channels,
      deployContract(fixture.world.ethers, 'Channels', [ZeroAddress, ZeroAddress, 0]),
      'InvalidParameter',
      'bond',
      0,
    );
  });

  it('refuses terms that make no channel', async () => {
    const { channels, byA, terms, sign, a } = it_();
    const close = (some: object) => byA.close({ ...terms, ...some }, stateOf(), sign(stateOf()), [], { value: BOND });
    await refuses(channels, close({ b: a }), 'InvalidParameter', 'a', BigInt(a));
    await refuses(channels, close({ b: ZeroAddress }), 'InvalidParameter', 'b', 0);
    for (const period of [59, 365 * 86_400 + 1]) {
      await refuses(channels, close({ period }), 'InvalidParameter', 'period', period);
      await refuses(channels, channels.vaultOf({ ...terms, period }), 'InvalidParameter', 'period', period);
      assertCode(
        () => channelVault(it_().contract.channels, it_().implementation, { ...terms, period }),
        'OUT_OF_RANGE',
      );
    }
    for (const some of [{ b: a }, { a: ZeroAddress }]) {
      assertCode(
        () => channelVault(it_().contract.channels, it_().implementation, { ...terms, ...some }),
        'OUT_OF_RANGE',
      );
    }
  });

  it('takes 64 HTLCs, and not one more', async () => {
    const { channels } = it_();
    const htlcs = Array.from({ length: MAX_HTLCS + 1 }, () => htlcOf());
    await it_().close(stateOf({ htlcs: htlcs.slice(1) }));
    const { vault } = it_();
    await refuses(channels, channels.stateHash(vault, stateOf({ htlcs })), 'TooManyHtlcs', 64, 65);
    // Nobody can sign more with what we have: the signatures do not even matter.
    const { terms, byA, byB, sign } = it_();
    const more = stateOf({ version: 2, htlcs });
    const some = sign(stateOf());
    await refuses(channels, byB.challenge(terms, more, some), 'TooManyHtlcs', 64, 65);
    await refuses(channels, channels.settle(terms, more), 'PeriodNotOver', anyValue, anyValue);
    await it_().endPeriod();
    await refuses(channels, channels.settle(terms, more), 'TooManyHtlcs', 64, 65);
    const other = { ...terms, nonce: 8n };
    await refuses(channels, byA.close(other, more, some, [], { value: BOND }), 'TooManyHtlcs', 64, 65);
  });

  it('yields to each higher version within the period, by anyone', async () => {
    const { channels, terms, sign, vault, hashOf, b } = it_();
    const late = stateOf({ version: 9, claim: 2n });
    await refuses(channels, it_().challenge(late), 'NotClosing', vault);
    await it_().close(stateOf({ version: 4 }));
    await refuses(channels, it_().challenge(stateOf({ version: 4, claim: 9n })), 'VersionNotHigher', 4, 4);
    await refuses(channels, it_().challenge(stateOf({ version: 3 })), 'VersionNotHigher', 4, 3);
    const { periodEnd } = await channels.closeOf(vault);
    const next = stateOf({ version: 5 });
    await it_().byOther.challenge(terms, next, sign(next));
    await expect(it_().challenge(late)).to.emit(channels, 'Challenged').withArgs(vault, b, 9, hashOf(late));
    const close = await channels.closeOf(vault);
    expect([close.stateHash, close.version, close.periodEnd]).to.deep.equal([hashOf(late), 9n, periodEnd]);
    await refuses(channels, it_().challenge(stateOf({ version: 9, claim: 3n })), 'VersionNotHigher', 9, 9);
  });

  it('gives the bond to the other party for a state more than one version old, whoever shows the newer one', async () => {
    const { channels, terms, sign, vault, a, b, byOther } = it_();
    const { takeSnapshot } = fixture.world.l1.networkHelpers;
    const { bob } = fixture.world;
    const start = await takeSnapshot();
    const show = (version: number, by: string) =>
      by === bob.address
        ? byOther.challenge(terms, stateOf({ version }), sign(stateOf({ version })))
        : it_().challenge(stateOf({ version }), by);
    for (const [closer, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const people = { closer, other, stranger: bob.address };
      for (const [shown, holder] of [
        ['', 'closer'],
        // One more than the newest that the closer has: the other party may have kept its signature back.
        ['5 other', 'closer'],
        ['5 stranger', 'closer'],
        ['9 other', 'other'],
        ['5 other, 9 other', 'other'],
        ['6 other, 7 closer, 9 stranger', 'other'],
        // Whoever sees a challenge can send the same first: the closer too, by itself or by somebody else.
        ['9 closer', 'other'],
        ['9 stranger', 'other'],
        ['5 closer, 6 closer', 'other'],
      ] as const) {
        await it_().close(stateOf({ version: 4 }), { by: closer });
        let version = 4;
        for (const one of shown === '' ? [] : shown.split(', ')) {
          const [text, by] = one.split(' ') as [string, keyof typeof people];
          version = Number(text);
          await show(version, people[by]);
        }
        expect((await channels.closeOf(vault)).bondHolder, shown).to.equal(people[holder]);
        await it_().endPeriod();
        await channels.settle(terms, stateOf({ version }));
        for (const person of Object.values(people)) {
          expect(await channels.creditOf(person), shown).to.equal(person === people[holder] ? BOND : 0n);
        }
        await start.restore();
      }
    }
  });

  it('can be challenged in the last second, and not a second later', async () => {
    const { channels, vault } = it_();
    await it_().close(stateOf());
    const { periodEnd } = await channels.closeOf(vault);
    const { time, takeSnapshot } = fixture.world.l1.networkHelpers;
    const snapshot = await takeSnapshot();
    await time.setNextBlockTimestamp(periodEnd - 1n);
    await it_().challenge(stateOf({ version: 2 }));
    await snapshot.restore();
    await time.setNextBlockTimestamp(periodEnd);
    await refuses(channels, it_().challenge(stateOf({ version: 2 })), 'PeriodOver', periodEnd, periodEnd);
  });

  it('refuses a challenge with a signature that is missing', async () => {
    const { channels, byB, terms, sign } = it_();
    await it_().close(stateOf());
    const next = stateOf({ version: 2 });
    const [ofA] = sign(next);
    await expect(byB.challenge(terms, next, [ofA, ofA])).to.be.revertedWithCustomError(channels, 'WrongSignature');
  });
});
