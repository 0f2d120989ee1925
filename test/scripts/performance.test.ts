import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { batchSection, proveSection } from '../../scripts/generate/performance/sections.ts';
import { performanceDocument } from '../../scripts/generate/performance.ts';

const read = (path: string) => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8');

describe('docs/performance.md', () => {
  it('is what its generator makes from the committed measurements', () => {
    assert.equal(read('performance.md'), performanceDocument());
  });

  it('says so when a proof was not accepted', () => {
    const measured = JSON.parse(read('performance/batch-single.json'));
    assert.doesNotMatch(batchSection(measured), /NOT every proof/);
    const refused = { ...measured, result: { ...measured.result, acceptedOnL1: false } };
    assert.match(batchSection(refused), /NOT every proof/);
  });

  it('leaves out what was not measured', () => {
    assert.equal(proveSection(undefined), '');
    assert.equal(batchSection(undefined, undefined), '');
  });
});
