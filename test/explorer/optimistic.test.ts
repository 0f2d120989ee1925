import { strict as assert } from 'node:assert';
import { describeBrowser, openPage, textOf } from '../support/browser.ts';
import { createExplorerScene } from '../support/explorer/scene.ts';

describeBrowser('explorer: disputes', () => {
  it('shows what waits on L1 with bonds and countdowns, and a dispute as it opens', async () => {
    const scene = await createExplorerScene('optimistic');
    const { harness } = scene;
    const page = await openPage();
    await page.clock.install({ time: harness.chain.time * 1_000 });
    await page.goto(scene.page('/disputes'));
    const section = page.getByRole('region', { name: 'Batch #5' });
    await section.getByText('Nobody disputes it').waitFor();
    assert.match(await textOf(section), /Challenge period ends in00:0\d:\d\d.*Asserter0x.*Bond0\.000000000000001 ETH/);
    await harness.assertions.openDisputeOf((await harness.assertions.pendingId(5))!, 0);
    await harness.until(() => harness.sequencer.queries.batch(5)?.batch.state === 'disputed', 'the dispute');
    // What waits on L1 is read every few seconds only.
    await harness.clock.advance(30_000);
    await section.getByText('waits for the asserter’s answer').waitFor();
    assert.match(await textOf(section.locator('tbody .countdown')), /^00:0\d:\d\d$/);
    await page.getByRole('link', { name: 'The batch' }).click();
    await page.locator('li[data-state=bad]', { hasText: 'disputed' }).waitFor();
    assert.deepEqual(page.faults, []);
    await page.close();
    await scene.close();
  });
});
