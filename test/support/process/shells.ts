/** What real shells offer at a press of the key, with a completion script read in. */

import { spawnSync } from 'node:child_process';

/** Ends a shell that waits for a key that nobody presses. */
const SHELL_MS = 20_000;

/** A shell that completes. */
export interface CompletingShell {
  readonly name: 'bash' | 'zsh' | 'fish';
  /** What it offers behind these words, the last of which is being written. @param file with the script. */
  offered(file: string, ...words: readonly string[]): string[];
}

/** Whether this machine has it. */
export function hasShell(name: CompletingShell['name']): boolean {
  return spawnSync(name, ['-c', ':'], { stdio: 'ignore' }).status === 0;
}

function linesOf(shell: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): string[] {
  const { status, stdout, stderr } = spawnSync(shell, args, {
    encoding: 'utf8',
    cwd: '/',
    timeout: SHELL_MS,
    env: { ...process.env, ...environment },
  });
  if (status !== 0 || stderr !== '') throw new Error(`${shell} ended with ${status}: ${stderr}`);
  // zsh asks several times for one path.
  return [...new Set(stdout.split('\n').filter((word) => word !== ''))];
}

/** bash calls the function that it was told of, with the words in an array. */
const bash: CompletingShell = {
  name: 'bash',
  offered(file, ...words) {
    const line = ['quittance', ...words].map((word) => `'${word}'`).join(' ');
    const script = `source '${file}'; COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _quittance; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return linesOf('bash', ['--norc', '-c', script]);
  },
};

/** An interactive zsh behind a terminal of its own, where the tabulator is pressed; compadd tells what it is given. */
const ZSH = `
zmodload zsh/zpty || exit 1
zpty z zsh -f -i
zpty -w z 'PROMPT=; unsetopt prompt_cr prompt_sp; autoload -Uz compinit; compinit -D -u'
zpty -w z "source '$FILE'"
zpty -w z 'compadd() { typeset -a hits; builtin compadd -A hits "$@"; print -rl -- $hits; builtin compadd "$@" }'
zpty -w z 'begun() { print -r -- BEGIN }; over() { print -r -- END; exit }; compprefuncs=(begun); comppostfuncs=(over)'
zpty -w z 'zstyle ":completion:*" insert-tab false; bindkey "^I" complete-word'
zpty -n -w z "$LINE"$'\\t'
integer on=0
while zpty -r z line; do
  line=\${line%$'\\n'}; line=\${line%$'\\r'}
  [[ $line == *END ]] && break
  (( on )) && print -r -- $line
  [[ $line == *BEGIN ]] && on=1
done
zpty -d z
exit 0
`;

const zsh: CompletingShell = {
  name: 'zsh',
  offered: (file, ...words) =>
    linesOf('zsh', ['-f', '-c', ZSH], { FILE: file, LINE: ['quittance', ...words].join(' ') }),
};

/** fish has a command for it; what stands behind a tabulator is the help. */
const fish: CompletingShell = {
  name: 'fish',
  offered(file, ...words) {
    const line = ['quittance', ...words].join(' ');
    const script = `source '${file}'; complete -C '${line}'`;
    return linesOf('fish', ['--no-config', '-c', script]).map((found) => found.split('\t')[0]!);
  },
};

export const SHELLS: readonly CompletingShell[] = [bash, zsh, fish];
