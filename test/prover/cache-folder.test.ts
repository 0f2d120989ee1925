import assert from 'node:assert/strict';
import { cacheFolder } from '../../prover/cache-folder.ts';

describe('the folder of an installed program', () => {
  for (const [platform, environment, expected] of [
    ['linux', {}, '/home/a/.cache/quittance'],
    ['linux', { XDG_CACHE_HOME: '/var/cache/a' }, '/var/cache/a/quittance'],
    ['linux', { XDG_CACHE_HOME: '' }, '/home/a/.cache/quittance'],
    ['linux', { XDG_CACHE_HOME: 'relative' }, '/home/a/.cache/quittance'],
    ['darwin', {}, '/home/a/Library/Caches/quittance'],
    ['darwin', { XDG_CACHE_HOME: '/var/cache/a' }, '/var/cache/a/quittance'],
    ['win32', { LOCALAPPDATA: '/local' }, '/local/quittance'],
    ['win32', {}, '/home/a/AppData/Local/quittance'],
  ] as const) {
    it(`is ${expected} on ${platform} with ${JSON.stringify(environment)}`, () => {
      assert.equal(cacheFolder({ platform, home: '/home/a', environment }), expected);
    });
  }
});
