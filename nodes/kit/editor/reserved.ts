/**
 * Properties that Node-RED's editor keeps on a node beside its settings. A setting of such a name is overwritten while
 * the editor runs, and the next deploy saves what stands there. They are what
 * `@node-red/editor-client/public/red/red.js` (5.0) sets, by the part of it that does.
 */
const KEPT_BY_EDITOR: Readonly<Record<string, string>> = {
  'nodes.js':
    'id type z x y g l d wires inputs outputs icon info inputLabels outputLabels changed users label credentials',
  'nodes.js, of nodes that it does not know': 'modules',
  'subflow.js and group.js': 'in out env nodes style meta category color',
  'red.js, what the runtime says': 'status dirtyStatus',
  'editor.js': 'valid validationErrors infoEditor',
  'view.js': 'w h ox oy dx dy dirty moved selected highlighted resize added statusHeight minWidth labels groupMoved',
};

const KEPT = new Set(Object.values(KEPT_BY_EDITOR).flatMap((names) => names.split(' ')));
/** Node-RED says that all of these are its own: https://nodered.org/docs/creating-nodes/properties */
const ITS_OWN = /^(.|_.*)$/;

/** Whether Node-RED's editor uses a name for itself, so that no setting may have it. */
export const isReserved = (name: string): boolean => KEPT.has(name) || ITS_OWN.test(name);
