import assert from 'node:assert/strict';
import { FIELD_MODULUS, type Groth16Proof, isRollupError, type VerifyingKey } from '@quittance/protocol';
import { groth16 } from 'snarkjs';
import { BASE_FIELD_MODULUS } from '../../prover/formats/field.ts';
import { decodeProof, encodeProof, type ProofJson } from '../../prover/formats/proof-json.ts';
import {
  assertContributed,
  decodeVerifyingKey,
  encodeVerifyingKey,
  type VerifyingKeyJson,
} from '../../prover/keys/verifying-key.ts';
import { closeSnarkjs } from '../../prover/setup/ceremony.ts';
import { isProofValid, verifyProof } from '../../prover/verify.ts';
import { assertCode, assertRejects } from '../support/assertions.ts';
import { loadVectors } from '../support/vectors.ts';
import { pointOutsideSubgroup } from './fixtures/twist.ts';

interface Case {
  readonly name: string;
  readonly publicSignals: readonly string[];
  readonly proof: ProofJson;
  readonly snarkjs_0_7_6_verify: boolean | string;
  readonly expected_by_a_strict_verifier: boolean;
}

interface VectorSet {
  readonly verification_key: VerifyingKeyJson;
  readonly cases: readonly Case[];
  readonly uncontributed_vk?: {
    readonly verification_key: VerifyingKeyJson;
    readonly forged_publicSignals: readonly string[];
    readonly forged_proof: ProofJson;
  };
}

/** Verdict of our verifier on data from outside: what cannot be read is refused too. */
async function verdict(json: VerifyingKeyJson, inputs: readonly string[], proof: ProofJson): Promise<boolean> {
  try {
    return await isProofValid(decodeVerifyingKey(json), inputs.map(BigInt), decodeProof(proof));
  } catch (error) {
    if (isRollupError(error, 'PROOF_UNREADABLE') || isRollupError(error, 'VERIFYING_KEY_UNREADABLE')) return false;
    throw error;
  }
}

