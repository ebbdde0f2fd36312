import type { NodeAPI } from 'node-red';
import { serveAdmin } from '../kit/admin.ts';
import { overviewRoutes } from './overview.ts';
import { REHEARSAL_ROUTES } from './rehearsal.ts';

/**
 * The runtime's side of the sidebar tab "Discord": what the tab asks for. Node-RED loads plugins with `require()`, so
 * nothing that is imported from here may await at its top.
 */
export default function sidebar(RED: NodeAPI): void {
  const { guildhallSetup = null } = RED.settings as { guildhallSetup?: string };
  serveAdmin(RED, [...overviewRoutes(guildhallSetup), ...REHEARSAL_ROUTES]);
}
