export { checkPlugin } from "./check.ts"
export type { CheckOptions } from "./check.ts"
export { migration } from "./migrate.ts"
export type { Migration, MigrationKind, StoredValue } from "./migrate.ts"
export type { PluginFault } from "./plugin-fault.ts"
export type {
  Call, ConfigureCall, ConfiguredCall, DirectIngestCall, DirectSyncCall, Health, LinkedCall, MountedLinkedCall, MountedVirtualCall, PublishCall, Reason, Source, SyncCall,
  Types, VirtualCall,
} from "./inputs.ts"
export { definePlugin } from "./plugin.ts"
export type { DirectOperations, Discovery, Plugin, PluginBy, Schemas, StagedOperations, Trace, TypesOf, VirtualOperations } from "./plugin.ts"
export type { FileFacts, Files } from "./files.ts"
export { script } from "./run.ts"
export type {
  CommandOptions, CommandResult, Connection, DirectRun, Emitted, ExpectOptions, PortRequest, Ports, PowerShellOptions, Run, RunOptions, Script, SyncOptions, SyncResult,
  VariableKinds, Variables,
} from "./run.ts"
export type { WaitFor, WaitOptions } from "./wait.ts"
export { Secret } from "./secret.ts"
export { codeOf, ScriptError, UserError } from "./errors.ts"
export type { FailedCommand, UserErrorDetail } from "./errors.ts"
export type { Mount, MountSpecification, Ownership } from "./mount.ts"
export { Type } from "./schema.ts"
export type { Access, FormHints, Keywords, PropertyValue, ReferenceType, Static, TSchema } from "./schema.ts"
export { credentials } from "./schema/credentials.ts"
export type { Credentials, CredentialsKind, CredentialsOptions, KnownCredentials } from "./schema/credentials.ts"
export { reference } from "./schema/reference.ts"
export type { ReferenceMatches, ReferenceOptions } from "./schema/reference.ts"
export { secret } from "./schema/secret.ts"
export type { SecretOptions } from "./schema/secret.ts"
export { union } from "./schema/union.ts"
export type { UnionOf, UnionOptions } from "./schema/union.ts"
