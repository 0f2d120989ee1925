/** `quittance doctor`: what is missing on this machine and its L1, and how to fix it. */

import { RollupError } from '@quittance/protocol';
import { orNone } from '../config/setting.ts';
import { chainId, contract, l1Url } from '../config/settings.ts';
import { IS_CHECKOUT } from '../paths.ts';
import { defineCommand } from '../process/command.ts';
import { table } from '../process/output.ts';
import * as checks from './checks.ts';
import { checkL1 } from './l1-checks.ts';

const MARKS = { ok: 'ok', warning: 'warn', failed: 'FAIL' } as const;

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'check Node.js, the native core, disk and builds, and L1 and its contract if given',
  examples: ['quittance doctor', 'quittance doctor --l1-url http://127.0.0.1:8545'],
  settings: { l1Url: orNone(l1Url), chainId, contract: orNone(contract) },
  async run({ output }, values) {
    const findings: checks.Finding[] = [
      checks.checkNode(),
      checks.checkDependencies(),
      checks.checkNative(),
      // What builds the native core; an installed package has it built.
      ...(IS_CHECKOUT ? [await checks.checkCargo()] : []),
      await checks.checkDisk(),
      checks.checkContracts(),
      checks.checkKeys(),
    ];
    let trouble: RollupError | undefined;
    if (values.l1Url !== undefined) {
      const settings = { url: values.l1Url, expected: values.chainId, contract: values.contract };
      const { findings: more, error } = await checkL1(settings, Date.now() / 1000);
      findings.push(...more);
      trouble = error;
    }
    const isWell = findings.every(({ state }) => state !== 'failed');
    output.result({ ok: isWell, findings }, () =>
      table(
        findings.map(({ name, state, detail, advice }) => [
          MARKS[state],
          name,
          advice === undefined ? detail : `${detail} → ${advice}`,
        ]),
      ),
    );
    if (trouble !== undefined) throw trouble;
    if (!isWell) throw new RollupError('CONFIG_INVALID', 'something is not well; the lines marked FAIL say what to do');
  },
});
