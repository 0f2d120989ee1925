import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { ASSERTION_EVENTS, ASSERTIONS_ABI, assertionsInterface, rejectionOf, STEP_ERRORS } from '@quittance/chain';
import { FunctionFragment, Interface, type InterfaceAbi } from 'ethers';

const artifactOf = (name: string) => new URL(`../../build/contracts/artifacts/contracts/${name}.json`, import.meta.url);
const ASSERTIONS = artifactOf('Assertions.sol/Assertions');
const STEP_VERIFIER = artifactOf('step/StepVerifier.sol/StepVerifier');

function fragmentsOf(artifact: URL): Interface['fragments'] {
  const { abi } = JSON.parse(readFileSync(artifact, 'utf8')) as { abi: InterfaceAbi };
  return new Interface(abi).fragments;
}

/** A fragment with the names of all values and fields, but for what a result itself is called. */
function textOf(fragment: Interface['fragments'][number]): string {
  if (!FunctionFragment.isFragment(fragment)) return fragment.format('full');
  const results = fragment.outputs.map((output) => output.format('full').slice(0, -output.name.length || undefined));
  return `${fragment.format('full').replace(/ returns.*/, '')} returns ${results.map((result) => result.trim())}`;
}

describe('Chain: interface of the Assertions contract', () => {
  for (const [what, ours, artifact] of [
    ['the contract', ASSERTIONS_ABI, ASSERTIONS],
    ['the step verifier', STEP_ERRORS, STEP_VERIFIER],
  ] as const) {
    it(`has only functions, events and errors that ${what} has, with the same names and results`, () => {
      const compiled = new Set(fragmentsOf(artifact).map(textOf));
      const unknown = new Interface(ours).fragments.map(textOf);
      assert.deepEqual(
        unknown.filter((fragment) => !compiled.has(fragment)),
        [],
      );
    });
  }

  it('knows every function, event and error of the contract', () => {
    const names = (type: string) =>
      fragmentsOf(ASSERTIONS).flatMap((fragment) =>
        fragment.type === type ? [(fragment as unknown as { name: string }).name] : [],
      );
    assert.deepEqual(
      names('function').filter((name) => assertionsInterface.getFunction(name) === null),
      [],
    );
    assert.deepEqual(
      names('event').filter((name) => !ASSERTION_EVENTS.includes(name)),
      ['BatchesOvertaken', 'CreditCollected'],
    );
    const errors = fragmentsOf(ASSERTIONS).filter(({ type }) => type === 'error');
    const strangers = errors.filter((fragment) => {
      const { selector } = fragment as unknown as { selector: string };
      return rejectionOf({ data: `${selector}${'00'.repeat(32 * 8)}` }) === undefined;
    });
    assert.deepEqual(
      strangers.map((fragment) => fragment.format('minimal')),
      [],
    );
  });
});
