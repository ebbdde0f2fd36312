import { createHash, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import type { Router } from 'express';
import express from 'express';
import type { Configuration } from '../platform/configuration.ts';
import { examine } from '../platform/doctor/index.ts';
import { keptSecret } from '../platform/secrets.ts';
import type { Platform } from '../platform/start.ts';

/** Where the running program answers `npm run doctor`. */
export const DOCTOR_PATH = '/health/doctor';

/** Whoever may read the data folder may ask; the key lets nobody do anything else. */
export function doctorKey(configuration: Configuration): string {
  return keptSecret(join(configuration.dataFolder, 'secrets', 'doctor-key'), 24);
}

/** Examines the running program for `npm run doctor`, and passes everybody else on to the refusal of unknown paths. */
export function doctorRoute(configuration: Configuration, platform: () => Platform | null): Router {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const right = digest(`Bearer ${doctorKey(configuration)}`);
  const router = express.Router();
  router.get(DOCTOR_PATH, async (request, response, next) => {
    const running = platform();
    if (!running || !timingSafeEqual(digest(request.headers.authorization ?? ''), right)) return next();
    response.json(await examine(running, request.acceptsLanguages()));
  });
  return router;
}
