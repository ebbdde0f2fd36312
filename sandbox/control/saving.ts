import type { JsonObject } from '../json.ts';
import { DocumentError, readDocument, writeDocument } from '../state/document.ts';
import { timestamp, type World } from '../world.ts';
import { ControlError } from './errors.ts';

/** The largest document that is loaded: its files in base64 and much else. */
export const DOCUMENT_BYTES = 128 * 1024 * 1024;

/** The whole state as one document. */
export function save({ store, files }: World): JsonObject {
  return writeDocument(store, files);
}

/** Replaces the whole state by a document, or says what is wrong with it; clients of the gateway begin anew. */
export function load(world: World, document: JsonObject): JsonObject {
  const { application, newId, store, files, gateway } = world;
  const loaded = (() => {
    try {
      return readDocument(document, { application, newId, host: world.host, joinedAt: () => timestamp(world) });
    } catch (error) {
      if (error instanceof DocumentError) throw new ControlError(400, error.message);
      throw error;
    }
  })();
  const gone = store.all('guilds').filter(({ id }) => !loaded.records.guilds.has(id));
  for (const { id } of gone) gateway.dispatch('GUILD_DELETE', { id }, { guildId: id });
  for (const [id, content] of loaded.files) files.save(id, content);
  store.replace(loaded.records);
  files.keepOnly(new Set(loaded.files.keys()));
  gateway.endSessions();
  return { guilds: store.all('guilds').map(({ id, name }) => ({ id, name })) };
}
