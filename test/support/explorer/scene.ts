/** A sequencer that serves the explorer, with something of everything to look at. */

import { portableHasher, referenceMessage, signMessage } from '@quittance/protocol';
import type { SignedTransfer } from '@quittance/sdk';
import { systemClock } from '../../../runtime/index.ts';
import { ensureExplorer } from '../../../scripts/explorer/build.ts';
import { type Api, startApi } from '../../../sequencer/index.ts';
import { alice, createPayerHarness, type PayerHarness } from '../sequencer/payer.ts';
import { rpc, transferJson } from '../sequencer/rpc.ts';

const ETHER = 10n ** 18n;
/** A fee that a record can state. */
const FEE = 10n ** 12n;

/** What a payer may write to attack whoever looks at it: markup, and a character that turns the text around. */
const HOSTILE_REFERENCE = '<img src=x onerror=alert(1)>\u202einvoice 7';
export const REFERENCE = 'invoice 2026-117';

export interface ExplorerScene {
  readonly harness: PayerHarness;
  /** Of the API; the explorer is at /explorer/ below it. */
  readonly url: string;
  /** A page of the explorer by its path. */
  page(path: string): string;
  /** Ids of what Alice sent, in their order: with a reference, with a hostile one, a withdrawal, and one that is pending. */
  readonly ids: readonly string[];
  /** Alice pays Bob that many milliether. @returns its id. */
  pay(milliether: bigint, reference?: string): Promise<string>;
  /** Takes the server away, and brings it back at the same port. */
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  close(): Promise<void>;
}

function referenceOf({ id }: SignedTransfer, text: string): Record<string, string> {
  const bytes = new TextEncoder().encode(text);
  const { r8, s } = signMessage(portableHasher, alice.keyPair, referenceMessage(portableHasher, id, bytes));
  return { bytes: `0x${Buffer.from(bytes).toString('hex')}`, r8x: String(r8.x), r8y: String(r8.y), s: String(s) };
}

/**
 * Starts it: three transfers in a final batch, one pending; in optimistic mode the batch is asserted and waits.
 */
export async function createExplorerScene(mode: 'zk' | 'optimistic' = 'zk'): Promise<ExplorerScene> {
  const harness = await createPayerHarness({}, { payer: 5n * ETHER, receiver: ETHER });
  // What came before is final by its proofs.
  if (mode === 'optimistic') await harness.restart({ mode });
  const explorer = await ensureExplorer();
  const start = (port: number): Promise<Api> =>
    startApi({ sequencer: harness.sequencer, clock: systemClock, config: { port }, explorer });
  let api = await start(0);
  const { url } = api;
  let nonce = 0;

  const send = async (changes: object, reference?: string): Promise<string> => {
    const signed = harness.sign(alice, harness.payment(nonce, { fee: FEE, ...changes }));
    nonce += 1;
    const transfer = {
      ...transferJson(signed),
      ...(reference === undefined ? {} : { reference: referenceOf(signed, reference) }),
    };
    const { body } = await rpc(url, 'rollup_sendTransfer', { transfer });
    if (body.result === undefined) throw new Error(`the scene's transfer was refused: ${JSON.stringify(body.error)}`);
    return (body.result as { id: string }).id;
  };
  const pay = (milliether: bigint, reference?: string) => send({ amount: (milliether * ETHER) / 1_000n }, reference);

  const ids = [await pay(250n, REFERENCE), await pay(125n, HOSTILE_REFERENCE)];
  const account = { owner: alice.owner, tokenId: 0 };
  ids.push(await send({ kind: 'withdraw', account, amount: ETHER / 2n }));
  if (mode === 'zk') await harness.settle();
  else {
    await harness.sequencer.sealNow();
    await harness.until(() => harness.sequencer.status().postedBatch === 5, 'the assertion');
  }
  // The first figures of the charts.
  await harness.clock.advance(15_000);
  ids.push(await pay(10n));

  return {
    harness,
    url,
    page: (path) => `${url}/explorer/#${path}`,
    ids,
    pay,
    stopServer: () => api.stop(),
    async startServer() {
      api = await start(Number(new URL(url).port));
    },
    async close() {
      await api.stop();
      await harness.close();
    },
  };
}
