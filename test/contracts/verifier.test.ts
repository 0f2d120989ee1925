import { bn254 } from '@noble/curves/bn254.js';
import { FIELD_MODULUS, type Groth16Proof, toField, type VerifyingKey } from '@quittance/protocol';
import { expect } from 'chai';
import { AbiCoder, keccak256, solidityPackedKeccak256 } from 'ethers';
import { network } from 'hardhat';
import { createL1, deployContract, type L1 } from '../support/contracts/deployment.ts';
import { type EvmProof, evmProof, evmVerifyingKey } from '../support/contracts/evm-proof.ts';
import { addG1, createGroth16Simulator, multiplyG1, multiplyG2 } from '../support/contracts/groth16-simulator.ts';
import { refuses } from '../support/contracts/refusal.ts';
import { loadVectors } from '../support/vectors.ts';

const BASE_FIELD_MODULUS = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;
const INPUT_COUNT = 9;
const G1_GENERATOR: readonly [bigint, bigint] = [1n, 2n];

/** snarkjs's JSON: points with a third coordinate, G2 real part first. */
interface VectorProof {
  readonly pi_a: readonly string[];
  readonly pi_b: readonly (readonly string[])[];
  readonly pi_c: readonly string[];
}
interface VectorKey {
  readonly nPublic: number;
  readonly vk_alpha_1: readonly string[];
  readonly vk_beta_2: readonly (readonly string[])[];
  readonly vk_gamma_2: readonly (readonly string[])[];
  readonly vk_delta_2: readonly (readonly string[])[];
  readonly IC: readonly (readonly string[])[];
}
interface Groth16Vectors {
  readonly sets: Readonly<
    Record<
      string,
      {
        readonly verification_key: VectorKey;
        readonly cases: readonly {
          readonly name: string;
          readonly publicSignals: readonly string[];
          readonly proof: VectorProof;
          readonly expected_by_a_strict_verifier: boolean;
        }[];
        readonly uncontributed_vk?: { readonly verification_key: VectorKey };
      }
    >
  >;
}

const g1 = ([x, y]: readonly string[]): [bigint, bigint] => [BigInt(x!), BigInt(y!)];
const g2 = ([x, y]: readonly (readonly string[])[]) => [g1(x!), g1(y!)] as const;

/** Vector keys have fewer inputs: the rest is padded with the generator, and their inputs are 0. */
function keyOf(key: VectorKey): VerifyingKey {
  const ic = key.IC.map(g1);
  return {
    alpha: g1(key.vk_alpha_1),
    beta: g2(key.vk_beta_2),
    gamma: g2(key.vk_gamma_2),
    delta: g2(key.vk_delta_2),
    ic: [...ic, ...Array.from({ length: INPUT_COUNT + 1 - ic.length }, () => G1_GENERATOR)],
  };
}

const proofOf = ({ pi_a, pi_b, pi_c }: VectorProof): Groth16Proof => ({ a: g1(pi_a), b: g2(pi_b), c: g1(pi_c) });

/** A point of the twist y² = x³ + 3/(9 + i) that is not in G2, in the order of the EVM. */
function twistPointOutsideG2(): [bigint, bigint, bigint, bigint] {
  const { Fp2 } = bn254.fields;
  const { b } = bn254.G2.Point.CURVE();
  for (let real = 1n; ; real += 1n) {
    const x = Fp2.create({ c0: real, c1: 0n });
    const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), b);
    let y: typeof x;
    try {
      y = Fp2.sqrt(square);
    } catch {
      continue;
    }
    if (!bn254.G2.Point.fromAffine({ x, y }).isTorsionFree()) return [x.c1, x.c0, y.c1, y.c0];
  }
}

