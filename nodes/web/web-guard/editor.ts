import { COLOURS } from '../../kit/editor/colours.ts';
import type { EditorTable } from '../../kit/editor/table.ts';

const WITH_KEY = { access: ['key'] };

export default {
  colour: COLOURS.web,
  icon: 'guildhall-web-guard.svg',
  fields: [
    { kind: 'config', name: 'community', type: 'guildhall-community', icon: 'users', required: true },
    { kind: 'select', name: 'access', icon: 'lock' },
    { kind: 'select', name: 'scope', icon: 'key', showIf: WITH_KEY },
    { kind: 'number', name: 'mostKilobytes', icon: 'archive' },
    { kind: 'number', name: 'mostCalls', icon: 'tachometer' },
    { kind: 'text', name: 'parameters', icon: 'question' },
  ],
  label: ({ access, scope }, t) =>
    access === 'public' ? t('labels.public') : t('labels.key', { scope: String(scope ?? '') }),
} satisfies EditorTable;
