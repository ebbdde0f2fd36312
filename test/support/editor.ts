import type { Locator, Page } from 'playwright-core';
import type { Guildhall } from './guildhall.ts';

/** Node-RED's editor as a person uses it, signed in, in a page of a real browser. */
export class Editor {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  /**
   * Opens the editor and signs in.
   * @param page a fresh page of the browser
   */
  static async open(page: Page, hall: Guildhall): Promise<Editor> {
    const editor = new Editor(page);
    await page.goto(`${hall.base}/editor/`);
    await page.fill('#node-dialog-login-username', 'admin');
    await page.fill('#node-dialog-login-password', 'a long enough password');
    await page.click('#node-dialog-login-submit');
    await editor.loaded();
    return editor;
  }

  /** Waits until the palette and the flows are there. */
  async loaded(): Promise<void> {
    await this.page.waitForFunction(() => {
      const { RED } = globalThis as unknown as { RED?: { nodes?: { getType(type: string): unknown } } };
      return Boolean(RED?.nodes?.getType('guildhall-reply'));
    });
    await this.page.locator('#red-ui-header-button-deploy').waitFor();
  }

  /** Makes an empty tab and shows it. @returns its id */
  async addTab(): Promise<string> {
    const before = await this.tab();
    await this.page
      .locator('#red-ui-workspace .red-ui-tab-button a[id*="add-tab"], .red-ui-tab-button .fa-plus')
      .first()
      .click();
    await this.page.waitForFunction((old) => (globalThis as unknown as Red).RED.workspaces.active() !== old, before);
    return this.tab();
  }

  /** The id of the tab that is shown. */
  tab(): Promise<string> {
    return this.page.evaluate(() => (globalThis as unknown as Red).RED.workspaces.active());
  }

  /** Shows a tab. */
  async show(tab: string): Promise<void> {
    await this.page.evaluate((id) => (globalThis as unknown as Red).RED.workspaces.show(id), tab);
  }

  /** Shows every tab once, and waits until all that lies on it is drawn: only then the editor fits groups to their nodes. */
  async showAll(): Promise<void> {
    const tabs = await this.page.evaluate(() => (globalThis as unknown as Red).RED.nodes.getWorkspaceOrder());
    for (const tab of tabs) {
      await this.show(tab);
      await this.page.waitForFunction((z) => {
        const { RED } = globalThis as unknown as Red;
        const drawn = [...RED.nodes.filterNodes({ z }), ...RED.nodes.groups(z)];
        return drawn.every(({ dirty, w }) => !dirty && w !== undefined);
      }, tab);
    }
  }

  /** How wide the editor's font makes a text at 100 pixels. */
  widthOf(text: string): Promise<number> {
    return this.page.evaluate((shown) => {
      const pen = document.createElement('canvas').getContext('2d');
      if (!pen) return 0;
      pen.font = `100px ${getComputedStyle(document.querySelector('.red-ui-flow-node-label') ?? document.body).fontFamily}`;
      return pen.measureText(shown).width;
    }, text);
  }

  /** The properties that the editor holds on nodes, beside those that it saves as settings. */
  ownProperties(): Promise<string[]> {
    return this.page.evaluate(() => {
      const { RED } = globalThis as unknown as Red;
      const nodes = RED.nodes.filterNodes({});
      RED.nodes.eachConfig((node) => Boolean(nodes.push(node)));
      const ours = nodes.filter(({ type }) => type.startsWith('guildhall-'));
      return [...new Set(ours.flatMap((node) => Object.keys(node).filter((name) => !(name in node._def.defaults))))];
    });
  }

  /** Waits until nodes of a type show a badge. */
  async badge(type: string): Promise<void> {
    await this.page.waitForFunction(
      (wanted) => (globalThis as unknown as Red).RED.nodes.filterNodes({ type: wanted }).some(({ status }) => status),
      type,
    );
  }

  /**
   * Drags a node from the palette onto the tab.
   * @param type such as `guildhall-reply`
   * @param x pixels from the canvas' left edge, as shown
   * @returns the new node's id
   */
  async drag(type: string, x: number, y: number): Promise<string> {
    const known = await this.nodes();
    const item = this.page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
    await item.scrollIntoViewIfNeeded();
    await item.dragTo(this.page.locator('#red-ui-workspace-chart'), { targetPosition: { x, y }, steps: 8 });
    return this.added(known);
  }

