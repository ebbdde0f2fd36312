import { isObject, type JsonObject, list } from './json.ts';
import { COMPONENT } from './rules/components.ts';

const ATTACHMENT = 'attachment://';

/** The name of the file that an `attachment://` address means; undefined for any other address. */
export function attachedName(url: unknown): string | undefined {
  return typeof url === 'string' && url.startsWith(ATTACHMENT) ? url.slice(ATTACHMENT.length) : undefined;
}

/** The attachment that an address means, by its name or as it was told before. */
function attachmentOf(url: unknown, attachments: JsonObject[]): JsonObject | undefined {
  const name = attachedName(url);
  return attachments.find((attachment) => attachment.filename === name || attachment.url === url);
}

/** The address of a file that came with the message, where `attachment://name` means one. */
export function attachedUrl(url: unknown, attachments: JsonObject[]): unknown {
  return attachmentOf(url, attachments)?.url ?? url;
}

/** What components say of pictures and files as they come back (docs: components/reference, "Unfurled Media Item"). */
export function showMedia(components: JsonObject[], attachments: JsonObject[], newId: () => string): JsonObject[] {
  const media = (item: unknown): JsonObject => {
    const url = isObject(item) ? item.url : undefined;
    const attachment = attachmentOf(url, attachments);
    if (attachment === undefined) return { id: newId(), url, proxy_url: url };
    const { id, url: address, content_type } = attachment;
    return { id: newId(), url: address, proxy_url: address, content_type, attachment_id: id };
  };
  const described = (item: JsonObject) => ({ description: null, spoiler: false, ...item, media: media(item.media) });
  const shown: Record<number, (component: JsonObject) => JsonObject> = {
    [COMPONENT.THUMBNAIL]: described,
    [COMPONENT.GALLERY]: (gallery) => ({ ...gallery, items: list(gallery.items).filter(isObject).map(described) }),
    [COMPONENT.FILE]: (file) => {
      const attachment = attachmentOf(isObject(file.file) ? file.file.url : undefined, attachments);
      const { filename: name = null, size = null } = attachment ?? {};
      return { spoiler: false, ...file, file: media(file.file), name, size };
    },
  };
  const show = (component: JsonObject): JsonObject => {
    const own = shown[Number(component.type)]?.(component) ?? { ...component };
    if (Array.isArray(own.components)) own.components = own.components.filter(isObject).map(show);
    if (isObject(own.accessory)) own.accessory = show(own.accessory);
    return own;
  };
  return components.map(show);
}
