import assert from 'node:assert/strict';
import { byName } from '../../sequencer/api/positional.ts';

const TRANSFER = { kind: 'withdraw', from: 1 };

describe('Sequencer: parameters by position', () => {
  const cases: [string, string, unknown, unknown][] = [
    ['become parameters by name', 'rollup_getAccounts', ['0xab', 'safe', 7], { owner: '0xab', tag: 'safe', after: 7 }],
    ['may end early', 'rollup_getAccounts', ['0xab'], { owner: '0xab' }],
    [
      'may leave out with null what may be left out',
      'rollup_getAccounts',
      ['0xab', null, 7],
      { owner: '0xab', after: 7 },
    ],
    ['keep null where something is required', 'rollup_getAccounts', [null, 'safe'], { owner: null, tag: 'safe' }],
    ['may not be there', 'rollup_getConfig', undefined, {}],
    ['may be none', 'rollup_getConfig', [], {}],
    ['may be one object by name', 'rollup_getAccount', [{ index: 5 }], { index: 5 }],
    ['may be one object by name with a typo, for the schema to name', 'rollup_getAccount', [{ indx: 5 }], { indx: 5 }],
    ['may be an object themselves', 'rollup_sendTransfer', [TRANSFER], { transfer: TRANSFER }],
    [
      'take an object with a name of theirs by name',
      'rollup_sendTransfer',
      [{ transfer: TRANSFER }],
      { transfer: TRANSFER },
    ],
    ['may be a list', 'rollup_sendTransfers', [[TRANSFER]], { transfers: [TRANSFER] }],
    ['take the form that has as many', 'rollup_getWithdrawalProof', ['0x1'], { id: '0x1' }],
    ['take the other form, which has two', 'rollup_getWithdrawalProof', [3, 0], { batch: 3, index: 0 }],
    [
      'take the form whose word comes first',
      'rollup_subscribe',
      ['transfers', ['1']],
      { topic: 'transfers', ids: ['1'] },
    ],
    [
      'take the form of another word',
      'rollup_subscribe',
      ['accounts', [1], 9],
      { topic: 'accounts', accounts: [1], fromSequence: 9 },
    ],
    ['take no form of a word that there is not', 'rollup_subscribe', ['prices'], ['prices']],
    ['stay what they are when there are too many', 'rollup_getAccount', [1, 'safe', 3], [1, 'safe', 3]],
    ['stay what they are when there are too few', 'rollup_getConfig', [1], [1]],
    ['stay what they are for a method that there is not', 'nope', [1], [1]],
    ['stay what they are by name', 'rollup_getAccount', { index: 5 }, { index: 5 }],
  ];
  for (const [title, method, params, expected] of cases) {
    it(title, () => assert.deepEqual(byName(method, params), expected));
  }

  it('take nothing from what all objects inherit', () => {
    assert.deepEqual(byName('toString', [1]), [1]);
    assert.deepEqual(byName('rollup_sendTransfer', [{ toString: 1 }]), { transfer: { toString: 1 } });
  });
});
