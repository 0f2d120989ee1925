import assert from 'node:assert/strict';
import { createProvider } from '@quittance/chain';
import { TokenView } from '@quittance/rpc';
import { AbiCoder, encodeBytes32String } from 'ethers';
import { Compile } from 'typebox/compile';
import { readTokenFacts } from '../../packages/chain/token-facts.ts';
import { cleanSymbol, toDecimals } from '../../packages/chain/token-text.ts';
import { assertRejects } from '../support/assertions.ts';
import { startRpcStub } from '../support/l1/rpc-stub.ts';

const coder = AbiCoder.defaultAbiCoder();
const word = (value: bigint) => `0x${value.toString(16).padStart(64, '0')}`;

describe('the symbol of a token', () => {
  const cases: [string, string | undefined, string | undefined][] = [
    ['stays as it is', 'USDC', 'USDC'],
    ['keeps letters and signs of any script', 'USD₮0 円', 'USD₮0 円'],
    ['loses control characters', 'A\u0000B\nC\u007f', 'ABC'],
    ['loses what turns the direction of text', 'U\u202eCDS\u202c\u2066', 'UCDS'],
    ['loses what has no width', 'U\u200bS\ufeffD\u00ad', 'USD'],
    ['loses line separators', 'A\u2028B\u2029C', 'ABC'],
    ['loses blanks around it', '  A B ', 'A B'],
    ['ends after 32 characters', 'x'.repeat(33), 'x'.repeat(32)],
    ['does not end within a pair', `${'x'.repeat(31)}😀`, 'x'.repeat(31)],
    ['keeps a pair that fits', `${'x'.repeat(30)}😀`, `${'x'.repeat(30)}😀`],
    ['is none when nothing is left', '\u200b \u0007', undefined],
    ['is none when it is empty', '', undefined],
    ['is none when there was none', undefined, undefined],
  ];
  const check = Compile(TokenView);
  for (const [title, text, expected] of cases) {
    it(title, () => {
      const symbol = cleanSymbol(text);
      assert.equal(symbol, expected);
      const view = {
        tokenId: 1,
        address: `0x${'1'.repeat(40)}`,
        symbol: symbol ?? null,
        decimals: 36,
        minimumFee: null,
      };
      assert.ok(check.Check(view));
    });
  }
});

describe('the decimals of a token', () => {
  it('are what one word says, up to 36', () => {
    for (const decimals of [0, 6, 18, 36]) assert.equal(toDecimals(word(BigInt(decimals))), decimals);
    for (const answer of [word(37n), word(2n ** 256n - 1n), '0x', '0x12', `${word(6n)}00`]) {
      assert.equal(toDecimals(answer), undefined, answer);
    }
  });
});

describe('a token of the rollup', () => {
  const ADDRESS = `0x${'ab'.repeat(20)}`;
  const SYMBOL = '0x95d89b41';

  /** Reads a token whose contract answers so. */
  async function read(symbol: () => string, decimals: () => string, tokenId = 1) {
    const stub = await startRpcStub(({ method, params }) => {
      if (method === 'eth_chainId') return '0x7a69';
      const [{ data, gas }] = params as [{ data: string; gas: string }];
      assert.equal(BigInt(gas), 200_000n);
      return data === SYMBOL ? symbol() : decimals();
    });
    const provider = createProvider({ url: stub.url, chainId: 31_337n });
    try {
      return await readTokenFacts(provider, async <T>() => ADDRESS as T, tokenId);
    } finally {
      provider.destroy();
      await stub.stop();
    }
  }
  const text = (symbol: string) => () => coder.encode(['string'], [symbol]);
  const six = () => word(6n);
  const fail = (message: string) => (): string => {
    throw new Error(message);
  };

  it('says its symbol and its decimals', async () => {
    assert.deepEqual(await read(text('USDC'), six), { address: ADDRESS, symbol: 'USDC', decimals: 6 });
  });

  it('may have a symbol of 32 bytes, as the first ones', async () => {
    assert.equal((await read(() => encodeBytes32String('MKR'), six)).symbol, 'MKR');
  });

  it('is ETH for id 0, without a question', async () => {
    const facts = await read(fail('asked'), fail('asked'), 0);
    assert.deepEqual([facts.symbol, facts.decimals, BigInt(facts.address)], ['ETH', 18, 0n]);
  });

  const lies: [string, () => string][] = [
    ['reverts', fail('execution reverted')],
    ['uses up its gas', fail('out of gas')],
    ['fails as anvil says it', fail('EVM error InvalidFEOpcode')],
    ['has no code', () => '0x'],
    ['answers half a word', () => '0x1234'],
    ['answers more than anybody reads', text('x'.repeat(5_000))],
    ['points beyond its answer', () => word(2n ** 255n)],
    ['answers no UTF-8', () => `${word(32n)}${word(2n).slice(2)}${'ff'.repeat(2).padEnd(64, '0')}`],
  ];
  for (const [title, answer] of lies) {
    it(`is listed without a symbol when it ${title}`, async () => {
      assert.deepEqual(await read(answer, six), { address: ADDRESS, symbol: undefined, decimals: 6 });
    });
  }

  it('is listed without decimals when it lies about them', async () => {
    assert.equal((await read(text('A'), () => word(255n))).decimals, undefined);
  });

  it('is no token without an answer when the node fails: it is asked for again', async () => {
    await assertRejects(read(fail('daily request count exceeded'), six), 'L1_UNREACHABLE');
  });
});
