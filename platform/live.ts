/** True where an API base is Discord's own, under any of its names. */
export function isLive(apiBase: string): boolean {
  return /(^|\.)discord(app)?\.com$/.test(new URL(apiBase).hostname);
}
