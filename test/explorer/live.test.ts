import { strict as assert } from 'node:assert';
import { describeBrowser, openPage, textOf, type WatchedPage } from '../support/browser.ts';
import { createExplorerScene, type ExplorerScene } from '../support/explorer/scene.ts';

describeBrowser('explorer: what happens while one looks', () => {
  let scene: ExplorerScene;
  let page: WatchedPage;

  before(async () => {
    scene = await createExplorerScene();
  });
  after(() => scene.close());
  beforeEach(async () => {
    page = await openPage();
  });
  afterEach(async () => {
    assert.deepEqual(page.faults, []);
    await page.close();
  });

  const shown = (selector: string) => textOf(page.locator(selector).first());

  /** Where the page moved since it was asked last, and by how much in all (Web Vitals, Cumulative Layout Shift). */
  const watchShifts = async () => {
    await page.addInitScript(() => {
      const shifts: [number, string][] = [];
      const take = (entries: PerformanceEntryList): void => {
        for (const entry of entries) {
          const { value, sources } = entry as unknown as {
            value: number;
            sources: readonly { node: Element | null }[];
          };
          shifts.push([value, sources.map(({ node }) => node?.outerHTML?.slice(0, 100) ?? '').join('; ')]);
        }
      };
      const observer = new PerformanceObserver((list) => take(list.getEntries()));
      observer.observe({ type: 'layout-shift', buffered: true });
      const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      // What is in the page now is painted, and measured, with the next frame, and told to the observer after it: a row
      // that came must not be counted at the question after.
      const takeShifts = async () => {
        await nextFrame();
        await nextFrame();
        take(observer.takeRecords());
        return shifts.splice(0);
      };
      Object.assign(globalThis, { takeShifts });
    });
    return async (limit: number): Promise<void> => {
      const shifts = await page.evaluate(() =>
        (globalThis as unknown as { takeShifts(): Promise<[number, string][]> }).takeShifts(),
      );
      const sum = shifts.reduce((total, [value]) => total + value, 0);
      assert.ok(sum < limit, `the page moved by ${sum}: ${shifts.map(([, where]) => where).join('\n')}`);
    };
  };

  it('shows a new batch at once, and its way to finality, and nothing moves but for the new row', async () => {
    const requireStill = await watchShifts();
    await page.goto(scene.page('/'));
    await page.locator('.connection[data-state=live]').waitFor();
    await page.locator('tbody tr').first().waitFor();
    assert.match(await shown('tbody tr'), /#5/);
    await requireStill(0.005);
    scene.harness.prover.hold();
    await scene.harness.sequencer.sealNow();
    const row = page.locator('tbody tr', { hasText: '#6' });
    await row.waitFor();
    // The row itself may push the others down.
    await requireStill(0.05);
    await row.getByText('proving', { exact: true }).waitFor();
    assert.match(await textOf(row), /0 of 1 proofs/);
    scene.harness.prover.release();
    await scene.harness.settle();
    await row.getByText('final', { exact: true }).waitFor();
    await requireStill(0.005);
  });

  it('follows a transfer from its acknowledgement to finality', async () => {
    const id = await scene.pay(1n);
    await page.goto(scene.page(`/tx/${id}`));
    await page.locator('li[aria-current=step]', { hasText: 'pending' }).waitFor();
    await scene.harness.settle();
    await page.locator('li[aria-current=step]', { hasText: 'final' }).waitFor();
  });

  it('says that the server is gone, keeps what was read, and goes on when it is back', async () => {
    await page.goto(scene.page('/'));
    await page.locator('tbody tr').first().waitFor();
    const before = await shown('tbody');
    await scene.stopServer();
    await page.getByText('does not answer').waitFor();
    assert.match(await shown('.connection'), /No answer/);
    assert.match(await shown('.lost'), /What you see is from/);
    assert.equal((await shown('tbody')).includes('#5'), before.includes('#5'));
    // What was not read yet says why it is not there.
    await page.getByRole('link', { name: 'Disputes' }).click();
    await page.getByText('The assertions could not be read').waitFor();
    await page.getByRole('link', { name: 'Charts' }).click();
    await page.getByText('This page could not be loaded').waitFor();
    await scene.startServer();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Throughput' }).waitFor();
    await page.getByRole('link', { name: 'Disputes' }).click();
    await page.locator('.connection[data-state=live]').waitFor();
    await page.getByText('Nothing is asserted in mode zk').waitFor();
    assert.equal(await page.getByText('does not answer').count(), 0);
  });

  it('polls where no events arrive', async () => {
    await page.addInitScript(() => {
      // As behind a proxy that knows no WebSockets.
      globalThis.WebSocket = class extends EventTarget {
        constructor() {
          super();
          queueMicrotask(() => this.dispatchEvent(new Event('close')));
        }
      } as unknown as typeof WebSocket;
    });
    await page.goto(scene.page('/'));
    await page.locator('.connection[data-state=polling]').waitFor();
    const id = await scene.pay(2n);
    await scene.harness.settle();
    await page.goto(scene.page(`/tx/${id}`));
    await page.locator('li[aria-current=step]', { hasText: 'final' }).waitFor();
  });
});
