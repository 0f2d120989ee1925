import { strict as assert } from 'node:assert';
import { createPortableKzg, type Kzg, versionedHashOf } from '@quittance/chain';
import { BLOB_BYTES, BLOB_FIELD_MODULUS } from '@quittance/protocol';
import { createNativeKzg } from '../../../native/index.ts';
import { requireBlob } from '../../../packages/chain/blobs/kzg.ts';
import { randomBlob } from '../../support/blobs/kzg.ts';
import { loadVectors } from '../../support/vectors.ts';

interface PointEvaluations {
  readonly precompiles: {
    readonly kzgPointEvaluation: Record<'vectors' | 'derived_must_fail', readonly { readonly input: string }[]>;
  };
}

const fromHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const { kzgPointEvaluation } = loadVectors<PointEvaluations>('evm_precompiles_bn254_kzg').precompiles;

/** The precompile's input: versioned hash 32 ‖ z 32 ‖ y 32 ‖ commitment 48 ‖ proof 48. */
function parse(input: string) {
  const part = (from: number, bytes: number) => input.slice(2 * from, 2 * (from + bytes));
  const number = (from: number) => BigInt(`0x${part(from, 32)}`);
  const hash = `0x${part(0, 32)}`;
  return { hash, z: number(32), y: number(64), commitment: fromHex(part(96, 48)), proof: fromHex(part(144, 48)) };
}

/** Every element 2: its polynomial is the constant 2. */
function twos(): Uint8Array {
  const blob = new Uint8Array(BLOB_BYTES);
  for (let offset = 31; offset < BLOB_BYTES; offset += 32) blob[offset] = 2;
  return blob;
}

const INFINITY = fromHex(`c0${'00'.repeat(47)}`);
/** Of tests/verify_kzg_proof of ethereum/c-kzg-4844, "point at infinity for twos poly". */
const TWOS = fromHex(
  'a572cbea904d67468808c8eb50a9450c9721db309128012543902d0ac358a62ae28f75bb8f1c7c42c39a8c5529bf0f4e',
);

const native = createNativeKzg();

function behavesAsKzg(create: () => Promise<Kzg>): void {
  let kzg: Kzg;
  before(async () => {
    kzg = await create();
  });

  it('agrees with the precompile of L1 on its vectors', async () => {
    for (const { input } of kzgPointEvaluation.vectors) {
      const { hash, z, y, commitment, proof } = parse(input);
      assert.equal(versionedHashOf(commitment), hash);
      assert.equal(await kzg.verify(commitment, z, y, proof), true);
      assert.equal(await kzg.verify(commitment, z, y ^ 1n, proof), false);
      assert.equal(await kzg.verify(commitment, z ^ 1n, y, proof), false);
      assert.equal(await kzg.verify(commitment, z, y, commitment), false);
    }
    for (const { input } of kzgPointEvaluation.derived_must_fail.filter(({ input }) => input.length === 2 * 192)) {
      const { hash, z, y, commitment, proof } = parse(input);
      assert.equal(versionedHashOf(commitment) === hash && (await kzg.verify(commitment, z, y, proof)), false);
    }
  });

  it('takes what is no point or no element for wrong', async () => {
    assert.equal(await kzg.verify(new Uint8Array(48), 0n, 0n, INFINITY), false);
    assert.equal(await kzg.verify(INFINITY, BLOB_FIELD_MODULUS, 0n, INFINITY), false);
    assert.equal(await kzg.verify(INFINITY, 0n, BLOB_FIELD_MODULUS, INFINITY), false);
    assert.equal(await kzg.verify(INFINITY.slice(1), 0n, 0n, INFINITY), false);
    assert.equal(await kzg.verify(INFINITY, 0n, 0n, INFINITY), true, 'the zero polynomial');
  });

  it('commits to a blob and opens it', async () => {
    const blob = twos();
    assert.deepEqual(await kzg.commitment(blob), TWOS);
    const { y, proof } = await kzg.open(blob, 5n);
    assert.equal(y, 2n);
    assert.deepEqual(proof, INFINITY);
    assert.equal(await kzg.verify(TWOS, 5n, 2n, proof), true);
  });

  it('opens a blob at one of its own elements', async () => {
    const blob = randomBlob(1);
    // The first element in bit-reversed order is that at ω^0 = 1.
    const { y, proof } = await kzg.open(blob, 1n);
    assert.equal(y, BigInt(`0x${Buffer.from(blob.subarray(0, 32)).toString('hex')}`));
    assert.equal(await kzg.verify(await kzg.commitment(blob), 1n, y, proof), true);
  });

  it('splits a blob in cells of which any half restores it', async function () {
    this.timeout(240_000);
    const blob = randomBlob(2);
    const commitment = await kzg.commitment(blob);
    const { cells, proofs } = await kzg.cells(blob);
    assert.deepEqual([cells.length, proofs.length], [128, 128]);
    assert.deepEqual(Buffer.concat(cells.slice(0, 64)), Buffer.from(blob));
    const indices = Array.from({ length: 64 }, (_, index) => 2 * index + 1);
    const some = { cells: indices.map((index) => cells[index]!), proofs: indices.map((index) => proofs[index]!) };
    assert.equal(await kzg.verifyCells(commitment, indices, some), true);
    assert.equal(await kzg.verifyCells(TWOS, indices, some), false);
    assert.equal(
      await kzg.verifyCells(commitment, [1, 3], { cells: cells.slice(1, 3), proofs: proofs.slice(1, 3) }),
      false,
    );
    assert.deepEqual(await kzg.restore(indices, some.cells), blob);
  });
}

describe('KZG', () => {
  describe('in JavaScript', () => behavesAsKzg(createPortableKzg));

  // npm has binaries for the common platforms only; elsewhere JavaScript does all.
  if (native !== undefined) {
    describe('by the binary that npm brings', () => behavesAsKzg(async () => native));

    it('is the same by both', async () => {
      const portable = await createPortableKzg();
      const blob = randomBlob(3);
      assert.deepEqual(await native.commitment(blob), await portable.commitment(blob));
      assert.deepEqual(await native.open(blob, 1n << 127n), await portable.open(blob, 1n << 127n));
    });
  }

  it('refuses what is no blob', () => {
    assert.throws(() => requireBlob(new Uint8Array(BLOB_BYTES - 1)), { code: 'WRONG_LENGTH' });
    assert.throws(() => requireBlob(new Uint8Array(BLOB_BYTES + 1)), { code: 'WRONG_LENGTH' });
    const blob = new Uint8Array(BLOB_BYTES);
    const modulus = fromHex(BLOB_FIELD_MODULUS.toString(16));
    blob.set(modulus, 32 * 4_095);
    assert.throws(() => requireBlob(blob), {
      code: 'BLOB_ELEMENT_RANGE',
      data: { position: 4_095, actual: BLOB_FIELD_MODULUS },
    });
    blob[BLOB_BYTES - 1] = 0;
    assert.equal(requireBlob(blob), blob);
  });
});