describe('Groth16BatchVerifier', () => {
  let l1: L1;
  const simulator = createGroth16Simulator('verifier');
  const rows = Array.from({ length: 9 }, (_, row) =>
    Array.from({ length: INPUT_COUNT }, (_, input) => BigInt(100 * row + input)),
  );
  const proofs = rows.map((row) => simulator.prove(row));

  before(async () => {
    l1 = await createL1();
  });

  type EvmKey = ReturnType<typeof evmVerifyingKey>;
  const isEvmKey = (key: VerifyingKey | EvmKey): key is EvmKey => key.beta.length === 4;
  const deploy = (key: VerifyingKey | EvmKey, isDevelopmentKey = false) =>
    deployContract(l1.ethers, 'Groth16BatchVerifier', [isEvmKey(key) ? key : evmVerifyingKey(key), isDevelopmentKey]);

  type Verifier = Awaited<ReturnType<typeof deploy>>;
  const verify = (verifier: Verifier, inputs: readonly (readonly bigint[])[], batch: readonly EvmProof[]) =>
    verifier.verify.staticCall(inputs, batch);

  const refusesProof = (verifier: Verifier, inputs: readonly (readonly bigint[])[], batch: readonly EvmProof[]) =>
    refuses(verifier, verify(verifier, inputs, batch), 'InvalidProof');

  describe('proofs', () => {
    let verifier: Verifier;
    before(async () => {
      verifier = await deploy(simulator.verifyingKey);
    });

    it('are accepted, one to nine at once', async () => {
      for (let count = 1; count <= rows.length; count += 1) {
        await verify(verifier, rows.slice(0, count), proofs.slice(0, count).map(evmProof));
      }
    });

    it('are refused when one of nine is wrong, whichever', async () => {
      for (let wrong = 0; wrong < proofs.length; wrong += 1) {
        const batch = proofs.map((proof, k) => evmProof(k === wrong ? simulator.prove(rows[0]!.with(0, 7n)) : proof));
        await refusesProof(verifier, rows, batch);
      }
    });

    it('are refused under any other input', async () => {
      for (let input = 0; input < INPUT_COUNT; input += 1) {
        const changed = rows[1]!.with(input, rows[1]![input]! + 1n);
        await refusesProof(verifier, [rows[0]!, changed], proofs.slice(0, 2).map(evmProof));
      }
    });

    it('are refused when there are none, or not as many as rows of inputs', async () => {
      for (const [inputCount, proofCount] of [
        [0, 0],
        [1, 0],
        [0, 1],
        [2, 1],
        [1, 2],
      ] as const) {
        await refuses(
          verifier,
          verify(verifier, rows.slice(0, inputCount), proofs.slice(0, proofCount).map(evmProof)),
          'WrongProofCount',
          inputCount,
          proofCount,
        );
      }
    });

    it('are refused when an input is r or more, though it is right modulo r', async () => {
      for (const value of [rows[1]![4]! + FIELD_MODULUS, FIELD_MODULUS, 2n ** 256n - 1n]) {
        const row = rows[1]!.with(4, value);
        await refuses(
          verifier,
          verify(verifier, [rows[0]!, row], [proofs[0]!, simulator.prove(row.with(4, toField(value)))].map(evmProof)),
          'InputNotInField',
          1,
          4,
          value,
        );
      }
      const largest = rows[0]!.with(8, FIELD_MODULUS - 1n);
      await verify(verifier, [largest], [evmProof(simulator.prove(largest))]);
    });

    it('are refused when a coordinate is out of range, though it is right modulo q', async () => {
      const proof = evmProof(proofs[0]!);
      for (const word of Object.keys(proof) as (keyof EvmProof)[]) {
        const moved = { ...proof, [word]: proof[word] + BASE_FIELD_MODULUS };
        if (moved[word] < 2n ** 256n) await refusesProof(verifier, [rows[0]!], [moved]);
      }
    });

    it('are refused when A is negated, and accepted when both A and B are (proofs are malleable)', async () => {
      const proof = evmProof(proofs[0]!);
      const negated = { ...proof, aY: BASE_FIELD_MODULUS - proof.aY };
      await refusesProof(verifier, [rows[0]!], [negated]);
      const both = {
        ...negated,
        bYReal: BASE_FIELD_MODULUS - proof.bYReal,
        bYImaginary: BASE_FIELD_MODULUS - proof.bYImaginary,
      };
      await verify(verifier, [rows[0]!], [both]);
    });

    it('are refused when a point is off the curve or infinity', async () => {
      const proof = evmProof(proofs[0]!);
      await refusesProof(verifier, [rows[0]!], [{ ...proof, aX: 1n, aY: 3n }]);
      await refusesProof(verifier, [rows[0]!], [{ ...proof, cX: 1n, cY: 3n }]);
      await refusesProof(verifier, [rows[0]!], [{ ...proof, aX: 0n, aY: 0n }]);
      await refusesProof(
        verifier,
        [rows[0]!],
        [{ ...proof, bXReal: 1n, bXImaginary: 0n, bYReal: 2n, bYImaginary: 0n }],
      );
      const zero = Object.fromEntries(Object.keys(proof).map((word) => [word, 0n])) as EvmProof;
      await refusesProof(verifier, [rows[0]!], [zero]);
    });
  });

  describe('coefficients', () => {
    let verifier: Verifier;
    before(async () => {
      verifier = await deploy(simulator.verifyingKey);
    });

    /** The contract's coefficients, computed apart from it. */
    const coefficientsOf = async (inputs: readonly (readonly bigint[])[], batch: readonly EvmProof[]) => {
      const words = [...inputs.flat(), ...batch.flatMap((proof) => Object.values(proof))];
      const seed = keccak256(
        AbiCoder.defaultAbiCoder().encode(
          ['bytes32', ...words.map(() => 'uint256')],
          [await verifier.keyHash(), ...words],
        ),
      );
      const drawn = batch
        .slice(1)
        .map((_, k) => toField(BigInt(solidityPackedKeccak256(['bytes32', 'uint256'], [seed, k]))));
      return [...drawn, toField(1n - drawn.reduce((sum, coefficient) => sum + coefficient, 0n))];
    };
    const shiftC = (proof: Groth16Proof, by: bigint): Groth16Proof => ({
      ...proof,
      c: addG1(proof.c, multiplyG1(G1_GENERATOR, by)),
    });
    const inputs = rows.slice(0, 2);
    const honest = proofs.slice(0, 2) as [Groth16Proof, Groth16Proof];

    it('refuse errors that cancel when all coefficients are equal', async () => {
      await refusesProof(verifier, inputs, [shiftC(honest[0], 5n), shiftC(honest[1], -5n)].map(evmProof));
    });

    it('refuse equal errors, which cancel when the coefficients sum to 0', async () => {
      await refusesProof(verifier, inputs, [shiftC(honest[0], 5n), shiftC(honest[1], 5n)].map(evmProof));
    });

    it('refuse errors that cancel under the coefficients before the proofs were changed', async () => {
      const [first, second] = await coefficientsOf(inputs, honest.map(evmProof));
      const forged = [shiftC(honest[0], second!), shiftC(honest[1], -first!)].map(evmProof);
      await refusesProof(verifier, inputs, forged);
      // The same errors under the coefficients of the forged proofs do not cancel either: they were drawn anew.
      const [newFirst, newSecond] = await coefficientsOf(inputs, forged);
      expect(toField(newFirst! * second! - newSecond! * first!)).to.not.equal(0n);
    });

    it('refuse inputs that cancel under the coefficients before the inputs were changed', async () => {
      const [first, second] = await coefficientsOf(inputs, honest.map(evmProof));
      const changed = [
        inputs[0]!.with(3, toField(inputs[0]![3]! + second!)),
        inputs[1]!.with(3, toField(inputs[1]![3]! - first!)),
      ];
      await refusesProof(verifier, changed, honest.map(evmProof));
    });
  });

  describe('keys', () => {
    const key = simulator.verifyingKey;
    const evmKey = evmVerifyingKey(key);
    const refusesKey = async (changed: VerifyingKey | typeof evmKey, error: string, ...args: unknown[]) => {
      const reference = await deploy(key);
      await refuses(reference, deploy(changed), error, ...args);
    };

    it('are hashed and announced', async () => {
      const verifier = await deploy(key, true);
      const words = [evmKey.alpha, evmKey.beta, evmKey.gamma, evmKey.delta, ...evmKey.ic].flat();
      const expected = keccak256(
        AbiCoder.defaultAbiCoder().encode(
          words.map(() => 'uint256'),
          words,
        ),
      );
      expect(await verifier.keyHash()).to.equal(expected);
      expect(await verifier.isDevelopmentKey()).to.equal(true);
      await expect(verifier.deploymentTransaction()).to.emit(verifier, 'VerifyingKeySet').withArgs(expected, true);
    });

    it('are refused when gamma is ±delta', async () => {
      const reference = await deploy(key);
      const refusal = (changed: VerifyingKey) => refuses(reference, deploy(changed), 'GammaEqualsDelta');
      await refusal({ ...key, gamma: key.delta });
      await refusal({ ...key, gamma: multiplyG2(key.delta, FIELD_MODULUS - 1n) });
    });

    it('are refused with another number of inputs', async () => {
      await refusesKey({ ...key, ic: key.ic.slice(1) }, 'WrongIcCount', 10, 9);
      await refusesKey({ ...key, ic: [...key.ic, key.ic[0]!] }, 'WrongIcCount', 10, 11);
    });

    it('are refused with a point at infinity', async () => {
      await refusesKey({ ...evmKey, alpha: [0n, 0n] }, 'KeyPointAtInfinity', 0);
      for (const [position, point] of (['beta', 'gamma', 'delta'] as const).entries()) {
        await refusesKey({ ...evmKey, [point]: [0n, 0n, 0n, 0n] }, 'KeyPointAtInfinity', position + 1);
      }
      await refusesKey({ ...evmKey, ic: evmKey.ic.with(9, [0n, 0n]) }, 'KeyPointAtInfinity', 13);
    });

    it('are refused with a point off the curve or a coordinate out of range', async () => {
      await refusesKey({ ...evmKey, alpha: [1n, 3n] }, 'InvalidKeyPoint', 0);
      await refusesKey({ ...evmKey, alpha: [1n + BASE_FIELD_MODULUS, 2n] }, 'InvalidKeyPoint', 0);
      await refusesKey({ ...evmKey, ic: evmKey.ic.with(3, [1n, 2n + BASE_FIELD_MODULUS]) }, 'InvalidKeyPoint', 7);
      for (const [position, point] of (['beta', 'gamma', 'delta'] as const).entries()) {
        const [a, b, c, d] = evmKey[point] as [bigint, bigint, bigint, bigint];
        await refusesKey({ ...evmKey, [point]: [a, b, c, d + 1n] }, 'InvalidKeyPoint', position + 1);
        await refusesKey({ ...evmKey, [point]: [a + BASE_FIELD_MODULUS, b, c, d] }, 'InvalidKeyPoint', position + 1);
      }
    });

    it('are refused with a point of the twist outside the subgroup', async () => {
      await refusesKey({ ...evmKey, beta: twistPointOutsideG2() }, 'InvalidKeyPoint', 1);
    });

    it('for development are refused on any chain but the local ones', async () => {
      const reference = await deploy(key);
      for (const [chainId, isLocal] of [
        [1, false],
        [11155111, false],
        [1337, true],
      ] as const) {
        const { ethers } = await network.create({ network: 'hardhat', override: { chainId } });
        const deployThere = (isDevelopmentKey: boolean) =>
          ethers.deployContract('Groth16BatchVerifier', [evmKey, isDevelopmentKey]);
        if (isLocal) {
          await deployThere(true);
        } else {
          await refuses(reference, deployThere(true), 'DevelopmentKeyRefused', chainId);
          await deployThere(false);
        }
      }
    });
  });

  describe('external vectors', () => {
    it('gives every proof its verdict, alone and twice in a batch', async () => {
      const { sets } = loadVectors<Groth16Vectors>('groth16_bn254');
      let count = 0;
      for (const { verification_key, cases } of Object.values(sets)) {
        const verifier = await deploy(keyOf(verification_key));
        for (const { name, publicSignals, proof, expected_by_a_strict_verifier } of cases) {
          // The contract takes a fixed number of inputs, so a list of another length cannot be given to it.
          if (publicSignals.length !== verification_key.nPublic) continue;
          const values = publicSignals.map(BigInt);
          // Nor can a negative number.
          if (values.some((value) => value < 0n)) continue;
          const row = [...values, ...Array.from({ length: INPUT_COUNT - values.length }, () => 0n)];
          const evm = evmProof(proofOf(proof));
          for (const repeat of [1, 2]) {
            const accepted = await verify(
              verifier,
              Array.from({ length: repeat }, () => row),
              Array.from({ length: repeat }, () => evm),
            ).then(
              () => true,
              () => false,
            );
            expect(accepted, `${name}, ${repeat} times`).to.equal(expected_by_a_strict_verifier);
          }
          count += 1;
        }
      }
      expect(count).to.equal(45);
    });

    it('refuses the keys that nobody contributed to', async () => {
      const { sets } = loadVectors<Groth16Vectors>('groth16_bn254');
      const reference = await deploy(simulator.verifyingKey);
      const keys = Object.values(sets).flatMap(({ uncontributed_vk }) => uncontributed_vk?.verification_key ?? []);
      expect(keys.length).to.equal(2);
      for (const key of keys) {
        await refuses(reference, deploy(keyOf(key)), 'GammaEqualsDelta');
      }
    });
  });
});
