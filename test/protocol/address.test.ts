import { strict as assert } from 'node:assert';
import { ADDRESS_PATTERN, addressText, isSameAddress, requireAddress } from '@quittance/protocol';

const MIXED = '0xAbCdEf0000000000000000000000000000000001';

describe('L1 addresses', () => {
  it('are 42 characters in lower case as text, leading zeros included', () => {
    assert.equal(addressText(1n), `0x${'0'.repeat(39)}1`);
    assert.equal(addressText(2n ** 160n - 1n), `0x${'f'.repeat(40)}`);
    assert.equal(addressText(BigInt(MIXED)), MIXED.toLowerCase());
  });

  for (const number of [-1n, 2n ** 160n]) {
    it(`are no text when the number is ${number}`, () => {
      assert.throws(() => addressText(number), { code: 'OUT_OF_RANGE' });
    });
  }

  it('are read in lower case', () => {
    assert.equal(requireAddress('owner', MIXED), MIXED.toLowerCase());
  });

  for (const text of [
    '',
    '0x',
    MIXED.slice(2),
    `${MIXED}0`,
    MIXED.slice(0, -1),
    `${MIXED.slice(0, -1)}g`,
    `${MIXED}\n`,
  ]) {
    it(`are none as ${JSON.stringify(text)}`, () => {
      assert.equal(ADDRESS_PATTERN.test(text), false);
      assert.throws(() => requireAddress('owner', text), {
        code: 'INVALID_ADDRESS',
        data: { name: 'owner', actual: text },
      });
    });
  }

  it('are the same whatever their checksum', () => {
    assert.equal(isSameAddress(MIXED, MIXED.toLowerCase()), true);
    assert.equal(isSameAddress(MIXED, addressText(1n)), false);
  });
});
