import { type Cell, cellOf, choiceText } from './cells.ts';
import type { Problem } from './checks.ts';
import { make } from './dom.ts';
import type { Elements } from './red.ts';
import type { Rule } from './rules.ts';
import { type Column, isShown, type ListOf, nestedKey, type Settings, type Translate } from './table.ts';

/** An item's row: a line that says what is in it, and below that its cells, which open and close. */
interface Row {
  summary: HTMLElement;
  details: HTMLElement;
  cells: Map<string, Cell>;
  nested: Map<string, ItemList>;
}

export interface ItemListOptions {
  /** Where its texts are found: the setting's name, or for a list within a list `optionsChoices`. */
  key: string;
  of: ListOf;
  rules: Record<string, Rule>;
  items: Settings[];
  t: Translate;
  changed(): void;
}

const MOST_PARTS = 5;

/** A setting with many items in Node-RED's editable list. */
export class ItemList {
  readonly #list: Elements;
  readonly #options: ItemListOptions;

  /** @param list an `ol` that stands in its place */
  constructor(list: Elements, options: ItemListOptions) {
    this.#list = list;
    this.#options = options;
    const { t, key, items } = options;
    let isFilled = false;
    const changed = () => isFilled && options.changed();
    list.editableList({
      height: 'auto',
      sortable: true,
      removable: true,
      scrollOnAdd: false,
      addButton: t(`add.${key}`),
      addItem: (element, _index, item) => {
        this.#fill(element, item);
        changed();
      },
      removeItem: changed,
      sortItems: changed,
    });
    list.editableList(
      'addItems',
      items.map((item) => ({ ...item })),
    );
    isFilled = true;
    this.refresh();
  }

  /** The items in their order. What an item left out stays left out until it is something other than the default. */
  read(): Settings[] {
    return this.#rows().map(({ element, row }) => this.#readRow(element, row));
  }

  #rows(): { element: Elements; row: Row }[] {
    const rows: { element: Elements; row: Row }[] = [];
    this.#list.editableList('items').each((_index, found) => {
      const element = found as Elements;
      rows.push({ element, row: element.data('row') as Row });
    });
    return rows.filter(({ row }) => row);
  }

  #readRow(element: Elements, row: Row): Settings {
    const given = element.data('data') as Settings;
    const item: Settings = { ...given };
    for (const { name } of this.#options.of.columns) {
      const value = row.nested.get(name)?.read() ?? row.cells.get(name)?.read();
      const initial = this.#options.rules[name]?.initial;
      if (name in given || JSON.stringify(value) !== JSON.stringify(initial)) item[name] = value;
    }
    return item;
  }

  /**
   * Shows of each item what it is and what belongs to it, and marks the cell that a problem lies in.
   * @param at where in this list the problem lies, if it does
   */
  refresh(problem: Problem | null = null, depth = 0): void {
    const { of, rules } = this.#options;
    const at = problem?.at?.[depth];
    const rows = this.#rows();
    this.#list.closest('.red-ui-editableList').toggleClass('guildhall-none', rows.length === 0);
    for (const [index, { element, row }] of rows.entries()) {
      const item = { ...initialOf(rules), ...this.#readRow(element, row) };
      const isWrong = at?.item === index + 1;
      row.summary.replaceChildren(...this.#summary(item));
      row.summary.parentElement?.classList.toggle('guildhall-wrong', isWrong);
      for (const column of of.columns) {
        const cell = row.cells.get(column.name)?.element ?? row.details.querySelector(`[data-column="${column.name}"]`);
        if (!(cell instanceof HTMLElement)) continue;
        cell.style.display = isShown(column, item) ? '' : 'none';
        const isThis = isWrong && at?.column === column.name;
        for (const input of cell.querySelectorAll(':scope > input, :scope > select, :scope > textarea'))
          input.classList.toggle('input-error', isThis);
        row.nested.get(column.name)?.refresh(isThis ? problem : null, depth + 1);
      }
    }
  }

  #fill(element: Elements, item: Settings): void {
    const { of, rules, key, t } = this.#options;
    const isNew = Object.keys(item).length === 0;
    const row: Row = {
      summary: make('span', { class: 'guildhall-summary' }),
      details: make('div', { class: 'guildhall-cells' }),
      cells: new Map(),
      nested: new Map(),
    };
    const toggle = make(
      'button',
      { type: 'button', class: 'guildhall-toggle' },
      make('i', { class: 'fa fa-caret-right', 'aria-hidden': 'true' }),
      row.summary,
    );
    const open = (isOpen: boolean) => {
      toggle.setAttribute('aria-expanded', String(isOpen));
      row.details.style.display = isOpen ? '' : 'none';
    };
    toggle.addEventListener('click', () => open(row.details.style.display === 'none'));
    (element[0] as HTMLElement).append(toggle, row.details);
    element.data('row', row);
    for (const column of of.columns) {
      const rule = rules[column.name] ?? {};
      const value = item[column.name] ?? rule.initial;
      if (column.kind === 'list') {
        this.#nest(row, column, rule, value);
        continue;
      }
      const cell = cellOf(column, `${key}.${column.name}`, rule, t);
      cell.write(value);
      cell.element.dataset.column = column.name;
      cell.element.style.gridColumn = `span ${column.span ?? 12}`;
      row.cells.set(column.name, cell);
      row.details.append(cell.element);
    }
    // What has no name yet waits for one.
    open(isNew || (of.unique !== undefined && item[of.unique] === ''));
    if (isNew) setTimeout(() => row.details.querySelector('input')?.focus());
  }

  #nest(row: Row, column: Column & { kind: 'list' }, rule: Rule, value: unknown): void {
    const { key, t, changed } = this.#options;
    const list = make('ol');
    const label = make('span', { class: 'guildhall-label' }, t(`columns.${key}.${column.name}`));
    row.details.append(make('div', { class: 'guildhall-cell', 'data-column': column.name }, label, list));
    const nested = new ItemList($(list), {
      key: nestedKey(key, column.name),
      of: column,
      rules: rule.items ?? {},
      items: Array.isArray(value) ? value : [],
      t,
      changed,
    });
    row.nested.set(column.name, nested);
  }

  /** What an item is, in one line: the first thing that it has stands out. */
  #summary(item: Settings): Node[] {
    const { of, t } = this.#options;
    const parts = (of.summary?.(item, t) ?? of.columns.map((column) => this.#part(column, item))).filter(Boolean);
    const [first = t('emptyItem'), ...others] = parts.slice(0, MOST_PARTS);
    const rest = others.map((part) => ` · ${part}`).join('');
    return [make('b', {}, first), document.createTextNode(rest)];
  }

  #part(column: Column, item: Settings): string {
    const { key, t, rules } = this.#options;
    const value = item[column.name];
    if (!isShown(column, item) || value === '' || value === undefined || column.kind === 'ticks') return '';
    if (column.kind === 'number' && value === rules[column.name]?.initial) return '';
    if (column.kind === 'checkbox') return value === true ? t(`columns.${key}.${column.name}`) : '';
    if (column.kind === 'select') return choiceText(column, `${key}.${column.name}`, String(value), t);
    if (column.kind !== 'list') return String(value);
    const { length } = value as unknown[];
    return length > 0 ? `${length} × ${t(`columns.${key}.${column.name}`)}` : '';
  }
}

function initialOf(rules: Record<string, Rule>): Settings {
  return Object.fromEntries(Object.entries(rules).map(([name, { initial }]) => [name, initial]));
}
