/**
 * Stands for somebody else's prover: node external-prover.ts <behavior> circuit.zkey witness.wtns proof.json public.json.
 * `prove` proves with snarkjs; the other behaviors are the ways in which a program can fail its caller.
 */

import { writeFileSync } from 'node:fs';
import { groth16 } from 'snarkjs';

const [behavior, zkeyPath, witnessPath, proofPath, publicPath] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];

const write = (proof: unknown) => writeFileSync(proofPath, typeof proof === 'string' ? proof : JSON.stringify(proof));

switch (behavior) {
  case 'prove': {
    const { proof, publicSignals } = await groth16.prove(zkeyPath, witnessPath);
    write(proof);
    writeFileSync(publicPath, JSON.stringify(publicSignals));
    break;
  }
  case 'swap': {
    // A well-formed proof of nothing: C in place of A.
    const { proof } = await groth16.prove(zkeyPath, witnessPath);
    write({ ...proof, pi_a: proof.pi_c });
    break;
  }
  case 'fail':
    console.error('out of luck');
    process.exit(3);
    break;
  case 'hang':
    setInterval(() => undefined, 1_000);
    await new Promise(() => undefined);
    break;
  case 'silent':
    break;
  case 'text':
    write('a proof, honestly');
    break;
  case 'null':
    write('null');
    break;
  case 'huge':
    write(`"${'9'.repeat(1 << 20)}"`);
    break;
}
process.exit(0);
