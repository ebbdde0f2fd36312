import { DiscordError } from '../api/errors.ts';
import type { JsonObject } from '../json.ts';

/** Errors of the token endpoint (RFC 6749, section 5.2) and of the authorize page (section 4.1.2.1). */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'
  | 'invalid_scope'
  | 'access_denied';

/** A refusal of OAuth2, whose body is not that of Discord's other errors. */
export class OAuthError extends DiscordError {
  readonly error: OAuthErrorCode;

  constructor(error: OAuthErrorCode, description: string) {
    super(error === 'invalid_client' ? 401 : 400, 0, description);
    this.error = error;
  }

  override body(): JsonObject {
    return { error: this.error, error_description: this.message };
  }
}
