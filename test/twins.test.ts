import assert from 'node:assert/strict';
import { twinFaults, twinSources, twinsIn } from './support/sources/twins.ts';

describe('twins', () => {
  it('exist, and name each other', () => {
    const sources = twinSources();
    assert.deepEqual(twinFaults(sources), []);
    const twins = [...sources].flatMap(([path, source]) => twinsIn(path, source).twins);
    for (const ending of ['ts', 'sol', 'circom', 'rs']) {
      assert.ok(
        twins.some(({ to }) => to.path.endsWith(`.${ending}`)),
        ending,
      );
    }
    assert.ok(twins.length > 100, `${twins.length} twins`);
  });
});

describe('the reader of twins', () => {
  const ts = ['/** Adds. Twin: b.sol add. Twin:', ' * c.rs', ' * sum. */', 'export function plus() {}'].join('\n');
  const sol = '    /// @dev Adds. Twin: a.ts plus.\n    function add() internal {}';
  const rs = '/// Twin: a.ts plus\n#[inline]\npub(crate) fn sum() {}';
  const faultsOf = (changes: Record<string, string> = {}) =>
    twinFaults(new Map(Object.entries({ 'a.ts': ts, 'b.sol': sol, 'c.rs': rs, ...changes })));

  it('finds twins in the comments of all languages, over lines and attributes', () => {
    const { twins, faults } = twinsIn('a.ts', ts);
    assert.deepEqual(faults, []);
    assert.deepEqual(
      twins.map(({ from, to }) => [from.symbol, to.path, to.symbol]),
      [
        ['plus', 'b.sol', 'add'],
        ['plus', 'c.rs', 'sum'],
      ],
    );
    assert.deepEqual(faultsOf(), []);
    const circom = twinsIn('d.circom', '// Twin: a.ts plus.\ntemplate Plus(n) {');
    assert.equal(circom.twins[0]?.from.symbol, 'Plus');
    const constant = twinsIn('d.sol', '    /// @dev Twin: a.ts l.\n    uint256 internal constant ORDER =');
    assert.equal(constant.twins[0]?.from.symbol, 'ORDER');
  });

  it('refuses a file that does not exist, a name that it does not declare, and a twin that does not name it back', () => {
    assert.match(faultsOf({ 'c.rs': rs.replace('a.ts', 'z.ts') }).join('\n'), /z\.ts, which does not exist/);
    assert.match(faultsOf({ 'c.rs': rs.replace('plus', 'minus') }).join('\n'), /a\.ts declares no minus/);
    assert.deepEqual(faultsOf({ 'b.sol': sol.replace(' Twin: a.ts plus.', '') }), [
      'b.sol add does not name a.ts plus back',
    ]);
  });

  it('refuses other forms, comments of nothing, and comments beside code', () => {
    for (const source of ['/** Twins: b.sol add. */\nfunction f() {}', '/** Twin: b.sol. */\nfunction f() {}']) {
      assert.match(twinsIn('d.ts', source).faults.join('\n'), /is not "Twin: path symbol"/);
    }
    assert.match(twinsIn('d.ts', '/** Twin: b.sol add. */\n\nfunction f() {}').faults.join('\n'), /of nothing/);
    assert.match(twinsIn('d.ts', 'const one = 1; // Twin: b.sol add').faults.join('\n'), /beside code/);
  });
});
