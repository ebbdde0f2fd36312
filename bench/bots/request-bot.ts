import { Client, Events, GatewayIntentBits, MessageFlags, REST, Routes } from 'discord.js';
import pg from 'pg';
import { PgBoss } from 'pg-boss';

/**
 * What somebody would write by hand for `/request`: discord.js, the same tables and the same transaction (the member's
 * row locked, the day's sum checked, the request, its event and its job written), the answer, and then the card.
 * Settings: DISCORD_API_BASE, DISCORD_BOT_TOKEN, DATABASE_URL; GUILD and CARDS name the guild and the cards' channel.
 */
const { DISCORD_API_BASE = '', DISCORD_BOT_TOKEN = '', DATABASE_URL = '', GUILD = '', CARDS = '' } = process.env;
const CREDITS_PER_DAY = 1000;
const CREDIT_TYPES: Record<string, string> = { 'ai-credit': 'ai', 'lead-credit': 'lead' };

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 });
const boss = new PgBoss({ db: { executeSql: (text, values) => pool.query(text, values) }, schema: 'jobs' });
boss.on('error', (error) => console.error(error.message));
await boss.start();
await boss.createQueue('events');
await pool.query('insert into communities (id, name) values ($1, $2) on conflict do nothing', [GUILD, 'Bench']);

const client = new Client({
  intents: [GatewayIntentBits.Guilds],
  // Discord asks no 50 calls a second of answers, as discord.js does of all; of the cards it does.
  rest: { api: DISCORD_API_BASE, globalRequestsPerSecond: Infinity },
});
const cards = new REST({ api: DISCORD_API_BASE }).setToken(DISCORD_BOT_TOKEN);
client.on(Events.Error, (error) => console.error(error.message));
client.on(Events.InteractionCreate, async (interaction) => {
  if (!interaction.isChatInputCommand()) return;
  try {
    const request = await ask(interaction.id, interaction.user, {
      type: CREDIT_TYPES[interaction.options.getSubcommand()] ?? 'ai',
      amount: interaction.options.getInteger('amount', true),
      reason: interaction.options.getString('reason'),
    });
    const content = request ? `You asked for credits. It is request #${request}.` : 'Your daily limit is reached.';
    await interaction.reply({ content, flags: MessageFlags.Ephemeral });
  } catch (error) {
    console.error((error as Error).message);
  }
});

/** @returns the number of the request, or null when the day's limit is reached */
async function ask(
  source: string,
  user: { id: string; username: string; displayName: string; avatar: string | null },
  asked: { type: string; amount: number; reason: string | null },
): Promise<number | null> {
  const player = await playerOf(user);
  const connection = await pool.connect();
  try {
    await connection.query('begin');
    await connection.query('select id from players where id = $1 for update', [player]);
    const known = await connection.query('select id from credit_requests where community_id = $1 and source_id = $2', [
      GUILD,
      source,
    ]);
    const today = await connection.query(
      `select coalesce(sum(amount), 0)::int as sum from credit_requests
       where community_id = $1 and player_id = $2 and status in ('pending', 'approved')
         and created_at > now() - interval '1 day'`,
      [GUILD, player],
    );
    let id: number | null = known.rows[0]?.id ?? null;
    if (id === null && today.rows[0].sum + asked.amount <= CREDITS_PER_DAY) {
      const request = await connection.query(
        `insert into credit_requests (community_id, player_id, credit_type, amount, reason, requested_via, source_id)
         values ($1, $2, $3, $4, $5, 'discord', $6) returning id`,
        [GUILD, player, asked.type, asked.amount, asked.reason, source],
      );
      id = Number(request.rows[0].id);
      const event = await connection.query(
        `insert into events (community_id, type, subject, payload) values ($1, 'credit.requested', $2, $3) returning id`,
        [GUILD, `credit_request/${id}`, { request: id }],
      );
      await boss.send(
        'events',
        { event: Number(event.rows[0].id), request: id },
        { db: { executeSql: (text, values) => connection.query(text, values) } },
      );
    }
    await connection.query('commit');
    return id;
  } catch (error) {
    await connection.query('rollback').catch(() => {});
    throw error;
  } finally {
    connection.release();
  }
}

async function playerOf(user: { id: string; username: string; displayName: string; avatar: string | null }) {
  const link = await pool.query('select player_id from links where discord_id = $1', [user.id]);
  if (link.rows[0]) return link.rows[0].player_id;
  const made = await pool.query(
    `with player as (insert into players default values returning id)
     insert into links (discord_id, player_id, discord_username, discord_display_name, discord_avatar)
     select $1, id, $2, $3, $4 from player
     on conflict (discord_id) do update set discord_username = $2 returning player_id`,
    [user.id, user.username, user.displayName, user.avatar],
  );
  return made.rows[0].player_id;
}

client.once(Events.ClientReady, async (ready) => {
  const guild = await ready.guilds.fetch(GUILD);
  await guild.commands.set([
    {
      name: 'request',
      description: 'Ask for credits',
      options: Object.keys(CREDIT_TYPES).map((name) => ({
        type: 1,
        name,
        description: 'Ask for credits',
        options: [
          { type: 4, name: 'amount', description: 'How many', required: true },
          { type: 3, name: 'reason', description: 'What for' },
        ],
      })),
    },
  ]);
  await boss.work<{ event: number; request: number }>(
    'events',
    { batchSize: 20, pollingIntervalSeconds: 0.5 },
    async (jobs) => {
      await Promise.all(
        jobs.map(async ({ data }) => {
          const card = { embeds: [{ title: `Request #${data.request}` }], allowed_mentions: { parse: [] } };
          await cards.post(Routes.channelMessages(CARDS), { body: card });
          await pool.query('update events set handled_at = now() where id = $1', [data.event]);
        }),
      );
    },
  );
  process.send?.('ready');
});
process.on('disconnect', () => process.exit(0));
await client.login(DISCORD_BOT_TOKEN);
