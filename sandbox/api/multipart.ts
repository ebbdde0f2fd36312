import type { UploadedFile } from './route.ts';

export interface Upload {
  /** The text of `payload_json`, empty when there is none. */
  json: string;
  files: UploadedFile[];
}

/** Reads a multipart body: `payload_json` and `files[n]` (docs: reference, "Uploading Files"); throws when it is broken. */
export async function readMultipart(bytes: Buffer, contentType: string): Promise<Upload> {
  const response = new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } });
  const form = await response.formData();
  const upload: Upload = { json: '', files: [] };
  for (const [field, value] of form) {
    if (typeof value === 'string') {
      if (field === 'payload_json') upload.json = value;
      continue;
    }
    const content = Buffer.from(await value.arrayBuffer());
    upload.files.push({ field, name: fileName(value.name), type: value.type || 'application/octet-stream', content });
  }
  return upload;
}

/** Discord keeps letters, digits, `-`, `_` and `.` of a file's name. */
function fileName(name: string): string {
  return name.replace(/[^\p{L}\p{N}._-]+/gu, '_').slice(0, 255) || 'unknown';
}
