import * as spec from 'discord-api-spec/zod';
import * as z from 'zod';
import type { $ZodIssue, $ZodType } from 'zod/v4/core';
import { isObject, textLength } from '../json.ts';
import { CHANNEL, isThread } from '../rules/channel.ts';
import type { Channel } from '../state/model.ts';
import type { FormProblem } from './errors.ts';

/** The schema of a body; it may depend on the body itself, or on the channel that the path names. */
export type BodySchema = $ZodType | ((body: unknown, channel: Channel | undefined) => $ZodType | undefined);

const snowflake = z.string().regex(/^\d+$/);
/** A bit set: digits in a text, or a number. */
const bits = z.union([z.string().regex(/^\d+$/), z.int().min(0)]);

/** Callback bodies are no union in the published document: `type` decides (docs: interactions/receiving). */
const CALLBACKS = new Map<unknown, $ZodType>([
  [1, spec.PongInteractionCallbackRequestSchema],
  [4, spec.CreateMessageInteractionCallbackRequestSchema],
  [5, spec.CreateMessageInteractionCallbackRequestSchema],
  [6, spec.UpdateMessageInteractionCallbackRequestSchema],
  [7, spec.UpdateMessageInteractionCallbackRequestSchema],
  [8, spec.ApplicationCommandAutocompleteCallbackRequestSchema],
  [9, spec.ModalInteractionCallbackRequestSchema],
]);
const anyCallback = z.object({ type: z.literal([1, 4, 5, 6, 7, 8, 9]) });

const address = z.url().max(2048).nullish();

/** Bodies of the routes; those that the published document writes inline are written here. */
export const BODY = {
  applicationEdit: z.object({
    // The documentation says a text, the published document an object with its localizations.
    description: z.union([z.string().max(400), z.object({ default: z.string().max(400) })]).nullish(),
    tags: z.array(z.string().max(20)).max(5).nullish(),
    flags: z.int().nullish(),
    install_params: z.looseObject({ scopes: z.array(z.string()), permissions: z.string() }).nullish(),
    interactions_endpoint_url: address,
    role_connections_verification_url: address,
    custom_install_url: address,
    event_webhooks_types: z.array(z.string()).nullish(),
  }),
  callback: (body) => CALLBACKS.get(isObject(body) ? body.type : undefined) ?? anyCallback,
  commandCreate: spec.ApplicationCommandCreateRequestSchema,
  commandEdit: spec.ApplicationCommandPatchRequestPartialSchema,
  commandSet: z.array(spec.ApplicationCommandUpdateRequestSchema),
  dmCreate: spec.CreatePrivateChannelRequestSchema,
  messageCreate: spec.MessageCreateRequestSchema,
  messageEdit: spec.MessageEditRequestPartialSchema,
  webhookCreate: spec.IncomingWebhookRequestPartialSchema,
  webhookEdit: spec.IncomingWebhookUpdateRequestPartialSchema,
  memberAdd: spec.BotAddGuildMemberRequestSchema,
  memberEdit: z.object({
    nick: z.string().max(32).nullish(),
    roles: z.array(snowflake).nullish(),
    mute: z.boolean().nullish(),
    deaf: z.boolean().nullish(),
    channel_id: snowflake.nullish(),
    communication_disabled_until: z.iso.datetime({ offset: true }).nullish(),
    flags: z.int().nullish(),
  }),
  roleConnection: spec.UpdateApplicationUserRoleConnectionRequestSchema,
  selfEdit: z.object({
    nick: z.string().max(32).nullish(),
    avatar: z.string().nullish(),
    banner: z.string().nullish(),
    bio: z.string().max(190).nullish(),
  }),
  banCreate: spec.BanUserFromGuildRequestSchema,
  bulkBan: spec.BulkBanUsersRequestSchema,
  roleCreate: spec.CreateRoleRequestSchema,
  roleEdit: spec.UpdateRoleRequestPartialSchema,
  rolePositions: z.array(spec.UpdateRolePositionsRequestSchema),
  guildEdit: spec.GuildPatchRequestPartialSchema,
  channelCreate: spec.CreateGuildChannelRequestSchema,
  channelOrThreadEdit: (_, channel) =>
    channel !== undefined && isThread(channel)
      ? spec.UpdateThreadRequestPartialSchema
      : spec.UpdateGuildChannelRequestPartialSchema,
  channelPositions: z.array(
    z.object({
      id: snowflake.nullish(),
      position: z.int().min(0).nullish(),
      parent_id: snowflake.nullish(),
      lock_permissions: z.boolean().nullish(),
    }),
  ),
  overwrite: z.object({ type: z.literal([0, 1]).nullish(), allow: bits.nullish(), deny: bits.nullish() }),
  threadFromMessage: spec.CreateTextThreadWithMessageRequestSchema,
  threadOrPostCreate: (_, channel) =>
    channel?.type === CHANNEL.FORUM
      ? spec.CreateForumThreadRequestSchema
      : spec.CreateTextThreadWithoutMessageRequestSchema,
  inviteCreate: spec.CreateGuildInviteRequestSchema,
  hookCreate: z.object({ name: z.string().min(1).max(80), avatar: z.string().nullish() }),
  hookEdit: z.object({
    name: z.string().min(1).max(80).optional(),
    avatar: z.string().nullish(),
    channel_id: snowflake.nullish(),
  }),
  bulkDelete: z.object({ messages: z.array(snowflake).min(2).max(100) }),
  metadata: z.array(spec.ApplicationRoleConnectionsMetadataItemRequestSchema).max(5).nullable(),
  ownVoiceState: spec.UpdateSelfVoiceStateRequestPartialSchema,
  voiceState: spec.UpdateVoiceStateRequestPartialSchema,
  accountEdit: z.object({
    username: z.string().min(2).max(32).optional(),
    avatar: z.string().nullish(),
    banner: z.string().nullish(),
  }),
} satisfies Record<string, BodySchema>;

