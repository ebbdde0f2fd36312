/** Who may have a place: so many at once in all, and so many of one address. */
export interface Places {
  /** @param address null where many may stand behind it @returns what gives the place back, or why there is none */
  take(address: string | null): { leave(): void } | 'crowded' | 'greedy';
  taken(): number;
}

/** A household or a team with all its tabs; a browser itself opens 6 to one server. */
const MOST_OF_ONE_ADDRESS = 20;

/** @param most places in all */
export function createPlaces(most: number): Places {
  const ofAddress = new Map<string, number>();
  let taken = 0;
  return {
    take: (address) => {
      if (taken >= most) return 'crowded';
      const others = address === null ? 0 : (ofAddress.get(address) ?? 0);
      if (others >= MOST_OF_ONE_ADDRESS) return 'greedy';
      taken += 1;
      if (address !== null) ofAddress.set(address, others + 1);
      return {
        leave: () => {
          taken -= 1;
          if (address === null) return;
          const left = (ofAddress.get(address) ?? 0) - 1;
          if (left > 0) ofAddress.set(address, left);
          else ofAddress.delete(address);
        },
      };
    },
    taken: () => taken,
  };
}
