import type { RequestHandler } from 'express';

/**
 * Node-RED's editor shows the answer to a failed deploy as it is, JSON and all: it gets the sentence alone. Programs,
 * which do not send the header of a browser's own script, keep the JSON with its code.
 */
export const deployErrorsInWords: RequestHandler = (request, response, next) => {
  if (request.method === 'POST' && request.path === '/flows' && request.get('x-requested-with') === 'XMLHttpRequest') {
    const { json } = response;
    response.json = (body: unknown) => {
      const { message } = (body ?? {}) as { message?: unknown };
      if (response.statusCode < 400 || typeof message !== 'string') return json.call(response, body);
      // The editor puts it into its page as HTML.
      const escaped = message.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
      return response.type('text/plain').send(escaped);
    };
  }
  next();
};
