/** A message as we send it: Discord's JSON, and its files beside it. */
export interface MessageBody {
  content?: string;
  embeds?: object[];
  components?: object[];
  flags?: number;
  allowed_mentions?: { parse: string[]; users?: string[]; roles?: string[] };
  /** Describes the files by their place among them. */
  attachments?: object[];
  files?: FileUpload[];
}

/** A file to send; `attachment://<name>` in an embed shows it. */
export interface FileUpload {
  name: string;
  data: Buffer;
}

/** Where an incoming webhook takes messages: the two parts of its URL that matter. */
export interface Webhook {
  id: string;
  token: string;
}

/**
 * A message as a request of discord.js (reference page, "Uploading Files"). It pings nobody unless it names itself who
 * may be: Discord would ping everybody that it finds.
 * @param more what only some requests have
 */
export function requestOf({ files, ...body }: MessageBody, more: object = {}) {
  return {
    body: { allowed_mentions: { parse: [] }, ...body, ...more },
    ...(files && files.length > 0 && { files }),
  };
}

/** The callback types that show a message: a new one, a changed one. */
const SHOWS_A_MESSAGE = new Set([4, 7]);

/** The first answer to an interaction as a request. */
export function callbackOf({ type, data }: { type: number; data?: object }) {
  if (!data || !SHOWS_A_MESSAGE.has(type)) return { body: { type, ...(data && { data }) } };
  const { body, ...files } = requestOf(data);
  return { body: { type, data: body }, ...files };
}

/** A webhook shows components only when it is asked to (resources/webhook, "Execute Webhook"). */
export function webhookQuery({ components = [] }: MessageBody, more: Record<string, string> = {}): URLSearchParams {
  return new URLSearchParams({ ...more, ...(components.length > 0 && { with_components: 'true' }) });
}
