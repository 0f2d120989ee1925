import assert from 'node:assert/strict';
import { createProofChecker } from '../../prover/index.ts';
import { fleetSimulator, proofOf, statementAt } from '../support/fleet/statements.ts';

describe('the checker of proofs', () => {
  it('takes eight of strangers at a time, and those of known workers before them', async () => {
    const checker = createProofChecker(fleetSimulator.verifyingKey);
    const statement = statementAt(1, 0);
    const proof = proofOf(statement);
    const order: string[] = [];
    const check = (who: string, isStranger: boolean) =>
      checker.check(statement.publicInputs, proof, isStranger).then((isValid) => {
        order.push(who);
        return isValid;
      });
    // One runs, eight wait.
    const strangers = Array.from({ length: 9 }, (_, index) => check(`stranger ${index}`, true));
    const known = check('known', false);
    await assert.rejects(check('too many', true), { code: 'QUEUE_FULL' });
    assert.deepEqual(await Promise.all([known, ...strangers]), Array(10).fill(true));
    assert.deepEqual(order.slice(0, 3), ['stranger 0', 'known', 'stranger 1']);
    await checker.close();
  });
});
