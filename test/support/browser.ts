import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Context } from 'mocha';
import { type Browser, chromium, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const ELSEWHERE = ['/usr/bin/chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];
/** A quiet browser: it works as root and without a graphics card, and asks nothing of the network by itself. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface PageOptions {
  width?: number;
  height?: number;
  dark?: boolean;
  /** Such as `de-DE`; `en-GB` unless told otherwise. */
  locale?: string;
}

/** Chromium for one spec file. */
export interface TestBrowser {
  browser: Browser;
  /** What pages said went wrong so far: console errors and exceptions that nobody caught. */
  problems: string[];
  /** Opens an address in a window with a storage of its own: 1280 × 800 and light, unless told otherwise. */
  newPage(url: string, options?: PageOptions): Promise<Page>;
  close(): Promise<void>;
}

/** Where this machine's Chromium lies: `CHROMIUM_PATH`, or the first of its names on the PATH. */
export function findBrowser(): string | undefined {
  const { CHROMIUM_PATH, PATH = '' } = process.env;
  const named = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return CHROMIUM_PATH || [...named, ...ELSEWHERE].find((path) => existsSync(path));
}

/**
 * Opens Chromium; call it in a `before` with its context: `browser = await openBrowser(this)`.
 * Without one the specs of that `describe` are skipped; where `CI` is set they fail.
 */
export async function openBrowser(context: Context): Promise<TestBrowser> {
  const executablePath = findBrowser();
  if (executablePath === undefined) {
    const how = 'install Chromium, or name one in CHROMIUM_PATH';
    if (process.env.CI) throw new Error(`there is no browser: ${how}`);
    console.log(`    skipped for want of a browser: ${how}`);
    return context.skip();
  }
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  const problems: string[] = [];
  return {
    browser,
    problems,
    async newPage(url, { width = 1280, height = 800, dark = false, locale = 'en-GB' } = {}) {
      const page = await browser.newPage({
        viewport: { width, height },
        colorScheme: dark ? 'dark' : 'light',
        locale,
        timezoneId: 'UTC',
        // Nothing moves while a test looks.
        reducedMotion: 'reduce',
      });
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(`${message.text()} (${message.location().url})`);
      });
      page.on('pageerror', (error) => problems.push(String(error)));
      // A failure names what was waited for before mocha's own patience ends.
      page.setDefaultTimeout(15_000);
      await page.goto(url);
      return page;
    },
    close: () => browser.close(),
  };
}
