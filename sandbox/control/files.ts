import * as z from 'zod';
import type { UploadedFile } from '../api/route.ts';
import { ControlError } from './errors.ts';

/** The most that members without Nitro can upload (docs: reference, "Uploading Files"). */
const FILE_BYTES = 10 * 1024 * 1024;
/** A control body with files in it; base64 makes them longer by a third. */
export const UPLOAD_BODY = 2 * FILE_BYTES;

const files = z
  .array(
    z.strictObject({
      name: z.string().min(1).max(260),
      type: z.string().max(100).default('application/octet-stream'),
      content: z.base64(),
    }),
  )
  .max(10)
  .default([]);

/** The files of a control body: `[{name, type?, content}]`, the content in base64. */
export function filesIn(given: unknown): UploadedFile[] {
  const result = files.safeParse(given ?? undefined);
  if (!result.success) {
    throw new ControlError(400, '"files" must be a list of {name, type, content}, the content in base64');
  }
  return result.data.map(({ name, type, content }, index) => {
    const bytes = Buffer.from(content, 'base64');
    if (bytes.length > FILE_BYTES) throw new ControlError(413, `the file "${name}" is larger than 10 MB`);
    return { field: `files[${index}]`, name: name.replaceAll(/[/\\]/g, '_'), type, content: bytes };
  });
}
