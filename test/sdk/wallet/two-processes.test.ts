/** One account, two processes, 500 payments, and answers that are lost: each payment is made once. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startCuttingProxy } from '../../support/sdk/cutting-proxy.ts';
import { startPaidWallets } from '../../support/sdk/paid-wallets.ts';
import type { PayingProcessSettings } from '../../support/sdk/paying-process.ts';

const PROCESS = fileURLToPath(new URL('../../support/sdk/paying-process.ts', import.meta.url));
const COUNT = 250;
const AMOUNT = 1_000n;

/** Runs a process to its end. @returns what became of each payment. */
async function run(settings: PayingProcessSettings): Promise<string[]> {
  const child = spawn(process.execPath, [PROCESS, JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(await text(child.stdout)) as string[];
}

describe('two processes that pay with one account', () => {
  it('make 500 payments, each once, though answers and requests are lost', async function () {
    this.timeout(120_000);
    const scene = await startPaidWallets({ settings: { sealAfterMs: 600_000 } });
    // Of the calls that send, every third is cut: in turns before it arrives and before its answer does.
    const isSending = (method: string) => method === 'bytes' || method === 'rollup_sendTransfers';
    const proxy = await startCuttingProxy(scene.api.url, (method, earlier) => {
      if (!isSending(method) || earlier % 3 !== 0) return 'none';
      return earlier % 2 === 0 ? 'after' : 'before';
    });
    try {
      const [alice, bob] = await Promise.all([scene.open(1), scene.open(2)]);
      await scene.fund(alice, 10_000_000n);
      await scene.fund(bob, 1n);
      const common = { rpcUrl: proxy.url, secret: scene.secretOf(1), to: bob.receiver, amount: String(AMOUNT) };
      const [one, other] = await Promise.all(
        ['one', 'other'].map((reference) => run({ ...common, reference, count: COUNT })),
      );
      const ids = [...one!, ...other!];
      assert.ok(
        ids.every((id) => /^\d+$/.test(id)),
        ids.find((id) => !/^\d+$/.test(id)),
      );
      assert.equal(new Set(ids).size, 2 * COUNT);
      assert.equal((await bob.balance()).soft, 1n + 2n * BigInt(COUNT) * AMOUNT);
      const references: string[] = [];
      for await (const { kind, referenceText } of bob.history()) {
        if (kind === 'transfer') references.push(referenceText!);
      }
      const expected = ['one', 'other'].flatMap((name) => Array.from({ length: COUNT }, (_, at) => `${name} ${at}`));
      assert.deepEqual(references.toSorted(), expected.toSorted());
      assert.ok((proxy.counts.get('rollup_sendTransfers') ?? 0) > 4);
      alice.close();
      bob.close();
    } finally {
      await proxy.stop();
      await scene.stop();
    }
  });
});