describe('prover: strict verification', function () {
  this.timeout(120_000);
  after(closeSnarkjs);

  it('gives the verdict of a strict verifier on every external vector', async () => {
    const { sets } = loadVectors<{ sets: Record<string, VectorSet> }>('groth16_bn254');
    for (const [name, set] of Object.entries(sets)) {
      for (const item of set.cases) {
        const actual = await verdict(set.verification_key, item.publicSignals, item.proof);
        assert.equal(actual, item.expected_by_a_strict_verifier, `${name}/${item.name}`);
      }
    }
  });

  it('is needed: snarkjs accepts a coordinate out of range, which the vectors record', async () => {
    const { sets } = loadVectors<{ sets: Record<string, VectorSet> }>('groth16_bn254');
    const { verification_key: key, cases } = sets['groth16']!;
    const { proof, publicSignals } = cases.find(({ name }) => name === 'piA_y_plus_q')!;
    assert.equal(await groth16.verify(key, publicSignals, proof), true);
    const error = await assertRejects(
      verifyProof(decodeVerifyingKey(key), publicSignals.map(BigInt), decodeProof(proof)),
      'PROOF_INVALID',
    );
    assert.equal(error.data['reason'], 'coordinate range');
  });

  it('refuses keys that nobody contributed to, under which forged proofs verify', async () => {
    const { sets } = loadVectors<{ sets: Record<string, VectorSet> }>('groth16_bn254');
    for (const { verification_key: sound, uncontributed_vk: unsafe } of Object.values(sets)) {
      assertContributed(decodeVerifyingKey(sound));
      if (!unsafe) continue;
      const { verification_key: key, forged_proof: proof, forged_publicSignals: inputs } = unsafe;
      assert.equal(await verdict(key, inputs, proof), true, 'the forgery is a real one');
      assertCode(() => assertContributed(decodeVerifyingKey(key)), 'INSECURE_KEY');
      assert.equal(await verdict(sound, inputs, proof), false);
    }
  });

  describe('on a proof of its own', () => {
    // The trivial statement: alpha·beta = A·B with one public input that has no weight. All points are multiples of G.
    const G1 = [1n, 2n] as const;
    const G2 = [
      [
        10857046999023057135944570762232829481370756359578518086990519993285655852781n,
        11559732032986387107991004021392285783925812861821192530917403151452391805634n,
      ],
      [
        8495653923123431417604973247489272438418190587263600148770280649306958101930n,
        4082367875863433681332203403145435568316851327593401208105741076214120093531n,
      ],
    ] as const;
    const negatedG1 = [1n, BASE_FIELD_MODULUS - 2n] as const;
    // e(−A, B)·e(IC0 + x·IC1, gamma)·e(C, delta)·e(alpha, beta) = 1 with A = alpha = G, IC0 = G, IC1 = G, C = −2·G.
    const doubled = [
      1368015179489954701390400359078579693043519447331113978918064868415326638035n,
      9918110051302171585080402603319702774565515993150576347155970296011118125764n,
    ] as const;
    const key: VerifyingKey = { alpha: G1, beta: G2, gamma: G2, delta: G2, ic: [G1, G1] };
    const proof: Groth16Proof = { a: G1, b: G2, c: [doubled[0], BASE_FIELD_MODULUS - doubled[1]] };

    const reasonOf = async (inputs: readonly bigint[], candidate: Groth16Proof): Promise<unknown> =>
      (await assertRejects(verifyProof(key, inputs, candidate), 'PROOF_INVALID')).data['reason'];

    it('accepts it', () => verifyProof(key, [1n], proof));

    it('refuses too few and too many public inputs', async () => {
      assert.equal(await reasonOf([], proof), 'input count');
      assert.equal(await reasonOf([1n, 0n], proof), 'input count');
    });

    it('refuses a public input of r + 1 or −1, although it means the same residue', async () => {
      assert.equal(await reasonOf([FIELD_MODULUS + 1n], proof), 'input range');
      assert.equal(await reasonOf([1n - FIELD_MODULUS], proof), 'input range');
      assert.equal(await reasonOf([2n], proof), 'pairing');
    });

    it('refuses every coordinate that is q too large, and −1', async () => {
      const [c0, c1] = proof.c;
      assert.equal(await reasonOf([1n], { ...proof, a: [1n + BASE_FIELD_MODULUS, 2n] }), 'coordinate range');
      assert.equal(await reasonOf([1n], { ...proof, c: [c0, c1 + BASE_FIELD_MODULUS] }), 'coordinate range');
      assert.equal(await reasonOf([1n], { ...proof, c: [c0, c1 - BASE_FIELD_MODULUS] }), 'coordinate range');
      for (const index of [0, 1]) {
        for (const part of [0, 1]) {
          const b = proof.b.map((coordinate) => [...coordinate]) as [[bigint, bigint], [bigint, bigint]];
          b[index]![part]! += BASE_FIELD_MODULUS;
          assert.equal(await reasonOf([1n], { ...proof, b }), 'coordinate range');
        }
      }
    });

    it('refuses points off the curve, the origin among them', async () => {
      assert.equal(await reasonOf([1n], { ...proof, a: [1n, 3n] }), 'not on the curve');
      assert.equal(await reasonOf([1n], { ...proof, a: [0n, 0n] }), 'not on the curve');
      const swapped = proof.b.map(([c0, c1]) => [c1, c0]) as unknown as Groth16Proof['b'];
      assert.equal(await reasonOf([1n], { ...proof, b: swapped }), 'not on the curve');
    });

    it('refuses a B on the curve that is outside the subgroup', async () => {
      assert.equal(await reasonOf([1n], { ...proof, b: await pointOutsideSubgroup() }), 'not in the subgroup');
    });

    it('accepts the negated form of the same proof: proofs are malleable and no identifiers', async () => {
      const [x, y] = G2;
      const negatedB = [x, [BASE_FIELD_MODULUS - y[0], BASE_FIELD_MODULUS - y[1]]] as const;
      await verifyProof(key, [1n], { ...proof, a: negatedG1, b: negatedB });
    });

    it('round-trips keys and proofs through the JSON of snarkjs', () => {
      assert.deepEqual(decodeProof(encodeProof(proof)), proof);
      assert.deepEqual(decodeVerifyingKey(encodeVerifyingKey(key, true)), key);
      assert.equal(encodeVerifyingKey(key, true).development, true);
      assert.equal('development' in encodeVerifyingKey(key, false), false);
    });

    it('refuses JSON with numbers, hex, signs, leading zeros, other curves or projective points', () => {
      const json = encodeProof(proof);
      for (const bad of [1, '0x1', '-1', '+1', '01', '', '1e3', null, '9'.repeat(79)]) {
        const changed = { ...json, pi_a: [bad, '2', '1'] } as unknown as ProofJson;
        assertCode(() => decodeProof(changed), 'PROOF_UNREADABLE', String(bad));
      }
      assertCode(() => decodeProof({ ...json, pi_a: ['1', '2', '2'] }), 'PROOF_UNREADABLE');
      assertCode(() => decodeProof({ ...json, pi_a: ['1', '2'] }), 'PROOF_UNREADABLE');
      assertCode(() => decodeProof({ ...json, protocol: 'plonk' }), 'PROOF_UNREADABLE');
      const keyJson = encodeVerifyingKey(key, false);
      assertCode(() => decodeVerifyingKey({ ...keyJson, curve: 'bls12381' as 'bn128' }), 'VERIFYING_KEY_UNREADABLE');
      assertCode(() => decodeVerifyingKey({ ...keyJson, nPublic: 2 }), 'VERIFYING_KEY_UNREADABLE');
    });
  });
});
