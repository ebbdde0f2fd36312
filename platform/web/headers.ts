/** What every answer outside the editor says to browsers: no guessing at types, no address to other sites, no frames. */
export const PUBLIC_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
} as const;
