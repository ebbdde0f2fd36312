import type { PickType } from './table.ts';

/** Something of Discord's as a field offers and shows it. */
export interface Live {
  id: string;
  /** Its bare name, by which a setting may name it too. */
  name: string;
  /** How it is shown: `#general`, `@Approver`. */
  shown: string;
  /** What tells it from others of the same name. */
  detail: string;
  /** A Font Awesome icon. */
  icon: string;
  /** A role's colour. */
  colour?: string;
  /** A channel's type, as Discord counts them. */
  type?: number;
}

export interface Guild extends Live {
  /** The one that a community without a guild of its own stands for. */
  home: boolean;
}

interface Listed {
  guilds: { id: string; name: string; home: boolean };
  roles: { id: string; name: string; colour: number; managed: boolean; everyone: boolean };
  channels: { id: string; name: string; type: number; category: string };
  members: { id: string; username: string; displayName: string; bot: boolean };
}

const FRESH_MILLISECONDS = 15_000;
const CHANNEL_ICONS: Record<number, string> = {
  2: 'volume-up',
  4: 'folder-o',
  5: 'bullhorn',
  13: 'volume-up',
  15: 'comments-o',
};

const SNOWFLAKE = /^\d{17,20}$/;
export const isId = (value: string): boolean => SNOWFLAKE.test(value);

/** What Discord has right now, asked from the running program and kept for a moment. */
export class LiveLists {
  readonly #answers = new Map<string, { at: number; items: Promise<unknown> }>();

  async guilds(): Promise<Guild[]> {
    const guilds = await this.#ask<Listed['guilds']>('communities');
    return guilds.map(({ id, name, home }) => ({ id, name, shown: name, detail: '', icon: 'university', home }));
  }

  /**
   * What a guild has of a kind.
   * @param query for members: the beginning of a name, or an id; without one there are none
   * @throws Error with a sentence when Discord or the program does not answer
   */
  async list(of: PickType, guild: string, query = ''): Promise<Live[]> {
    switch (of) {
      case 'guild':
        return this.guilds();
      case 'role': {
        const roles = await this.#ask<Listed['roles']>(`guilds/${guild}/roles`);
        return roles.filter(({ everyone }) => !everyone).map(roleItem);
      }
      case 'channel':
        return (await this.#ask<Listed['channels']>(`guilds/${guild}/channels`)).map(channelItem);
      case 'member': {
        if (!query) return [];
        const path = `guilds/${guild}/members?query=${encodeURIComponent(query)}`;
        return (await this.#ask<Listed['members']>(path)).map(memberItem);
      }
    }
  }

  #ask<T>(path: string): Promise<T[]> {
    const known = this.#answers.get(path);
    if (known && Date.now() - known.at < FRESH_MILLISECONDS) return known.items as Promise<T[]>;
    const items = new Promise<T[]>((resolve, reject) => {
      // jQuery's own call: Node-RED adds who is signed in to it.
      $.getJSON(`guildhall/${path}`)
        .done((answer) => resolve(answer as T[]))
        .fail(({ responseJSON }) => reject(new Error(responseJSON?.detail ?? '')));
    });
    this.#answers.set(path, { at: Date.now(), items });
    items.catch(() => this.#answers.delete(path));
    return items;
  }
}

const roleItem = ({ id, name, colour }: Listed['roles']): Live => ({
  id,
  name,
  shown: `@${name}`,
  detail: '',
  icon: 'circle',
  colour: colour === 0 ? '#99aab5' : `#${colour.toString(16).padStart(6, '0')}`,
});

const channelItem = ({ id, name, type, category }: Listed['channels']): Live => ({
  id,
  name,
  shown: CHANNEL_ICONS[type] ? name : `#${name}`,
  detail: category,
  icon: CHANNEL_ICONS[type] ?? 'hashtag',
  type,
});

const memberItem = ({ id, username, displayName, bot }: Listed['members']): Live => ({
  id,
  name: username,
  shown: displayName,
  detail: username,
  icon: bot ? 'android' : 'user',
});
