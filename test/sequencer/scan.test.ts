import { strict as assert } from 'node:assert';
import { MAX_DEPTH, MAX_MEMBERS, MAX_SMALL_CALL_BYTES, scan } from '../../sequencer/api/scan.ts';

const look = (text: string) => scan(Buffer.from(text));
const padded = (method: string, bytes: number) => {
  const call = (filler: string) => `{"jsonrpc":"2.0","id":1,"method":"${method}","params":{"x":"${filler}"}}`;
  return call('y'.repeat(bytes - call('').length));
};
const members = (count: number) => `{${Array.from({ length: count }, (_, i) => `"k${i}":0`).join(',')}}`;

describe('Sequencer: a look over a body', () => {
  for (const text of ['', '{}', 'null', '[]', ']', '"', '"\\', '{"a":"\\""}', '[1,2', '}}}}', '"[[[[[[[[[[[[[[[[[["']) {
    it(`finds nothing to say of ${text === '' ? 'nothing' : text}`, () => assert.equal(look(text), undefined));
  }

  it('bounds how deep it nests, and how wide objects are', () => {
    assert.equal(look('['.repeat(MAX_DEPTH)), undefined);
    assert.match(JSON.stringify(look('['.repeat(MAX_DEPTH + 1))), /deeper than 16 levels/);
    assert.equal(look(members(MAX_MEMBERS)), undefined);
    assert.match(JSON.stringify(look(members(MAX_MEMBERS + 1))), /more than 32 members/);
    assert.match(JSON.stringify(look(`[{"a":${members(200_000)}}]`)), /more than 32 members/);
    assert.equal(look(`[${members(MAX_MEMBERS)},${members(MAX_MEMBERS)}]`), undefined);
  });

  it('bounds how many values there are, by the length', () => {
    const list = (count: number) => `[${Array(count).fill('0').join(',')}]`;
    assert.equal(look(list(1_000)), undefined);
    assert.match(JSON.stringify(look(list(1_200))), /more than 1150 values/);
    const long = list(1_200).replace('0', `"${'x'.repeat(1_600)}"`);
    assert.equal(look(long), undefined);
  });

  it('bounds calls that take no list, and only those', () => {
    const most = MAX_SMALL_CALL_BYTES;
    assert.equal(look(padded('rollup_getProof', most)), undefined);
    assert.deepEqual(look(padded('rollup_getProof', most + 2)), { tooLarge: { limit: most, actual: most + 1 } });
    for (const method of ['rollup_sendTransfers', 'rollup_subscribe']) {
      assert.equal(look(padded(method, 10 * most)), undefined);
    }
    const [long, list] = [padded('eth_chainId', most + 2), padded('rollup_sendTransfers', most + 2)];
    assert.ok(look(` \n[${list},${long}]`) !== undefined);
    assert.equal(look(` \n[${list},${list}]`), undefined);
    assert.equal(look(`[${Array(90).fill(padded('eth_chainId', 1_000)).join(',')}]`), undefined);
  });

  it('takes for the method what is its value, whatever else has its name', () => {
    const filler = 'y'.repeat(MAX_SMALL_CALL_BYTES);
    for (const [text, isFound] of [
      [`{"method":"rollup_sendTransfers","x":"${filler}"}`, true],
      [`{"x":"${filler}","method" : "rollup_sendTransfers"}`, true],
      [`{"params":{"method":"rollup_sendTransfers"},"x":"${filler}"}`, false],
      [`{"method":"rollup_sendTransfers","method":"eth_chainId","x":"${filler}"}`, false],
      [`{"methods":"rollup_sendTransfers","x":"${filler}"}`, false],
      [`{"method":"rollup_sendTransfersX","x":"${filler}"}`, false],
      [`{"id":"method","method":"rollup_sendTransfers","x":"${filler}"}`, true],
      [`{"id":"method" ,"x":"rollup_sendTransfers","y":"${filler}"}`, false],
      [`{"meth\\u006fd"\n\t\r :"rollup_sendTransfer\\u0073","x":"${filler}"}`, true],
      [`{"method":"rollup_sendTransfers","meth\\u006fd":"eth_chainId","x":"${filler}"}`, false],
      [`{"method":"rollup_sendTransfers","method":7,"x":"${filler}"}`, false],
      [`{"meth\\x6fd":"rollup_sendTransfers","x":"${filler}"}`, false],
      [`"method","rollup_sendTransfers",{"x":"${filler}"}`, false],
    ] as const) {
      assert.equal(look(text) === undefined, isFound, text.slice(0, 80));
    }
  });
});
