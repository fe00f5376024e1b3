// What an author must not be able to write. Each fault says which error it is, what of it and why; none of it may compile.
import { credentials, definePlugin, migration, reference, script, Secret, Type, union, UserError, type Connection, type DirectIngestCall, type Health, type Run, type SyncCall, type VirtualCall } from "@veneer/sdk"
import { clear, copy, discovery, identity, virtual, type T } from "./sound.ts"

type Linked = T["linkedSource"]

// names

export const misspeltParameter = ({ source }: SyncCall<T>) =>
  // @ts-expect-error TS2551 directroy -- a property of the parameters is misspelt
  source.parameters.directroy

export const misspeltInput = (call: SyncCall<T>) =>
  // @ts-expect-error TS2551 sourceConfg -- what a handler gets is misspelt
  call.sourceConfg

// @ts-expect-error TS2353 destroy -- there is no such operation
export const unknownOperation = definePlugin({ ...identity, ingestion: "direct", discovery, linked: { postSnapshot: () => ({ files: 1 }) }, virtual: { ...virtual, destroy: () => undefined } })

// returns

// @ts-expect-error TS2322 files -- a snapshot lacks what its schema requires
export const poorSnapshot = definePlugin({ ...identity, ingestion: "direct", discovery, linked: { postSnapshot: () => ({ verified: true }) }, virtual })

// @ts-expect-error TS2322 string -- a snapshot has a text where its schema has a number
export const wrongSnapshot = definePlugin({ ...identity, ingestion: "direct", discovery, linked: { postSnapshot: async () => ({ files: "3" }) }, virtual })

// @ts-expect-error TS2322 name -- configure returns no source config
export const noSourceConfig = definePlugin({ ...identity, ingestion: "direct", discovery, linked: { postSnapshot: () => ({ files: 1 }) }, virtual: { ...virtual, configure: () => ({ port: 1 }) } })

// @ts-expect-error TS2353 name -- discovery returns what is no repository
export const noRepository = definePlugin({ ...identity, ingestion: "direct", discovery: { ...discovery, repositories: () => [{ name: "x" }] }, linked: { postSnapshot: () => ({ files: 1 }) }, virtual })

// @ts-expect-error TS2322 working -- there is no such state of health
export const unhealthy: Health = { state: "working" }

// @ts-expect-error TS2322 Mount -- at least one mount is needed
export const noMount = definePlugin({ ...identity, ingestion: "direct", discovery, linked: { postSnapshot: () => ({ files: 1 }) }, virtual: { ...virtual, mountSpecification: () => ({ mounts: [] }) } })

// @ts-expect-error TS2322 bigint -- a size is a number of bytes
export const wrongSize = definePlugin({ ...identity, ingestion: "direct", discovery, linked: { postSnapshot: () => ({ files: 1 }), sourceSize: () => 3n }, virtual })

// operations

// @ts-expect-error TS2322 undefined -- an operation of staged plugins in a direct one
export const staged = definePlugin({ ...identity, ingestion: "direct", discovery, linked: { postSnapshot: () => ({ files: 1 }), mountSpecification: () => ({ mounts: [{}] }) }, virtual })

// @ts-expect-error TS2741 mountSpecification -- a staged plugin lacks where its dataset is mounted
export const unmounted = definePlugin({ ...identity, ingestion: "staged", discovery, linked: { postSnapshot: () => ({ files: 1 }) }, virtual })

// @ts-expect-error TS2741 postSnapshot -- nothing describes a snapshot
export const undescribed = definePlugin({ ...identity, ingestion: "direct", discovery, linked: {}, virtual })

// @ts-expect-error TS2322 ConfigureCall -- nothing makes a clone usable
export const unconfigured = definePlugin({ ...identity, ingestion: "direct", discovery, linked: { postSnapshot: () => ({ files: 1 }) }, virtual: { ...virtual, configure: undefined } })

// @ts-expect-error TS2322 mixed -- there is no such ingestion
export const noIngestion = definePlugin({ ...identity, ingestion: "mixed", discovery, linked: { postSnapshot: () => ({ files: 1 }) }, virtual })

// @ts-expect-error TS2741 snapshotParameters -- one of the six schemas is missing
export const fiveSchemas = definePlugin({ ...identity, schemas: { repository: Type.Object({}), sourceConfig: Type.Object({}), linkedSource: Type.Object({}), virtualSource: Type.Object({}), snapshot: Type.Object({}) }, ingestion: "direct" })

export const syncInStaged = ({ run, connection }: SyncCall<T>) =>
  // @ts-expect-error TS2339 sync -- a staged plugin fills its dataset itself
  run.sync(connection, "/data")

export const mountsInDirect = (call: DirectIngestCall<T>) =>
  // @ts-expect-error TS2339 mounts -- a direct plugin sees no mount
  call.mounts

