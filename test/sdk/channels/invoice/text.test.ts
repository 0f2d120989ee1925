/** Invoices as text: one form, signed by the payee, and nothing else is one. */

import { strict as assert } from 'node:assert';
import {
  type ChannelInvoice,
  encodeInvoice,
  INVOICE_LIMITS,
  parseInvoice,
  routeTo,
} from '../../../../packages/sdk/channels/index.ts';
import { assertCode } from '../../../support/assertions.ts';
import { keysOf, recordOf } from '../../../support/channels/pair.ts';
import { secretOf } from '../../../support/channels/secrets.ts';
import { readDocument, sectionOf } from '../../../support/sources/markdown.ts';

const keys = keysOf('b');
const payee = recordOf('a', 0n, keysOf).terms.b;
const hub = { address: `0x${'0d'.repeat(20)}`, url: 'wss://hub.example:9000/channels' };
const INVOICE: ChannelInvoice = {
  contract: { chainId: 31_337n, channels: `0x${'c1'.repeat(20)}` },
  ...{ payee, tokenId: 0, amount: 1_000n, hash: secretOf('x').hash, expiresAt: 2_000_000_000 },
  ...{ hubs: [hub, { address: `0x${'0e'.repeat(20)}`, url: 'ws://[::1]:1' }], memo: 'tea & "cake" für 2 🫖' },
};
const TEXT = encodeInvoice(INVOICE, keys);

