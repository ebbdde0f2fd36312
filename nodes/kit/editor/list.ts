import type { Problem } from './checks.ts';
import type { Elements } from './red.ts';
import type { Rule } from './rules.ts';
import type { Column, SettingField, Settings, Translate } from './table.ts';
import { keyOf } from './table.ts';

type ListField = SettingField & { kind: 'list' };

/** A setting with many items, each a row of cells in Node-RED's editable list. */
export class ItemList {
  readonly #list: Elements;
  readonly #field: ListField;
  readonly #rules: Record<string, Rule>;
  readonly #t: Translate;
  readonly #head: Elements;

  constructor(
    list: Elements,
    field: ListField,
    rules: Record<string, Rule>,
    items: Settings[],
    t: Translate,
    changed: () => void,
  ) {
    this.#list = list;
    this.#field = field;
    this.#rules = rules;
    this.#t = t;
    this.#head = this.#header();
    list.editableList({
      header: this.#head,
      height: 'auto',
      sortable: true,
      removable: true,
      addButton: t(`add.${field.name}`),
      addItem: (row, _index, item) => {
        this.#fill(row, item);
        changed();
      },
      removeItem: changed,
      sortItems: changed,
    });
    list.editableList(
      'addItems',
      items.map((item) => ({ ...item })),
    );
  }

  /** The items in their order. What an item left out stays left out until it is changed. */
  read(): Settings[] {
    const items: Settings[] = [];
    this.#list.editableList('items').each((_index, element) => {
      const row = element as Elements;
      const given = row.data('data') as Settings;
      const isNew = Object.keys(given).length === 0;
      const item: Settings = { ...given };
      for (const column of this.#field.columns) {
        const value = this.#valueOf(row.find(`[data-column="${column.name}"]`), column);
        if (isNew || column.name in given || value !== this.#rules[column.name]?.initial) item[column.name] = value;
      }
      items.push(item);
    });
    return items;
  }

  /** Marks the cell that a problem lies in. An empty list shows its button alone. */
  mark(problem: Problem | null): void {
    this.#head.closest('.red-ui-editableList-border').toggle(this.#list.editableList('items').length > 0);
    this.#list.editableList('items').each((index, element) => {
      for (const { name } of this.#field.columns) {
        const isWrong = problem?.item === index + 1 && problem.column === name;
        (element as Elements).find(`[data-column="${name}"]`).toggleClass('input-error', isWrong);
      }
    });
  }

  #header(): Elements {
    const header = $('<div class="guildhall-cells guildhall-head"></div>');
    for (const { name, kind, span } of this.#field.columns) {
      $('<span></span>')
        .css('grid-column', `span ${span}`)
        .toggleClass('guildhall-centred', kind === 'checkbox')
        .text(this.#t(`columns.${this.#field.name}.${name}`))
        .appendTo(header);
    }
    return header;
  }

  #fill(row: Elements, item: Settings): void {
    row.addClass('guildhall-cells');
    for (const column of this.#field.columns) {
      const value = item[column.name] ?? this.#rules[column.name]?.initial ?? '';
      const cell = this.#cell(column)
        .attr('data-column', column.name)
        .attr('aria-label', this.#t(`columns.${this.#field.name}.${column.name}`))
        .css('grid-column', `span ${column.span}`)
        .appendTo(row);
      if (column.kind === 'checkbox') cell.prop('checked', value === true);
      else cell.val(String(value));
    }
  }

  #cell(column: Column): Elements {
    const key = `${this.#field.name}.${column.name}`;
    switch (column.kind) {
      case 'checkbox':
        return $('<input type="checkbox">');
      case 'number':
        return $('<input type="number">');
      case 'text': {
        const example = this.#t(`examples.${key}`);
        const input = $('<input type="text" autocomplete="off" spellcheck="false">');
        return example.startsWith('examples.') ? input : input.attr('placeholder', example);
      }
      case 'select': {
        const select = $('<select></select>');
        for (const choice of this.#rules[column.name]?.choices ?? []) {
          $('<option></option>')
            .attr('value', choice)
            .text(this.#t(`choices.${key}.${keyOf(choice)}`))
            .appendTo(select);
        }
        return select;
      }
    }
  }

  #valueOf(cell: Elements, column: Column): unknown {
    if (column.kind === 'checkbox') return cell.prop('checked') === true;
    const text = String(cell.val() ?? '');
    return column.kind === 'number' && text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
  }
}
