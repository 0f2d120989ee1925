/** What the router says of each way before anything is paid. */

import assert from 'node:assert/strict';
import type { Way, WayQuote } from '../../../../packages/sdk/channels/index.ts';
import { assertRejects } from '../../../support/assertions.ts';
import { ROUTE_POLICY } from '../../../support/channels/route-world.ts';
import {
  createRouterWorld,
  RECEIVER,
  ROLLUP_FEE,
  type RouterWorld,
  type RouterWorldOptions,
} from '../../../support/channels/router-world.ts';

const AMOUNT = 1_000n;
/** What the hub keeps of it: 2, and one percent. */
const HUB_FEE = 12n;

const byWay = (quotes: readonly WayQuote[]) => (way: Way) => quotes.find((quote) => quote.way === way)!;
const whyOf = (quote: WayQuote): string | undefined => (quote.possible ? undefined : quote.why.code);

async function quoteOf(scene: RouterWorld, to?: string, amount = AMOUNT): Promise<(way: Way) => WayQuote> {
  return byWay(await scene.router.quote({ to: [RECEIVER, to ?? (await scene.invoice(AMOUNT))], amount }));
}

describe('a quote', () => {
  it('says of each way what it costs, how long it takes and how sure it is', async () => {
    const scene = await createRouterWorld({ router: { finalAbove: () => AMOUNT } });
    const quotes = await scene.router.quote({ to: [RECEIVER, await scene.invoice(AMOUNT)], amount: AMOUNT });
    assert.deepEqual(quotes, [
      { way: 'channel', guarantee: 'BOTH_SIGNED', latencyMs: 150, possible: true, fee: HUB_FEE },
      {
        ...{ way: 'certified', guarantee: 'COVERED', latencyMs: 500, possible: false, fee: undefined },
        why: { code: 'NOT_AVAILABLE', message: 'certified payments do not exist yet' },
      },
      { way: 'rollup', guarantee: 'SEQUENCER_PROMISE', latencyMs: 500, possible: true, fee: ROLLUP_FEE },
    ]);
    const above = byWay(await scene.router.quote({ to: RECEIVER, amount: AMOUNT + 1n }))('rollup');
    assert.deepEqual([above.guarantee, above.latencyMs], ['FINAL_ON_L1', 3_600_000]);
    assert.equal(scene.sequencer.signed + scene.journal.texts.size, 0);
  });

  const CHANNEL: readonly (readonly [
    title: string,
    code: string | undefined,
    scene: RouterWorldOptions,
    make: (scene: RouterWorld) => unknown,
    amount?: bigint,
  ])[] = [
    ['a route', undefined, {}, () => undefined],
    ['no channels here', 'NOT_AVAILABLE', { router: { channels: undefined } }, () => undefined],
    ['a text that is no invoice', 'CHANNEL_INVOICE_INVALID', {}, () => 'quittance-channel:x'],
    ['an invoice of another amount', 'CHANNEL_INVOICE_INVALID', {}, () => undefined, AMOUNT + 1n],
    ['an invoice that is over', 'CHANNEL_INVOICE_INVALID', {}, (scene) => scene.invoice(AMOUNT, { expiresIn: -1 })],
    ['a hub that nobody knows', 'NO_CHANNEL', {}, (scene) => scene.invoice(AMOUNT, { hub: 'stranger' })],
    ['an invoice without hubs, and no channel', 'NO_CHANNEL', {}, (scene) => scene.invoice(AMOUNT, { hub: 'payer' })],
    ['a channel that is closed', 'CHANNEL_CLOSED', {}, ({ world }) => closeOf(world)],
    ['a hub that is away', 'CHANNEL_PEER_AWAY', {}, ({ world }) => world.cut('payer', 'hub')],
    ['money for all but the fee', 'CHANNEL_FUNDS_SHORT', { capacity: AMOUNT + HUB_FEE - 1n }, () => undefined],
    ['exactly enough money', undefined, { capacity: AMOUNT + HUB_FEE }, () => undefined],
    ['a hub that takes a tenth', undefined, feeOf(100_000), () => undefined],
    ['a hub that takes more', 'FEE_DISPROPORTIONATE', feeOf(100_001), () => undefined],
  ];
  for (const [title, code, options, make, amount] of CHANNEL) {
    it(`has ${code ?? 'a channel'} for ${title}`, async () => {
      const scene = await createRouterWorld(options);
      const made = await make(scene);
      const quote = await quoteOf(scene, typeof made === 'string' ? made : undefined, amount);
      assert.equal(whyOf(quote('channel')), code);
      assert.equal(whyOf(quote('rollup')), undefined);
    });
  }

  it('takes the cheapest hub, and of two that cost the same the shorter way', async () => {
    const names = ['payer', 'dear', 'hub', 'payee'];
    const pairs = [
      ['payer', 'dear'],
      ['payer', 'hub'],
      ['dear', 'hub'],
      ['hub', 'payee'],
    ] as const;
    for (const feeBase of [9n, 0n]) {
      const policy = (name: string) =>
        name === 'dear' ? { ...ROUTE_POLICY, feeBase, feePartsPerMillion: 0 } : ROUTE_POLICY;
      const scene = await createRouterWorld({ names, pairs, policy });
      assert.deepEqual((await quoteOf(scene))('channel'), {
        ...{ way: 'channel', guarantee: 'BOTH_SIGNED', latencyMs: 150, possible: true, fee: HUB_FEE },
      });
      // Without the channel with the payee's hub: over our own.
      scene.world.cut('payer', 'hub');
      const over = (await quoteOf(scene))('channel');
      assert.deepEqual([over.latencyMs, over.fee], [250, HUB_FEE + feeBase]);
    }
  });

  const ROLLUP: readonly (readonly [title: string, code: string | undefined, to: number | string, amount: bigint])[] = [
    ['an account', undefined, RECEIVER, AMOUNT],
    ['all that is there', undefined, RECEIVER, 1_000_000n - ROLLUP_FEE],
    ['more than is there', 'INSUFFICIENT_BALANCE', RECEIVER, 1_000_000n - ROLLUP_FEE + 1n],
    ['ten times the fee', undefined, RECEIVER, 100n],
    ['less than ten times the fee', 'FEE_DISPROPORTIONATE', RECEIVER, 99n],
    ['an amount that no record states', 'NOT_REPRESENTABLE', RECEIVER, 2n ** 35n + 1n],
    ['a text that is no receiver', 'INVALID_KEY', 'bob', AMOUNT],
  ];
  for (const [title, code, to, amount] of ROLLUP) {
    it(`has ${code ?? 'the rollup'} for ${title}`, async () => {
      const quote = byWay(await (await createRouterWorld()).router.quote({ to, amount }));
      assert.equal(whyOf(quote('rollup')), code);
      assert.equal(whyOf(quote('channel')), 'NOT_OFFERED');
    });
  }

  it('has no rollup while the sequencer is away, and none for who names no receiver', async () => {
    const scene = await createRouterWorld();
    const invoice = await scene.invoice(AMOUNT);
    const only = byWay(await scene.router.quote({ to: invoice, amount: AMOUNT }));
    assert.deepEqual([whyOf(only('channel')), whyOf(only('rollup'))], [undefined, 'NOT_OFFERED']);
    scene.sequencer.fate = 'is away';
    assert.equal(whyOf((await quoteOf(scene))('rollup')), 'RPC_UNREACHABLE');
  });

  it('is refused for nobody, for several payees, and for what is no amount', async () => {
    const { router, invoice } = await createRouterWorld();
    const text = await invoice(AMOUNT);
    for (const to of [[], [1, 2], [text, text], [text, 1, text]]) {
      await assertRejects(router.quote({ to, amount: AMOUNT }), 'OUT_OF_RANGE');
    }
    for (const amount of [0n, -1n, 2n ** 128n, 5 as unknown as bigint]) {
      await assertRejects(router.quote({ to: RECEIVER, amount }), 'OUT_OF_RANGE');
    }
  });
});

function feeOf(feePartsPerMillion: number): RouterWorldOptions {
  return { policy: () => ({ ...ROUTE_POLICY, feeBase: 0n, feePartsPerMillion }) };
}

async function closeOf(world: RouterWorld['world']): Promise<void> {
  await world.node('payer').exchange.setClosing(world.vault('payer', 'hub'));
}