describe('an invoice as text', () => {
  it('is read as it was written, with all that it can be without', () => {
    assert.deepEqual(parseInvoice(TEXT, keys), INVOICE);
    const least = { ...INVOICE, hubs: [], memo: '' };
    assert.deepEqual(parseInvoice(encodeInvoice(least, keys), keys), least);
    assert.match(
      TEXT,
      /^quittance-channel:0x[0-9a-f]{40}\?chain=31337&channels=0x[0-9a-f]{40}&token=0&amount=1000&hash=/,
    );
    const most = {
      ...INVOICE,
      amount: 2n ** 128n - 1n,
      tokenId: 2 ** 32 - 1,
      expiresAt: 2 ** 40 - 1,
      memo: 'é'.repeat(70),
    };
    assert.deepEqual(parseInvoice(encodeInvoice(most, keys), keys), most);
  });

  it('has the members of docs/channels.md in their order', () => {
    const [, form] = /`quittance-channel:<payee>\?([^`]*)`/.exec(
      sectionOf(readDocument('docs/channels.md'), 'Invoices'),
    )!;
    const documented = [...form!.matchAll(/([a-z]+)=</g)].map(([, name]) => name);
    const ours = new URLSearchParams(TEXT.split('?')[1]);
    assert.deepEqual(documented, [...new Set(ours.keys())]);
  });

  it('cannot be changed in any character', () => {
    for (let place = 0; place < TEXT.length; place += 1) {
      for (const other of ['0', '1', 'a', '%', '&']) {
        if (TEXT[place] === other) continue;
        const text = TEXT.slice(0, place) + other + TEXT.slice(place + 1);
        assertCode(() => parseInvoice(text, keys), 'CHANNEL_INVOICE_INVALID', text);
      }
      assertCode(() => parseInvoice(TEXT.slice(0, place), keys), 'CHANNEL_INVOICE_INVALID');
    }
  });

  it('has no second form', () => {
    const [head, signature] = TEXT.split('&signature=');
    const others = [
      `${TEXT}&`,
      `${TEXT}&memo=x`,
      `${TEXT}\n`,
      ` ${TEXT}`,
      TEXT.toUpperCase(),
      TEXT.replace('quittance-channel:', 'QUITTANCE-CHANNEL:'),
      TEXT.replace('token=0&amount=1000', 'amount=1000&token=0'),
      TEXT.replace('amount=1000', 'amount=01000'),
      TEXT.replace('%20', '+'),
      TEXT.replace('%20', ' '),
      TEXT.replace(/%2F/g, '/'),
      TEXT.replace('%3A', '%3a'),
      `${head}&signature=${signature}&signature=${signature}`,
      `${head}&signature=${signature!.toUpperCase()}`,
      `${head}`,
      '',
      'quittance-channel:',
      `${'quittance-channel:?'.padEnd(INVOICE_LIMITS.characters + 1, 'x')}`,
    ];
    for (const text of others) assertCode(() => parseInvoice(text, keys), 'CHANNEL_INVOICE_INVALID', text);
  });

  it('is signed by its payee, with the one signature that L1 takes', () => {
    assertCode(() => parseInvoice(encodeInvoice(INVOICE, keysOf('a')), keys), 'CHANNEL_INVOICE_INVALID');
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const malleated = encodeInvoice(INVOICE, {
      sign(hash) {
        const { v, r, s } = keys.sign(hash);
        return { v: v === 27 ? 28 : 27, r, s: `0x${(order - BigInt(s)).toString(16).padStart(64, '0')}` };
      },
    });
    assertCode(() => parseInvoice(malleated, keys), 'CHANNEL_INVOICE_INVALID');
  });

  it('has no member out of its bounds', () => {
    const wrongs: Partial<ChannelInvoice>[] = [
      { amount: 0n },
      { amount: 2n ** 128n },
      { tokenId: -1 },
      { tokenId: 2 ** 32 },
      { tokenId: 0.5 },
      { expiresAt: 2 ** 40 },
      { expiresAt: -1 },
      { hash: '0x12' },
      { payee: payee.toUpperCase() },
      { contract: { ...INVOICE.contract, chainId: 0n } },
      { contract: { ...INVOICE.contract, chainId: 2n ** 64n } },
      { contract: { ...INVOICE.contract, channels: '0x' } },
      { hubs: Array(INVOICE_LIMITS.hubs + 1).fill(hub) },
      { hubs: [{ ...hub, address: '0x' }] },
      { hubs: [{ ...hub, url: 'https://hub.example' }] },
      { hubs: [{ ...hub, url: 'wss://hub.example/?x=1' }] },
      { hubs: [{ ...hub, url: 'wss://user@hub.example/' }] },
      { hubs: [{ ...hub, url: 'wss://hüb.example/' }] },
      { hubs: [{ ...hub, url: `wss://${'x'.repeat(INVOICE_LIMITS.urlCharacters)}` }] },
      { memo: `${'é'.repeat(70)}x` },
      { memo: 'one\ntwo' },
      { memo: '\u0000' },
      { memo: '\ud800' },
    ];
    for (const some of wrongs) {
      assertCode(
        () => encodeInvoice({ ...INVOICE, ...some }, keys),
        'CHANNEL_INVOICE_INVALID',
        JSON.stringify(some.memo),
      );
    }
  });
});

describe('the route of a payment', () => {
  const terms = { feeBase: 2n, feePartsPerMillion: 10_000, expiryDelta: 3_600 };
  const hubs = ['one', 'two', 'three'].map((address) => ({ address, ...terms }));

  it('adds the fee and the time of each hub, from its end', () => {
    const { amount, fee, expiry, onward } = routeTo({ payee: 'payee', amount: 1_000n }, hubs, 100, 50);
    assert.deepEqual([amount, fee, expiry], [1_038n, 38n, 150 + 3 * 3_600]);
    assert.deepEqual(onward, [
      { to: 'two', amount: 1_025n, expiry: 150 + 2 * 3_600 },
      { to: 'three', amount: 1_012n, expiry: 150 + 3_600 },
      { to: 'payee', amount: 1_000n, expiry: 150 },
    ]);
  });

  it('has none where there is a channel with the payee, and at most three hubs', () => {
    const route = routeTo({ payee: 'payee', amount: 1_000n }, [], 100);
    assert.deepEqual(route, { amount: 1_000n, fee: 0n, expiry: 100 + 4_800, onward: [] });
    assertCode(() => routeTo({ payee: 'payee', amount: 1n }, [...hubs, hubs[0]!], 0), 'CHANNEL_INVOICE_INVALID');
  });
});
