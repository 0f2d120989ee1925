/** `./dev bench pack`: how long a new user waits: until the packed command is installed, and until its devnet can be used. */

import { startInstalledDevnet } from '../../test/support/pack/devnet.ts';
import { Machine } from '../../test/support/pack/machine.ts';
import { packAll } from '../../test/support/pack/packages.ts';
import { printResult, readBenchOptions } from './parts/options.ts';

const options = readBenchOptions('pack', 2);
const seconds = async <T>(task: () => Promise<T>): Promise<readonly [T, number]> => {
  const started = performance.now();
  const value = await task();
  return [value, (performance.now() - started) / 1000];
};

const machine = new Machine();
try {
  const [tarballs, packSeconds] = await seconds(packAll);
  // What npm has fetched before is taken from its cache: the network is not ours to measure.
  const [folder, installSeconds] = await seconds(() => machine.install('app', tarballs));
  const portable = { QUITTANCE_DISABLE_NATIVE: '1' };
  const [devnet, bannerSeconds] = await seconds(() => startInstalledDevnet(machine, folder, portable));
  const stopSeconds = (await seconds(() => devnet.stop()))[1];
  const command = tarballs.find(({ name }) => name === 'quittance')!;
  const result = {
    ...{ packSeconds, installSeconds, bannerSeconds, stopSeconds },
    commandBytes: command.bytes,
    installedBytes: command.unpackedBytes,
  };
  printResult(result, options, [
    `packing      ${packSeconds.toFixed(1)} s`,
    `installing   ${installSeconds.toFixed(1)} s`,
    `banner       ${bannerSeconds.toFixed(1)} s, without the native core`,
    `tarball      ${(command.bytes / 1e6).toFixed(1)} MB`,
  ]);
} finally {
  machine.remove();
}
