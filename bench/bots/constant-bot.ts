import { Client, Events, GatewayIntentBits, MessageFlags } from 'discord.js';

/** The least that a discord.js bot can do: it answers every command with the same words. */
const { DISCORD_API_BASE = '', DISCORD_BOT_TOKEN = '', GUILD = '' } = process.env;

const client = new Client({
  intents: [GatewayIntentBits.Guilds],
  rest: { api: DISCORD_API_BASE, globalRequestsPerSecond: Infinity },
});
client.on(Events.Error, (error) => console.error(error.message));
client.on(Events.InteractionCreate, async (interaction) => {
  if (!interaction.isChatInputCommand()) return;
  await interaction
    .reply({ content: 'You asked for credits.', flags: MessageFlags.Ephemeral })
    .catch((error: Error) => console.error(error.message));
});
client.once(Events.ClientReady, async (ready) => {
  const guild = await ready.guilds.fetch(GUILD);
  const amount = { type: 4, name: 'amount', description: 'How many', required: true };
  const ask = { type: 1, name: 'ai-credit', description: 'Ask for credits', options: [amount] };
  await guild.commands.set([{ name: 'request', description: 'Ask for credits', options: [ask] }]);
  process.send?.('ready');
});
process.on('disconnect', () => process.exit(0));
await client.login(DISCORD_BOT_TOKEN);
