/** Light, dark, or as the system has it. */

import { keep, readKept } from '../data/storage.ts';
import { createStore } from '../store.ts';

export type Theme = 'system' | 'light' | 'dark';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];
const isTheme = (text: string | undefined): text is Theme => THEMES.includes(text as Theme);

/** What was chosen. */
export const theme = createStore<Theme>('system');

function apply(chosen: Theme): void {
  if (chosen === 'system') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.setAttribute('data-theme', chosen);
  theme.set(chosen);
}

/** Takes up what was chosen at an earlier visit. */
export function startTheme(): void {
  const kept = readKept('theme');
  apply(isTheme(kept) ? kept : 'system');
}

/** The choice after the present one. */
export function nextTheme(): void {
  const next = THEMES[(THEMES.indexOf(theme.get()) + 1) % THEMES.length]!;
  keep('theme', next === 'system' ? undefined : next);
  apply(next);
}

/** Calls back when the colours of the page may have changed. @returns how to stop. */
export function onColours(listener: () => void): () => void {
  const media = matchMedia('(prefers-color-scheme: dark)');
  media.addEventListener('change', listener);
  const stop = theme.watch(listener);
  return () => {
    media.removeEventListener('change', listener);
    stop();
  };
}
