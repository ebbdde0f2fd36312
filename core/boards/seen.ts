import { type Refusal, refusal } from '../../platform/fault.ts';
import type { Boards } from './live.ts';
import type { PlayerHistory } from './player-history.ts';
import type { PlayerOnBoard } from './player-on-board.ts';
import { noSuchPlayer } from './players.ts';

/** Who looks, and at whom: numbers of ours, or what outside calls them. */
interface Look {
  community: string;
  /** null: nobody in person. */
  viewer: number | null;
  /** Whether it is anybody on the internet: they see who is on the boards, by the name that the boards show. */
  isAnybody: boolean;
  player: number | string;
  board?: unknown;
}

/** Who hides from the boards, or was taken off them, is seen there by themselves alone. */
const isUnseen = ({ state }: PlayerOnBoard): boolean => state === 'hidden' || state === 'excluded';

async function isSelf(boards: Boards, { community, viewer, board }: Look, found: PlayerOnBoard): Promise<boolean> {
  if (viewer === null) return false;
  const self = await boards.player(community, viewer, board);
  return !('refusal' in self) && self.player.id === found.player.id;
}

/** To anybody, whoever hides and whoever never came are alike, and nobody is found by counting numbers up. */
const isPublic = (found: PlayerOnBoard, { player }: Look): boolean =>
  !isUnseen(found) && found.has_played && found.player.id === String(player);

/**
 * A player on a board as somebody may see them: of whom members may not see, the name alone is left; whom anybody may not
 * see is nobody.
 */
export async function seenPlayer(boards: Boards, look: Look): Promise<PlayerOnBoard | { refusal: Refusal }> {
  const found = await boards.player(look.community, look.player, look.board);
  if ('refusal' in found) return found;
  if (look.isAnybody) return isPublic(found, look) ? found : noSuchPlayer(look.player);
  if (!isUnseen(found) || (await isSelf(boards, look, found))) return found;
  const metrics = found.metrics.map(({ name }) => ({ name, value: null }));
  return { ...found, state: 'hidden', entry: null, score: null, metrics, next: null };
}

/** A player's way on a board, where somebody may see it. */
export async function seenHistory(
  boards: Boards,
  look: Look & { days?: unknown },
): Promise<PlayerHistory | { refusal: Refusal }> {
  const { community, player, board, days } = look;
  const found = await boards.player(community, player, board);
  if ('refusal' in found) return found;
  if (look.isAnybody && !isPublic(found, look)) return noSuchPlayer(player);
  if (isUnseen(found) && !(await isSelf(boards, look, found))) return notShown();
  return boards.history(community, player, board, days);
}

/** Says that somebody is not for others to see. */
export const notShown = (): { refusal: Refusal } =>
  refusal('player-not-shown', 404, 'Not shown', 'There is no such player on the boards.');
