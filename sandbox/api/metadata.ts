import { isObject, type JsonObject, list } from '../json.ts';
import { FormCheck, refusal } from './errors.ts';
import { type Answer, type Call, ok, param, type Route } from './route.ts';
import { BODY } from './schemas.ts';

const PATH = '/applications/:application/role-connections/metadata';

/** What linked roles can ask for (docs: resources/application-role-connection-metadata). */
export const METADATA_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: PATH,
    run: (call) => {
      checkOwn(call);
      return ok(call.world.application.role_connections_metadata ?? []);
    },
  },
  { method: 'PUT', path: PATH, schema: BODY.metadata, run: replaceAll },
];

function checkOwn(call: Call): void {
  if (param(call, 'application') !== call.world.application.id) throw refusal(20012);
}

/** Makes the list the whole set of records. */
function replaceAll(call: Call): Answer {
  const { world, raw } = call;
  checkOwn(call);
  const form = new FormCheck();
  const records = list(raw).filter(isObject);
  const seen = new Set<unknown>();
  for (const [index, { key }] of records.entries()) {
    const at = form.at(index, 'key');
    if (!/^[a-z0-9_]{1,50}$/.test(String(key))) at.add('STRING_TYPE_REGEX', 'Must match a-z, 0-9, or _ characters.');
    if (seen.has(key)) at.add('APPLICATION_ROLE_CONNECTION_METADATA_DUPLICATE_KEY', 'Keys must be unique.');
    seen.add(key);
  }
  form.done();
  const kept = records.map(recordFrom);
  world.store.put('application', world.application.id, { ...world.application, role_connections_metadata: kept });
  return ok(kept);
}

function recordFrom({ type, key, name, name_localizations, description, description_localizations }: JsonObject) {
  const localized = {
    ...(isObject(name_localizations) ? { name_localizations } : {}),
    ...(isObject(description_localizations) ? { description_localizations } : {}),
  };
  return { type: Number(type), key, name, description, ...localized };
}
