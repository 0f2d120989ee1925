import assert from 'node:assert/strict';
import { getBytes } from 'ethers';
import { bytesOfHex } from '../../packages/chain/hex.ts';
import { createRandom } from '../support/property/random.ts';

describe('bytes of hexadecimal text', () => {
  it('are those that ethers reads, in capitals too', () => {
    const random = createRandom('hex');
    const all = `0x${Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0')).join('')}`;
    const texts = ['0x', '0x00', all, all.replace(/[a-f]/g, (digit) => digit.toUpperCase())];
    for (let round = 0; round < 20; round += 1) texts.push(`0x${Buffer.from(random.bytes()).toString('hex')}`);
    for (const text of texts) assert.deepEqual(bytesOfHex(text), getBytes(text));
  });

  it('are none of other text', () => {
    for (const text of [
      '',
      '00',
      '0X00',
      'x000',
      '0x0',
      '0x0g',
      '0xg0',
      '0x 0',
      '0x0é',
      '0x:0',
      '0x@0',
      '0x`0',
      '0x/0',
      '0x0\u{10ffff}',
    ]) {
      assert.throws(() => bytesOfHex(text), TypeError, text);
    }
  });
});
