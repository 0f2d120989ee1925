/** Renders the templates of ops/helm: the few words of Helm's language that they use, and no other. */

import { readDocument } from '../sources/markdown.ts';
import { readYaml, type Yaml } from './yaml.ts';

/** A path like .Values.watcher.mode. @throws when the chart has no such value: Helm would print nothing. */
function valueAt(root: Yaml, path: string): Yaml {
  let value: Yaml = root;
  for (const key of path.slice(1).split('.')) {
    if (typeof value !== 'object' || value === null || !(key in value)) throw new Error(`there is no ${path}`);
    value = (value as { readonly [name: string]: Yaml })[key]!;
  }
  return value;
}

const isSet = (value: Yaml): boolean => value !== '' && value !== false && value !== null && value !== 0;

/** One expression between braces: a path, then `default .Path` and `quote`. @throws on anything else. */
function evaluate(root: Yaml, expression: string): string {
  const [path, ...pipes] = expression.trim().split(/\s*\|\s*/);
  let value = valueAt(root, path!);
  for (const pipe of pipes) {
    const other = /^default (\.\S+)$/.exec(pipe)?.[1];
    if (other !== undefined) value = isSet(value) ? value : valueAt(root, other);
    else if (pipe === 'quote') return JSON.stringify(String(value));
    else throw new Error(`${pipe} is not rendered here`);
  }
  return String(value);
}

/** The text of a template. @throws on a block that is not closed. */
function render(template: string, root: Yaml): string {
  const lines: string[] = [];
  const blocks: boolean[] = [];
  for (const line of template.split('\n')) {
    const condition = /^\s*\{\{- if (\.\S+) \}\}$/.exec(line)?.[1];
    if (condition !== undefined) blocks.push(blocks.every(Boolean) && isSet(valueAt(root, condition)));
    else if (/^\s*\{\{- end \}\}$/.test(line)) {
      if (blocks.pop() === undefined) throw new Error('an end without a block');
    } else if (blocks.every(Boolean)) {
      lines.push(line.replaceAll(/\{\{(.+?)\}\}/g, (_, expression: string) => evaluate(root, expression)));
    }
  }
  if (blocks.length > 0) throw new Error('a block is not closed');
  return lines.join('\n');
}

/** A template of ops/helm with the chart's values, some of them replaced at the top. */
export function renderChart(name: string, values: Readonly<Record<string, Yaml>> = {}): string {
  const all = { ...readYaml('ops/helm/values.yaml'), ...values };
  return render(readDocument(`ops/helm/templates/${name}`), { Values: all, Release: { Name: 'rollup' } });
}
