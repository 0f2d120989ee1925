import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FIELD_MODULUS, portableHasher } from '@quittance/protocol';
import { createL1 } from '../../support/contracts/deployment.ts';
import type { ContractWith } from '../../support/contracts/types.ts';
import { loadOracle } from '../../support/crypto/oracle.ts';
import { createRandom } from '../../support/property/random.ts';
import { loadVectors } from '../../support/vectors.ts';

interface PoseidonVectors {
  readonly vectors: readonly { inputs: string[]; initState: string; outputs: string[]; id: string }[];
  readonly legacy_constants_must_not_match: readonly { inputs: string[]; must_not_equal: string }[];
}

const GENERATOR = fileURLToPath(new URL('../../../scripts/generate/poseidon.ts', import.meta.url));

/** The EIP-170 limit of a contract's code. */
const CODE_LIMIT = 24_576;

describe('Poseidon in Solidity', () => {
  const hashes = new Map<number, ContractWith<'hash'>>();

  before(async () => {
    const { ethers } = await createL1();
    for (const inputCount of [4, 5]) {
      const contract = await ethers.deployContract(`Poseidon${inputCount}`);
      const codeBytes = ((await ethers.provider.getCode(contract)).length - 2) / 2;
      assert.ok(codeBytes <= CODE_LIMIT, `Poseidon${inputCount} has ${codeBytes} bytes`);
      hashes.set(inputCount, contract as unknown as ContractWith<'hash'>);
    }
  });

  it('gives the hashes of the external vectors with four and five inputs', async () => {
    const { vectors, legacy_constants_must_not_match: legacy } = loadVectors<PoseidonVectors>('poseidon_bn254');
    const usable = vectors.filter(({ inputs, initState }) => hashes.has(inputs.length) && initState === '0');
    assert.ok(usable.length >= 2);
    for (const { id, inputs, outputs } of usable) {
      assert.equal(await hashes.get(inputs.length)!.hash(inputs), BigInt(outputs[0]!), id);
    }
    for (const { inputs, must_not_equal: wrong } of legacy) {
      const contract = hashes.get(inputs.length);
      if (contract !== undefined) assert.notEqual(await contract.hash(inputs), BigInt(wrong));
    }
  });

  it('agrees with TypeScript and circomlibjs, the edges of the field included', async () => {
    const oracle = await loadOracle();
    const random = createRandom('poseidon in Solidity');
    for (const [inputCount, contract] of hashes) {
      const fill = (value: bigint) => Array.from({ length: inputCount }, () => value);
      const edge = (position: number) => fill(0n).with(position, FIELD_MODULUS - 1n);
      const inputs = [
        fill(0n),
        fill(1n),
        fill(FIELD_MODULUS - 1n),
        ...fill(0n).map((_, position) => edge(position)),
        ...Array.from({ length: 20 }, () => fill(0n).map(() => random.fieldElement())),
      ];
      for (const input of inputs) {
        const expected = portableHasher.hash(input);
        assert.equal(await contract.hash(input), expected, String(input));
        assert.equal(oracle.hash(input), expected);
      }
    }
  });

  it('costs less than 40,000 gas a hash, the call itself aside', async () => {
    for (const [inputCount, contract] of hashes) {
      const inputs = Array.from({ length: inputCount }, () => FIELD_MODULUS - 2n);
      const data = contract.interface.encodeFunctionData('hash', [inputs]);
      const calldataGas = (data.length - 2) / 2;
      const gas = Number(await contract.hash.estimateGas(inputs)) - 21_000 - 16 * calldataGas;
      assert.ok(gas < 40_000, `Poseidon${inputCount} costs ${gas}`);
    }
  });

  it('is what its generator writes', () => {
    execFileSync(process.execPath, [GENERATOR, '--check'], { stdio: 'pipe' });
  });
});