// what may be absent

export const noParameters = ({ snapshotParameters }: SyncCall<T>) =>
  // @ts-expect-error TS18048 snapshotParameters -- they are absent when a policy runs the sync
  snapshotParameters.resync

export const optionalPort = (parameters: T["virtualSource"]): number =>
  // @ts-expect-error TS2322 undefined -- an optional parameter may be absent
  parameters.port

export const noSnapshot = (call: VirtualCall<T>) =>
  // @ts-expect-error TS2339 snapshot -- only what configures or publishes is given one
  call.snapshot

// unions

export const wrongBranch = (method: Linked["method"]) =>
  // @ts-expect-error TS2339 at -- a branch's own property, before anybody looked which one it is
  method.at

// @ts-expect-error TS2367 streaming -- there is no such branch
export const noBranch = (method: Linked["method"]) => method.type === "streaming"

// @ts-expect-error TS2322 restore -- a tag's value that is none
export const madeBranch: Linked["method"] = { type: "restore", at: "/b", keys: [] }

// @ts-expect-error TS2322 type -- a branch without its tag
export const untagged: Linked["old"] = { x: 1 }

// @ts-expect-error TS2739 TObject -- branches are objects
export const textBranch = union("type", { copy: Type.String() })

// secrets and credentials

export const shownSecret = (parameters: Linked): string =>
  // @ts-expect-error TS2322 Secret -- a secret is no text
  parameters.password

// @ts-expect-error TS2322 string -- a text is no secret
export const openSecret: T["sourceConfig"] = { name: "x", password: "hunter2" }

export const joinedSecret = (parameters: Linked) =>
  // @ts-expect-error TS2769 Secret -- nor does it join texts
  ["a"].concat(parameters.password)

export const unknownCredentials = (login: Linked["login"]) =>
  // @ts-expect-error TS2339 password -- they may be a key pair, or a reference
  login.password

// @ts-expect-error TS2367 keyPair -- a kind that these credentials do not take
export const narrowCredentials = (narrow: NonNullable<Linked["narrow"]>) => narrow.type === "keyPair"

// @ts-expect-error TS2322 token -- there is no such kind of credentials
export const oddCredentials = credentials({ kinds: ["token"] })

// references

// @ts-expect-error TS2345 repository -- what can't be referred to
export const oddReference = reference("repository")

// @ts-expect-error TS2353 environment -- an environment is not one of another
export const oddMatch = reference("environment", { matches: { environment: { property: "host" } } })

// @ts-expect-error TS2322 vms -- there is no such type of host
export const oddHost = reference("environment", { matches: { hostType: "vms" } })

// scripts

export const misspeltVariable = (run: Run, connection: Connection) =>
  // @ts-expect-error TS2353 FORM -- a script's variable is misspelt
  run.script(connection, copy, { FORM: "/a", FORCE: true, PASSWORD: new Secret("x") })

export const missingVariable = (run: Run, connection: Connection) =>
  // @ts-expect-error TS2345 FORCE -- a script's variable is missing
  run.script(connection, copy, { FROM: "/a", PASSWORD: new Secret("x") })

export const wrongVariable = (run: Run, connection: Connection) =>
  // @ts-expect-error TS2322 number -- a script's variable is of another kind
  run.script(connection, copy, { FROM: "/a", FORCE: true, LIMIT: "3", PASSWORD: new Secret("x") })

export const openVariable = (run: Run, connection: Connection) =>
  // @ts-expect-error TS2322 Secret -- a script's secret is given as text
  run.script(connection, copy, { FROM: "/a", FORCE: true, PASSWORD: "hunter2" })

export const misspeltOutput = async (run: Run, connection: Connection) =>
  // @ts-expect-error TS2551 file -- what a script emits is misspelt
  (await run.script(connection, copy, { FROM: "/a", FORCE: true, PASSWORD: new Secret("x") })).file

export const unseenOutput = async (run: Run, connection: Connection) =>
  // @ts-expect-error TS2339 files -- a script that declares no output returns nothing
  (await run.detached(connection, clear, { PATH: "/a" })).files

// @ts-expect-error TS2322 number -- there is no such kind of variable
export const oddVariable = script({ file: "a.sh", variables: { N: "number" } })

export const noProgram = (run: Run, connection: Connection) =>
  // @ts-expect-error TS2345 [] -- a command has a program
  run.exec(connection, [])

// errors and migrations

// @ts-expect-error TS2345 action -- an error for a person says the next move
export const noAction = new UserError("It is full.", { code: "full" })

// @ts-expect-error TS2345 snapshotParameters -- nothing of that kind is stored
export const oddMigration = migration("1.1", "snapshotParameters", (old) => old)

// @ts-expect-error TS2322 Promise -- a migration asks nobody
export const slowMigration = migration("1.1", "snapshot", async (old) => old)
