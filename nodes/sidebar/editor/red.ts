/** What the tab uses of Node-RED's editor. */

export interface WorkspaceNode {
  id: string;
  type: string;
  name?: string;
  outputs?: number;
  outputLabels?: string[];
  _def: { outputLabels?: string | string[] | ((this: WorkspaceNode, index: number) => string) };
  [setting: string]: unknown;
}

export interface SidebarTab {
  id: string;
  label: string;
  name: string;
  iconClass: string;
  content: HTMLElement;
  enableOnEdit: boolean;
  onchange(): void;
}

export interface PluginDefinition {
  onadd(): void;
  /** Node-RED puts it there before it calls `onadd`. */
  _?(key: string, values?: Record<string, string | number>): string;
}

interface Editor {
  plugins: { registerPlugin(id: string, definition: PluginDefinition): void };
  sidebar: { addTab(tab: SidebarTab): void; show(id: string): void };
  events: { on(event: string, listener: () => void): void };
  actions: { add(id: string, handler: () => void, options?: object): void };
  nodes: {
    node(id: string): WorkspaceNode | null;
    filterNodes(filter: { type: string }): WorkspaceNode[];
  };
  view: { reveal(id: string): void };
  utils: { getNodeLabel(node: WorkspaceNode, fallback: string): string };
  i18n: { lang(): string };
  settings: { get(name: string): { access_token: string } | undefined };
}

export const editor = (globalThis as unknown as { RED: Editor }).RED;
