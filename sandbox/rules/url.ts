import type { FormCheck } from '../api/errors.ts';

/** Refuses an address that Discord would not link to. */
export function checkUrl(url: string, attachment: boolean, form: FormCheck): void {
  const parsed = URL.parse(url);
  if (parsed === null) {
    form.add('URL_TYPE_INVALID_URL', 'Not a well formed URL.');
    return;
  }
  const schemes = attachment ? ['http:', 'https:', 'attachment:'] : ['http:', 'https:'];
  if (!schemes.includes(parsed.protocol)) {
    const names = schemes.map((scheme) => `'${scheme.slice(0, -1)}'`).join(', ');
    form.add(
      'URL_TYPE_INVALID_SCHEME',
      `Scheme "${parsed.protocol.slice(0, -1)}" is not supported. Scheme must be one of (${names}).`,
    );
  }
}
