import { isObject, type JsonObject, list } from '../json.ts';
import type { Call } from './route.ts';

/** Keeps the files that came with a request and returns their attachment objects (docs: reference, "Uploading Files"). */
export function attach({ world, files, body }: Pick<Call, 'world' | 'files' | 'body'>): JsonObject[] {
  return files.map((file) => {
    const number = /^files\[(\d+)\]$/.exec(file.field)?.[1];
    const described = list(body.attachments).find((item) => isObject(item) && String(item.id) === number);
    const id = world.newId();
    world.files.save(id, file.content);
    const url = `http://${world.host}/attachments/${id}/${encodeURIComponent(file.name)}`;
    return {
      id,
      filename: file.name,
      size: file.content.length,
      url,
      proxy_url: url,
      content_type: file.type,
      ...(isObject(described) && typeof described.description === 'string'
        ? { description: described.description }
        : {}),
    };
  });
}