/**
 * Judges a body by its schema. Returns what is wrong with it, worst guesses of zod left out:
 * bit sets may be strings of digits, text counts by code points, dates may carry an offset.
 */
export function problemsOf(schema: BodySchema, body: unknown, channel?: Channel): FormProblem[] {
  const chosen = typeof schema === 'function' ? schema(body, channel) : schema;
  if (chosen === undefined) return [];
  const result = z.safeParse(chosen, body);
  return result.success ? [] : result.error.issues.flatMap((issue) => problems(issue, body, []));
}

function problems(issue: $ZodIssue, body: unknown, prefix: readonly PropertyKey[]): FormProblem[] {
  const path = [...prefix, ...issue.path];
  const value = valueAt(body, path);
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.map((branch) => ({
      kind: branch.some((inner) => inner.path.length === 1 && inner.path[0] === 'type'),
      found: branch.flatMap((inner) => problems(inner, body, path)),
    }));
    if (branches.some(({ found }) => found.length === 0) && branches.length > 0) return [];
    const best = branches.find(({ kind }) => !kind) ?? branches[0];
    return best === undefined || best.kind
      ? [problem(path, 'UNION_TYPE_CHOICES', 'Value matches no choice.')]
      : best.found;
  }
  if (issue.code === 'invalid_type') {
    const wanted = String(issue.expected);
    if ((wanted === 'number' || wanted === 'int') && typeof value === 'string' && /^\d+$/.test(value)) return [];
    if (value === undefined) return [problem(path, 'BASE_TYPE_REQUIRED', 'This field is required')];
    return [problem(path, 'BASE_TYPE_BAD_TYPE', `Must be of type ${wanted}.`)];
  }
  if (issue.code === 'too_big' || issue.code === 'too_small') {
    const limit = Number(issue.code === 'too_big' ? issue.maximum : issue.minimum);
    if (typeof value === 'string') {
      const length = textLength(value);
      if (issue.code === 'too_big' ? length <= limit : length >= limit) return [];
    }
    const big = issue.code === 'too_big';
    if (typeof value === 'string' || Array.isArray(value)) {
      const code = big ? 'BASE_TYPE_MAX_LENGTH' : 'BASE_TYPE_MIN_LENGTH';
      return [problem(path, code, `Must be ${limit} or ${big ? 'fewer' : 'more'} in length.`)];
    }
    const order = big ? 'less' : 'greater';
    return [
      problem(path, big ? 'NUMBER_TYPE_MAX' : 'NUMBER_TYPE_MIN', `Value should be ${order} than or equal to ${limit}.`),
    ];
  }
  if (issue.code === 'invalid_format') {
    if (issue.format === 'datetime' && typeof value === 'string' && !Number.isNaN(Date.parse(value))) return [];
    const code = issue.format === 'url' ? 'URL_TYPE_INVALID_URL' : 'STRING_TYPE_REGEX';
    return [problem(path, code, issue.format === 'url' ? 'Not a well formed URL.' : `Not a valid ${issue.format}.`)];
  }
  if (issue.code === 'invalid_value') {
    return [problem(path, 'BASE_TYPE_CHOICES', `Value must be one of (${issue.values.map(String).join(', ')}).`)];
  }
  return [problem(path, 'BASE_TYPE_INVALID', issue.message || 'Invalid value.')];
}

function problem(path: readonly PropertyKey[], code: string, message: string): FormProblem {
  return { path: path.map((key) => (typeof key === 'number' ? key : String(key))), code, message };
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value = body;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
