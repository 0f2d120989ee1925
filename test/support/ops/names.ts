/** The names of metrics in expressions and in what processes print. */

import { readYaml } from './yaml.ts';

/** What is ours, or of the process: what Prometheus itself makes, like `up`, is not looked for. */
const NAMES = /\b(?:quittance|nodejs|process)_\w+|\bquittance:\w+(?::\w+)?/g;

/** Names in an expression; those of recording rules have colons. */
export function namesIn(expression: string): string[] {
  return [...new Set(expression.match(NAMES) ?? [])];
}

/** Names that a page of /metrics describes, and those that a histogram has besides. */
export function namesOf(page: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [, name, type] of page.matchAll(/^# TYPE (\S+) (\w+)$/gm)) {
    names.add(name!);
    if (type === 'histogram') for (const suffix of ['bucket', 'sum', 'count']) names.add(`${name}_${suffix}`);
  }
  return names;
}

/** The recording and alert rules: what each is called, and its expression. */
export function rulesOf(): { readonly name: string; readonly isRecorded: boolean; readonly expression: string }[] {
  const { groups } = readYaml<{ groups: { rules: { alert?: string; record?: string; expr: string }[] }[] }>(
    'ops/prometheus/rules.yml',
  );
  return groups.flatMap(({ rules }) =>
    rules.map(({ alert, record, expr }) => ({
      name: (record ?? alert)!,
      isRecorded: record !== undefined,
      expression: expr,
    })),
  );
}