  /** The id of the node that has come onto the canvas, once it has. */
  private async added(known: { id: string }[]): Promise<string> {
    await this.page.waitForFunction(
      (count) => (globalThis as unknown as Red).RED.nodes.filterNodes({}).length > count,
      known.length,
    );
    const added = (await this.nodes()).find(({ id }) => !known.some((node) => node.id === id));
    if (!added) throw new Error('no node came onto the canvas');
    return added.id;
  }

  /**
   * Drops a node from the palette on the wire between two others, which puts it between them.
   * @returns the new node's id
   */
  async dropOnWire(type: string, from: string, to: string): Promise<string> {
    const known = await this.nodes();
    const item = this.page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
    await item.scrollIntoViewIfNeeded();
    await item.hover();
    const { x, y } = await this.middleOfWire(from, to);
    const { mouse } = this.page;
    await mouse.down();
    await mouse.move(x - 30, y + 60, { steps: 8 });
    await mouse.move(x, y, { steps: 8 });
    // The editor looks now and then which wire is below.
    await this.page.locator('.red-ui-flow-link-splice').waitFor({ state: 'attached' });
    await mouse.up();
    return this.added(known);
  }

  /** Takes a wire away. */
  async cut(from: string, to: string, output = 0): Promise<void> {
    const { x, y } = await this.middleOfWire(from, to, output);
    await this.page.mouse.click(x, y);
    await this.page.keyboard.press('Delete');
  }

  /** Where a wire between two nodes is, in pixels of the page. */
  private async middleOfWire(from: string, to: string, output = 0): Promise<{ x: number; y: number }> {
    const ports = [this.output(from, output), this.input(to)];
    const boxes = await Promise.all(ports.map((port) => port.boundingBox()));
    const [start, end] = boxes.map((box) => {
      if (!box) throw new Error(`no wire leads from ${from} to ${to}`);
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    }) as [{ x: number; y: number }, { x: number; y: number }];
    return { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 };
  }

  /** All flows as the editor would save them now. */
  saved(): Promise<{ [property: string]: unknown; id: string }[]> {
    return this.page.evaluate(() => (globalThis as unknown as Red).RED.nodes.createCompleteNodeSet());
  }

  private nodes(): Promise<{ id: string; type: string }[]> {
    return this.page.evaluate(() =>
      (globalThis as unknown as Red).RED.nodes.filterNodes({}).map(({ id, type }) => ({ id, type })),
    );
  }

  /** Draws a wire from an output to a node's input with the mouse. */
  async wire(from: string, to: string, output = 0): Promise<void> {
    await this.output(from, output).dragTo(this.input(to), { steps: 8 });
  }

  private output(id: string, output: number): Locator {
    return this.node(id).locator('.red-ui-flow-port-output .red-ui-flow-port').nth(output);
  }

  private input(id: string): Locator {
    return this.node(id).locator('.red-ui-flow-port-input .red-ui-flow-port');
  }

  /** A node on the canvas. */
  node(id: string): Locator {
    return this.page.locator(`g.red-ui-flow-node-group[id="${id}"]`);
  }

  /** Opens a node's dialog by a double click. @returns the dialog */
  async edit(id: string): Promise<Locator> {
    await this.node(id).locator('.red-ui-flow-node').first().dblclick();
    await this.page.locator('#node-dialog-ok').waitFor();
    // It slides in, and then takes the focus: what is typed before that goes astray.
    await this.page.waitForFunction(() => document.activeElement?.closest('.red-ui-tray-body') ?? null);
    return this.page.locator('.red-ui-tray').last();
  }

  /** Closes the dialog with Done. */
  async done(): Promise<void> {
    await this.page.locator('#node-dialog-ok').click();
    await this.page.locator('#node-dialog-ok').waitFor({ state: 'detached' });
  }

  /** Presses Deploy and waits until Node-RED has taken it. @returns the HTTP status */
  async deploy(): Promise<number> {
    const answer = this.page.waitForResponse(
      (response) => new URL(response.url()).pathname === '/editor/flows' && response.request().method() === 'POST',
    );
    await this.page.locator('#red-ui-header-button-deploy').click();
    return (await answer).status();
  }
}

/** A node as the editor holds it. */
interface Held {
  id: string;
  type: string;
  dirty?: boolean;
  w?: number;
  status?: object;
  _def: { defaults: object };
}

/** What these helpers use of the editor's own global. */
interface Red {
  RED: {
    workspaces: { active(): string; show(id: string): void };
    nodes: {
      filterNodes(filter: object): Held[];
      eachConfig(visit: (node: Held) => boolean): void;
      groups(tab: string): { dirty?: boolean; w?: number }[];
      getWorkspaceOrder(): string[];
      createCompleteNodeSet(): { [property: string]: unknown; id: string }[];
    };
  };
}
