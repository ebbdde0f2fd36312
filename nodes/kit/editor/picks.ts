import { isId, type Live, LiveLists } from './live.ts';
import { Picker } from './picker.ts';
import type { Elements, TypedInputWidget, TypedInputWith } from './red.ts';
import type { Picking, PickType, SettingField, Settings, Translate } from './table.ts';

const ICONS: Record<PickType, string> = { guild: 'university', role: 'at', channel: 'hashtag', member: 'user' };

/** A setting that may come from Discord's lists, as one of several sources or as the only one. */
type PickingField = SettingField & Picking;

/** The pickers of an open dialog, and the guilds from which they offer. */
export class Picks {
  readonly #t: Translate;
  readonly #settings: () => Settings;
  readonly #lists = new LiveLists();
  readonly #pickers = new Map<string, Picker>();
  #context = '';

  /** @param settings what the dialog shows now */
  constructor(t: Translate, settings: () => Settings) {
    this.#t = t;
    this.#settings = settings;
  }

  /** The type that Node-RED's typed input shows as a picker. */
  type(of: PickType, field: PickingField, row: Elements): TypedInputWith {
    const picks = this;
    return {
      value: of,
      label: this.#t(`picker.types.${of}`),
      icon: `fa fa-${ICONS[of]}`,
      valueLabel(container, value) {
        picks.#show(this, of, field, row, container, value);
      },
    };
  }

  /** Offers something else when another community is chosen. */
  refresh(): void {
    const { community, guild } = this.#settings();
    const context = `${community} ${guild}`;
    if (context === this.#context) return;
    const isFirst = this.#context === '';
    this.#context = context;
    if (!isFirst) for (const picker of this.#pickers.values()) picker.refresh();
  }

  #show(
    widget: TypedInputWidget,
    of: PickType,
    field: PickingField,
    row: Elements,
    box: Elements,
    value: string,
  ): void {
    const hint = row.find('.guildhall-hint');
    const picker = new Picker(box[0] as HTMLElement, {
      of,
      multiple: field.multiple ?? false,
      value,
      label: this.#t(`fields.${field.name}`),
      placeholder: this.#t(`picker.placeholders.${of}`),
      t: this.#t,
      offer: (query) => this.#offer(of, query, field.channelTypes),
      changed: (next) => widget.input.val(next).trigger('change'),
      hint: (sentence) => hint.text(widget.type() === of ? sentence : ''),
    });
    this.#pickers.set(field.name, picker);
  }

  async #offer(of: PickType, query: string, channelTypes?: readonly number[]): Promise<Live[]> {
    if (of === 'guild') return this.#lists.list(of, '');
    const guilds = await this.#guilds();
    const lists = await Promise.all(
      guilds.map(async ({ id, name }) => {
        const items = await this.#lists.list(of, id, query);
        // The same names in several servers are told apart by the server's.
        return guilds.length === 1
          ? items
          : items.map((item) => ({ ...item, detail: [item.detail, name].filter(Boolean).join(' · ') }));
      }),
    );
    const items = lists.flat();
    return channelTypes ? items.filter(({ type }) => type !== undefined && channelTypes.includes(type)) : items;
  }

  /** The guilds of the chosen community, or of all that the flows have. */
  async #guilds(): Promise<Live[]> {
    const { community, guild } = this.#settings();
    const all = await this.#lists.guilds();
    const home = all.filter((one) => one.home);
    const named = (id: unknown) => (id ? all.filter((one) => one.id === id) : home);
    if (guild !== undefined) return named(isId(String(guild)) ? guild : '');
    if (community) return named(RED.nodes.node(String(community))?.guild);
    const found = new Set<Live>();
    RED.nodes.eachConfig((config) => {
      if (config.type === 'guildhall-community') for (const one of named(config.guild)) found.add(one);
      return true;
    });
    return found.size > 0 ? [...found] : home;
  }
}
