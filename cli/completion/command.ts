/** `quittance completion`: what makes a shell complete commands, flags and the words that they take. */

import * as parse from '../config/parse.ts';
import { named, required } from '../config/setting.ts';
import { type Command, defineCommand } from '../process/command.ts';
import { GROUPS } from '../process/groups.ts';
import { bashScript, fishScript, zshScript } from './scripts.ts';
import { placesOf } from './table.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** The command. @param others all other commands. */
export function createCompletion(others: readonly Command[]): Command {
  const completion = defineCommand({
    name: 'completion',
    summary: 'print the completion of a shell, made for this version',
    notes: 'Put the line for your shell into its start file (~/.bashrc, ~/.zshrc after compinit, config.fish).',
    examples: [
      'quittance completion bash    # source <(quittance completion bash)',
      'quittance completion zsh     # source <(quittance completion zsh)',
      'quittance completion fish    # quittance completion fish | source',
    ],
    settings: {
      shell: named('completionShell', required('<shell>', parse.choice('bash', 'zsh', 'fish'), 'the shell')),
    },
    argument: 'shell',
    async run({ output }, { shell }) {
      const script = SCRIPTS[shell](placesOf([...others, completion], GROUPS));
      output.result({ shell, script }, () => script);
    },
  });
  return completion;
}
