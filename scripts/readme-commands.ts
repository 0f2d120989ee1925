/** Runs the commands of README.md that are marked with `<!-- ci -->`, so that the document cannot lie. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const MARKED_BLOCK = /<!-- ci -->\n```sh\n([\s\S]*?)```/g;

const commands = [...readFileSync('README.md', 'utf8').matchAll(MARKED_BLOCK)].map(([, block]) => block!.trim());
if (commands.length === 0) throw new Error('README.md marks no command with <!-- ci -->');
for (const command of commands) {
  console.log(`README: ${command}`);
  execFileSync('sh', ['-euc', command], { stdio: 'inherit' });
}
