/** Invoices from payee to payer, paid over hubs. */

import { strict as assert } from 'node:assert';
import { createInvoice, parseInvoice, payInvoice, type RouteHub } from '../../../../packages/sdk/channels/index.ts';
import { assertRejects } from '../../../support/assertions.ts';
import { createRouteWorld, ROUTE_POLICY, type RouteWorld } from '../../../support/channels/route-world.ts';

const NAMES = ['payer', 'one', 'two', 'payee'];
const contract = { chainId: 31_337n, channels: `0x${'c1'.repeat(20)}` };

describe('an invoice', () => {
  const setUp = async () => {
    const world = await createRouteWorld({ names: NAMES });
    const { text, hash } = await createInvoice(
      {
        ...{ contract, payee: world.addressOf('payee'), tokenId: 0, amount: 1_000n, memo: 'tea' },
        ...{ expiresAt: world.now + 600, hubs: [{ address: world.addressOf('two'), url: 'ws://two' }] },
      },
      { store: world.node('payee').disk, keys: world.keysOf('payee') },
    );
    return { world, text, hash };
  };
  const hubsOf = (world: RouteWorld, names = ['one', 'two']): RouteHub[] =>
    names.map((name) => ({ address: world.addressOf(name), ...ROUTE_POLICY }));
  const payer = (world: RouteWorld) => {
    const { exchange, forwarder } = world.node('payer');
    return { exchange, forwarder, contract, keys: world.keysOf('payer') };
  };

  it('is made, written down, read and paid, and its secret is the receipt', async () => {
    const { world, text, hash } = await setUp();
    assert.equal(parseInvoice(text, world.keysOf('payer')).hash, hash);
    const paid = payInvoice(payer(world), text, { hubs: hubsOf(world), mostFee: 25n });
    await world.settle();
    const [kept] = await world.node('payee').disk.invoices([hash]);
    assert.equal(await paid, kept!.secret);
    assert.equal(kept!.memo, 'tea');
    assert.equal(world.money('payee'), 1_000n);
    await world.advance(10_000);
    // Again, however late: it is the same payment.
    assert.equal(await payInvoice(payer(world), text, { hubs: hubsOf(world), mostFee: 0n }), kept!.secret);
    assert.equal((await world.node('payer').disk.payment(hash))!.invoice, text);
    assert.equal(world.money('payee'), 1_000n);
  });

  it('is not paid when it is of other channels, too late, too dear, or nobody leads to it', async () => {
    const { world, text } = await setUp();
    const refused = (some: object, hubs = hubsOf(world), mostFee?: bigint) =>
      assertRejects(
        payInvoice({ ...payer(world), ...some }, text, mostFee === undefined ? { hubs } : { hubs, mostFee }),
        'CHANNEL_INVOICE_INVALID',
      );
    await refused({ contract: { ...contract, chainId: 1n } });
    await refused({ contract: { ...contract, channels: `0x${'c2'.repeat(20)}` } });
    await refused({}, hubsOf(world), 24n);
    await refused({}, hubsOf(world, ['two', 'one']));
    await refused({}, []);
    await refused({}, hubsOf(world, ['one', 'two', 'one', 'two']));
    await world.advance(601);
    await refused({});
    assert.equal(world.money('payer'), 100_000n);
  });

  it('is not paid at more than a tenth of it, unless that is named: its payee may run the hub', async () => {
    const { world, text } = await setUp();
    const dear = hubsOf(world).map((hub, place) => (place === 0 ? hub : { ...hub, feeBase: 101n }));
    const { message, data } = await assertRejects(
      payInvoice(payer(world), text, { hubs: dear }),
      'FEE_DISPROPORTIONATE',
    );
    assert.match(message, /the hubs of this route keep a fee of 1\d\d, more than a tenth of 1000/);
    assert.equal(data.amount, 1_000n);
    assert.equal(world.money('payer'), 100_000n);
    const paid = payInvoice(payer(world), text, { hubs: dear, mostFee: 150n });
    await world.settle();
    await paid;
    assert.equal(world.money('payee'), 1_000n);
  });

  it('that failed can be paid again, by what the hubs ask for', async () => {
    const { world, text } = await setUp();
    const cheap = hubsOf(world).map((hub) => ({ ...hub, feeBase: 0n }));
    const first = payInvoice(payer(world), text, { hubs: cheap });
    first.catch(() => undefined);
    await world.settle();
    const { data } = await assertRejects(first, 'CHANNEL_PAYMENT_FAILED');
    assert.equal(data.reason, 'FEE_TOO_LOW');
    const second = payInvoice(payer(world), text, { hubs: hubsOf(world) });
    await world.settle();
    await second;
    assert.equal(world.money('payee'), 1_000n);
  });
});
