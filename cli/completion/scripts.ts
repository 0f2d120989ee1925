/** Completions as scripts of bash, zsh and fish. They name all words themselves: nothing is started at a press of the key. */

import type { Flag, Place } from './table.ts';

/** A word in single quotes, which shells take as it is. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
/** As fish quotes. */
const fishQuoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** Cases of `"$at"`: what can stand there. */
function wordCases(places: readonly Place[]): string[] {
  return places.map(({ path, words, flags }) => {
    const all = [...words, ...flags].map(({ word }) => word);
    return `    ${quoted(path)}) list=${quoted(all.join(' '))} ;;`;
  });
}

/** Cases of `"$at $prev"`: what follows a flag. */
function valueCases(places: readonly Place[]): string[] {
  const line = (path: string, { word, value }: Flag): string[] => {
    const label = quoted(`${path} ${word}`);
    if (value === 'none') return [];
    if (value === 'path') return [`    ${label}) list=; paths=1 ;;`];
    return [`    ${label}) list=${quoted(value === 'any' ? '' : value.join(' '))} ;;`];
  };
  return places.flatMap(({ path, flags }) => flags.flatMap((flag) => line(path, flag)));
}

/** Finds the command that the words before the cursor name. */
function findPlace(places: readonly Place[], words: string): string[] {
  const known = places.filter(({ path }) => path !== '').map(({ path }) => quoted(path));
  return [
    `  for word in ${words}; do`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is an expansion of the shell
    '    case "${at:+$at }$word" in',
    `      ${known.join('|')}) at="\${at:+$at }$word" ;;`,
    '    esac',
    '  done',
  ];
}

function cases(places: readonly Place[]): string[] {
  return ['  case "$at" in', ...wordCases(places), '  esac', '  case "$at $prev" in', ...valueCases(places), '  esac'];
}

/** For bash: `source <(quittance completion bash)`. */
export function bashScript(places: readonly Place[]): string {
  return [
    '# bash completion of quittance',
    '_quittance() {',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: these are expansions of the shell
    "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at='' list='' paths='' word",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: these are expansions of the shell
    ...findPlace(places, '"${COMP_WORDS[@]:1:COMP_CWORD-1}"'),
    ...cases(places),
    '  if [ -n "$paths" ]; then COMPREPLY=($(compgen -f -- "$cur"))',
    '  else COMPREPLY=($(compgen -W "$list" -- "$cur")); fi',
    '}',
    'complete -o filenames -o bashdefault -F _quittance quittance',
  ].join('\n');
}

/** For zsh: `source <(quittance completion zsh)`, or a file `_quittance` in a folder of fpath. */
export function zshScript(places: readonly Place[]): string {
  return [
    '#compdef quittance',
    '_quittance() {',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: these are expansions of the shell
    "  local prev=${words[CURRENT-1]} at='' list='' paths='' word",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: these are expansions of the shell
    ...findPlace(places, '${words[2,CURRENT-1]}'),
    ...cases(places),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: these are expansions of the shell
    '  if [[ -n $paths ]]; then _files; else compadd -- ${=list}; fi',
    '}',
    'compdef _quittance quittance',
  ].join('\n');
}

function fishFlag(condition: string, { word, help, value }: Flag): string {
  const kinds = { none: '', path: ' -r -F', any: ' -x' } as const;
  const kind = typeof value === 'string' ? kinds[value] : ` -x -a ${fishQuoted(value.join(' '))}`;
  return `complete -c quittance ${condition} -l ${word.slice(2)}${kind} -d ${fishQuoted(help)}`;
}

/** For fish: `quittance completion fish | source`. */
export function fishScript(places: readonly Place[]): string {
  const known = places.filter(({ path }) => path !== '').map(({ path }) => fishQuoted(path));
  return [
    '# fish completion of quittance',
    'function __quittance_at',
    '  set -l at',
    '  for word in (commandline -opc)[2..-1]',
    '    set -l next (string trim -- "$at $word")',
    `    contains -- $next ${known.join(' ')}; and set at $next`,
    '  end',
    '  test "$at" = "$argv[1]"',
    'end',
    'complete -c quittance -f',
    ...places.flatMap(({ path, words, flags }) => {
      const condition = `-n ${fishQuoted(`__quittance_at "${path}"`)}`;
      const commands = words.map(
        ({ word, help }) => `complete -c quittance ${condition} -a ${fishQuoted(word)} -d ${fishQuoted(help)}`,
      );
      return [...commands, ...flags.map((flag) => fishFlag(condition, flag))];
    }),
  ].join('\n');
}
