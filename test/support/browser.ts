/** A real browser for tests: Chromium, one a process. Where the machine has none, its tests are not defined, and the run says so. */

import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { leaveOut } from './native.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** Path of a Chromium; undefined where there is none. QUITTANCE_CHROMIUM names another. */
function findChromium(): string | undefined {
  const named = process.env['QUITTANCE_CHROMIUM'];
  if (named !== undefined) return named;
  for (const name of NAMES) {
    try {
      return execFileSync('sh', ['-c', `command -v ${name}`], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    } catch {
      // the next one, then
    }
  }
  return undefined;
}

let browser: Promise<Browser> | undefined;

/** What the camera of pages sees, as a file of raw pictures (Y4M): written before a page opens it. */
export const CAMERA_FILE = join(tmpdir(), `quittance-camera-${process.pid}.y4m`);
process.once('exit', () => rmSync(CAMERA_FILE, { force: true }));

/** A camera that sees this file. Pages need the permission all the same. */
const CAMERA = ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${CAMERA_FILE}`];

/** Chromium of this process; it ends with it. */
export function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('there is no Chromium here: apt-get install chromium');
  // Without the sandbox it runs as root, too; it sees nothing but our own pages.
  browser ??= chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', ...CAMERA],
  });
  return browser;
}

/** `describe` for what needs a browser. */
export function describeBrowser(title: string, define: (this: Mocha.Suite) => void): void {
  if (findChromium() === undefined) leaveOut(title);
  else describe(title, define);
}

/** A page with all that went wrong in it. */
export interface WatchedPage extends Page {
  /** Errors of the console and of scripts, and what the content security policy refused. */
  readonly faults: string[];
}

/** What a browser itself says of a request that failed: expected where a test takes the server away. */
const IS_NETWORK = /Failed to load resource|WebSocket connection to .* failed|net::ERR_/;

/** Opens a page in a context of its own, which closes with it. */
export async function openPage(options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await (await openBrowser()).newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !IS_NETWORK.test(message.text())) faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  await page.exposeFunction('reportViolation', (text: string) => faults.push(`policy: ${text}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      (globalThis as unknown as { reportViolation(text: string): void }).reportViolation(
        `${violatedDirective} ${blockedURI}`,
      );
    });
  });
  // It may be closing already.
  page.on('close', () => void context.close().catch(() => undefined));
  return Object.assign(page, { faults });
}

/** A phone of 360 pixels, whose scrollbars lie over the page. */
export const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

interface AxeViolation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What keeps people from using the page, by axe-core: its serious and critical findings, one a line. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  const violations = (await page.evaluate(async () => {
    const axe = (globalThis as unknown as { axe: { run(): Promise<{ violations: unknown }> } }).axe;
    return (await axe.run()).violations;
  })) as AxeViolation[];
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

/** All text of what a locator finds. */
export async function textOf(locator: Locator): Promise<string> {
  return (await locator.textContent()) ?? '';
}

/** How many pixels the page is wider than its window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
