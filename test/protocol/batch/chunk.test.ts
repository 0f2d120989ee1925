import assert from 'node:assert/strict';
import {
  chunkEvaluation,
  chunkPublicInputs,
  domainOf,
  encodeRecord,
  FEE_TOKEN_FILLER,
  FIELD_MODULUS,
  NOOP,
  nextVisibleSum,
  packContext,
  packFeeTokens,
  packTrace,
  portableHasher,
  publicInputsOf,
  splitEvaluation,
  unpackFeeTokens,
  visibleSum,
} from '@quittance/protocol';
import { AbiCoder, keccak256 } from 'ethers';
import { assertCode } from '../../support/assertions.ts';
import { bits, worldSeed } from '../../support/property/arbitraries.ts';
import { property } from '../../support/property/property.ts';
import { CONTEXT, collectFee, deposit, forcedExit, transfer, withdraw } from '../../support/rollup/scene.ts';
import { World } from '../../support/rollup/world.ts';

const coder = AbiCoder.defaultAbiCoder();
const F = FEE_TOKEN_FILLER;
const DEPLOYMENT = { chainId: 31_337n, contract: '0x5fbdb2315678afecb367f032d93f642f64180aa3' };

describe('domain', () => {
  it('is keccak(abi(chainId, contract)) mod r', () => {
    const { chainId, contract } = DEPLOYMENT;
    const hash = keccak256(coder.encode(['uint256', 'address'], [chainId, contract]));
    assert.equal(domainOf(DEPLOYMENT), BigInt(hash) % FIELD_MODULUS);
    assert.equal(domainOf({ chainId, contract: `0x${contract.slice(2).toUpperCase()}` }), domainOf(DEPLOYMENT));
  });

  it('differs for another chain or contract, whatever the size of the chain id', () => {
    const domains = [
      domainOf(DEPLOYMENT),
      domainOf({ ...DEPLOYMENT, chainId: 31_338n }),
      domainOf({ ...DEPLOYMENT, chainId: 31_337n + 2n ** 32n }),
      domainOf({ ...DEPLOYMENT, chainId: 31_337n + 2n ** 64n }),
      domainOf({ ...DEPLOYMENT, contract: `0x${'00'.repeat(19)}01` }),
    ];
    assert.equal(new Set(domains).size, domains.length);
  });
});

describe('the contract of a deployment', () => {
  it('must be an address', () => {
    for (const contract of ['', '0x', '0x12', DEPLOYMENT.contract.slice(2), `${DEPLOYMENT.contract}00`, 'rollup.eth']) {
      assertCode(() => domainOf({ ...DEPLOYMENT, contract }), 'INVALID_ADDRESS', contract);
    }
  });
});

describe('context', () => {
  it('packs four 33-bit fee tokens and the time at bit 132', () => {
    assert.equal(
      packContext([1n, 2n, 3n, F], 5),
      1n + 2n ** 33n * 2n + 2n ** 66n * 3n + 2n ** 99n * F + 2n ** 132n * 5n,
    );
    assert.equal(packContext([F, F, F, F], 2 ** 40 - 1) >> 172n, 0n);
  });

  it('unpacks what it packed', () => {
    for (const tokens of [
      [0n, 1n, 2n, 3n],
      [F, F, F, F],
      [0n, F - 1n, F, F],
    ]) {
      assert.deepEqual(unpackFeeTokens(packFeeTokens(tokens)), tokens);
    }
  });

  it('refuses fee tokens out of order, more bits, and times out of range', () => {
    assertCode(() => packFeeTokens([1n, 0n, F, F]), 'FEE_TOKEN_ORDER');
    assertCode(() => unpackFeeTokens(0n), 'FEE_TOKEN_ORDER'); // four times token 0
    assertCode(() => unpackFeeTokens(1n << 132n), 'OUT_OF_RANGE');
    assertCode(() => unpackFeeTokens(-1n), 'OUT_OF_RANGE');
    assertCode(() => packContext([F, F, F, F], 2 ** 40), 'OUT_OF_RANGE');
    assertCode(() => packContext([F, F, F, F], -1), 'OUT_OF_RANGE');
  });
});

describe('sum over the visible records', () => {
  const operations = [transfer(), deposit(), NOOP, forcedExit(), withdraw(), collectFee()];

  property('is the polynomial Σ value·z^(m−1−j) over the records that have words, and the words', [bits(128)], (z) => {
    const values = [deposit(), forcedExit(), withdraw()].flatMap(({ fields, words }) => [
      encodeRecord(fields),
      ...words,
    ]);
    const expected = values.reduce((sum, value, index) => {
      let power = 1n;
      for (let step = 0; step < values.length - 1 - index; step += 1) power = (power * z) % FIELD_MODULUS;
      return (sum + value * power) % FIELD_MODULUS;
    }, 0n);
    assert.equal(visibleSum(z, operations), expected);
  });

  it('stays as it is for a record without words', () => {
    assert.equal(nextVisibleSum(2n, 9n, NOOP), 2n);
    assert.equal(nextVisibleSum(2n, 9n, transfer()), 2n);
  });

  it('refuses a challenge of more than 128 bits', () => {
    visibleSum(2n ** 128n - 1n, operations);
    assertCode(() => visibleSum(2n ** 128n, operations), 'OUT_OF_RANGE');
    assertCode(() => visibleSum(-1n, operations), 'OUT_OF_RANGE');
  });

  it('changes when two records or two words change places, and with the index of a record', () => {
    const z = 12_345n;
    assert.notEqual(visibleSum(z, [forcedExit(), deposit()]), visibleSum(z, [deposit(), forcedExit()]));
    const [w0, w1, w2] = deposit().words as [bigint, bigint, bigint];
    assert.notEqual(visibleSum(z, [deposit({}, [w1, w0, w2])]), visibleSum(z, [deposit()]));
    assert.notEqual(visibleSum(z, [deposit({ to: deposit().fields.to + 1 })]), visibleSum(z, [deposit()]));
  });
});

describe('public inputs of a chunk', () => {
  property(
    'come in the order of docs/protocol.md',
    [worldSeed()],
    (seed) => {
      const world = new World(seed);
      const { trace } = world.randomChunk(6);
      const inputs = chunkPublicInputs(packTrace(portableHasher, trace), 99n);
      const operations = trace.slots.map(({ operation }) => operation);
      const { yLow, yHigh } = splitEvaluation(chunkEvaluation(operations, 99n));
      assert.deepEqual(publicInputsOf(inputs), [
        trace.oldRoot,
        trace.newRoot,
        trace.commitment,
        99n,
        yLow,
        yHigh,
        visibleSum(99n, operations),
        world.domain,
        packContext(trace.context.feeTokens, trace.context.batchTime),
      ]);
      assert.equal(trace.newRoot, world.state.root);
      assert.notEqual(inputs.context, packContext(CONTEXT.feeTokens, 0));
    },
    { runs: 2 },
  );
});
