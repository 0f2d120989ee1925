/** The documentation as a site: `./dev docs` builds it to build/site. Offline: its search is its own, and it asks no third party. */

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';

const DOCS = new URL('../', import.meta.url);

const ROOT = new URL('../', DOCS);
/** Everything below the root that is no document. */
const OTHER_FOLDERS = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'docs')
  .map(({ name }) => `${name}/**`);

/** Pages of a folder by the titles in their first headings, in the order of their names. */
function pagesOf(folder: string): { text: string; link: string }[] {
  return readdirSync(new URL(`${folder}/`, DOCS))
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .sort()
    .map((name) => {
      const title = /^# (.*)$/m.exec(readFileSync(new URL(`${folder}/${name}`, DOCS), 'utf8'))?.[1];
      return { text: title ?? name, link: `/docs/${folder}/${name.replace(/\.md$/, '')}` };
    });
}

export default defineConfig({
  title: 'Quittance',
  description: 'A ZK and optimistic rollup for payments on EVM chains',
  lang: 'en',
  // The root: documents there are linked from those here.
  srcDir: fileURLToPath(ROOT),
  srcExclude: OTHER_FOLDERS,
  outDir: fileURLToPath(new URL('build/site', ROOT)),
  cacheDir: fileURLToPath(new URL('build/site-cache', ROOT)),
  rewrites: { 'README.md': 'index.md', 'docs/adr/README.md': 'docs/adr/index.md' },
  cleanUrls: true,
  // Braces in headings are paths of the interface.
  markdown: { attrs: { disable: true } },
  // Links to files that are no pages are for readers of the repository.
  ignoreDeadLinks: [/\/(?:packages|examples|ops|scripts|contracts|circuits|sequencer|cli|test)\//, /LICENSE/],
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Tutorials', link: '/docs/tutorials/first-payment' },
      { text: 'How to', link: '/docs/how-to/README' },
      { text: 'Reference', link: '/docs/reference/README' },
      { text: 'Explanation', link: '/docs/explanation/trust' },
    ],
    sidebar: [
      { text: 'Tutorials', items: pagesOf('tutorials') },
      { text: 'How to', items: pagesOf('how-to') },
      { text: 'Reference', items: [...pagesOf('reference'), { text: 'JSON-RPC: how it behaves', link: '/docs/rpc' }] },
      {
        text: 'Explanation',
        items: [
          ...pagesOf('explanation'),
          { text: 'Protocol', link: '/docs/protocol' },
          { text: 'Threat model', link: '/docs/threat-model' },
          { text: 'Performance', link: '/docs/performance' },
          { text: 'Architecture', link: '/ARCHITECTURE' },
        ],
      },
      { text: 'Decisions', collapsed: true, items: pagesOf('adr') },
    ],
  },
});
