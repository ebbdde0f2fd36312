/** The package ships its zod schemas without types: every export but one is a schema. */
declare module 'discord-api-spec/zod' {
  import type { ZodMiniType } from 'zod/mini';

  type Schema = ZodMiniType;
  export const ApplicationCommandAutocompleteCallbackRequestSchema: Schema;
  export const ApplicationCommandCreateRequestSchema: Schema;
  export const ApplicationCommandPatchRequestPartialSchema: Schema;
  export const ApplicationCommandUpdateRequestSchema: Schema;
  export const ApplicationFormPartialSchema: Schema;
  export const ApplicationRoleConnectionsMetadataItemRequestSchema: Schema;
  export const BanUserFromGuildRequestSchema: Schema;
  export const BulkBanUsersRequestSchema: Schema;
  export const CreateForumThreadRequestSchema: Schema;
  export const CreateGuildChannelRequestSchema: Schema;
  export const CreateGuildInviteRequestSchema: Schema;
  export const BotAddGuildMemberRequestSchema: Schema;
  export const CreateMessageInteractionCallbackRequestSchema: Schema;
  export const CreatePrivateChannelRequestSchema: Schema;
  export const CreateRoleRequestSchema: Schema;
  export const CreateTextThreadWithMessageRequestSchema: Schema;
  export const CreateTextThreadWithoutMessageRequestSchema: Schema;
  export const GuildPatchRequestPartialSchema: Schema;
  export const IncomingWebhookRequestPartialSchema: Schema;
  export const IncomingWebhookUpdateRequestPartialSchema: Schema;
  export const MessageCreateRequestSchema: Schema;
  export const MessageEditRequestPartialSchema: Schema;
  export const ModalInteractionCallbackRequestSchema: Schema;
  export const PongInteractionCallbackRequestSchema: Schema;
  export const UpdateApplicationUserRoleConnectionRequestSchema: Schema;
  export const UpdateGuildChannelRequestPartialSchema: Schema;
  export const UpdateMessageInteractionCallbackRequestSchema: Schema;
  export const UpdateRolePositionsRequestSchema: Schema;
  export const UpdateRoleRequestPartialSchema: Schema;
  export const UpdateSelfVoiceStateRequestPartialSchema: Schema;
  export const UpdateThreadRequestPartialSchema: Schema;
  export const UpdateVoiceStateRequestPartialSchema: Schema;
}
