// What an author may write: all of it compiles, and has the types that stand here.
import {
  credentials, definePlugin, migration, reference, script, secret, Secret, Type, union, UserError,
  type Connection, type Credentials, type KnownCredentials, type Run, type Schemas, type Static, type TypesOf,
} from "@veneer/sdk"

export const schemas = {
  repository: Type.Object({ path: Type.String() }, { identityFields: ["path"], nameField: "path" }),
  sourceConfig: Type.Object({ name: Type.String(), port: Type.Optional(Type.Integer()), password: Type.Optional(secret()) }, { identityFields: ["name"], nameField: "name" }),
  linkedSource: Type.Object({
    directory: Type.String(), password: secret(), login: credentials(), narrow: Type.Optional(credentials({ kinds: ["password", "reference"] })),
    method: union("type", { copy: Type.Object({ rate: Type.Optional(Type.Integer()) }), backup: Type.Object({ at: Type.String(), keys: Type.Array(secret()) }) }),
    host: reference("environment", { matches: { hostType: "unix" } }), user: Type.Optional(reference("environmentUser", { matches: { environment: { property: "host" } } })),
    old: Type.Union([Type.Object({ type: Type.Literal("a"), x: Type.Integer() }), Type.Object({ type: Type.Literal("b") })]),
  }),
  virtualSource: Type.Object({ port: Type.Optional(Type.Integer()) }),
  snapshot: Type.Object({ files: Type.Integer(), verified: Type.Optional(Type.Boolean()) }),
  snapshotParameters: Type.Object({ resync: Type.Boolean({ default: false }) }),
} satisfies Schemas

export type T = TypesOf<typeof schemas>

export const copy = script({ file: "copy.sh", variables: { FROM: "string", LIMIT: "integer?", FORCE: "boolean", PASSWORD: "secret" }, output: Type.Object({ files: Type.Integer(), token: secret() }) })

export const clear = script({ file: "clear.sh", variables: { PATH: "string" } })

export const identity = { id: "x", name: "X", version: "1.0.0", buildNumber: "1", hostTypes: ["unix"], schemas } as const

export const discovery = { repositories: () => [{ path: "/usr" }], sourceConfigs: ({ repository }: { repository: T["repository"] }) => [{ name: repository.path, port: 1 }] }

export const virtual = {
  mountSpecification: () => ({ mounts: [{}] as const }), configure: () => ({ name: "x" }), reconfigure: () => ({ name: "x" }), postSnapshot: () => ({ files: 0 }),
}

/** What a handler sees of a union, of credentials and of secrets. */
export async function ingest(parameters: T["linkedSource"], known: (given: Credentials | string) => Promise<KnownCredentials>): Promise<string> {
  const { method, login, narrow, old } = parameters
  const from: string = method.type === "backup" ? method.at : `${method.rate ?? 0}`
  const keys: Secret[] = method.type === "backup" ? method.keys : []
  const x: number = old.type === "a" ? old.x : 0
  const password: Secret | undefined = login.type === "password" ? login.password : login.type === "keyPair" ? login.passphrase : undefined
  const fetched = await known(narrow ?? login)
  const key: Secret | undefined = fetched.type === "keyPair" ? fetched.privateKey : undefined
  const host: string = parameters.host
  return [from, host, x, password?.reveal() ?? "", key?.reveal() ?? "", ...keys.map((one) => one.reveal())].join()
}

export const staged = definePlugin({
  ...identity, ingestion: "staged", discovery,
  linked: {
    mountSpecification: ({ source }) => ({ mounts: [{ path: source.parameters.directory }, { subdirectory: "wal" }], ownership: { uid: 1, gid: 1 } }),
    async preSnapshot({ run, connection, source, mounts, snapshotParameters, resync, log, credentials: known, waitFor, files }) {
      const { files: count, token } = await run.script(connection, copy, { FROM: source.parameters.directory, FORCE: resync || snapshotParameters?.resync === true, PASSWORD: token0(source.parameters.password) })
      await waitFor(() => files.stat(connection, `${mounts[0]}/ready`), { deadlineMs: 1_000, message: "Nothing came." })
      log(`${count} ${token.reveal().length} ${await ingest(source.parameters, known)}`)
    },
    postSnapshot: () => ({ files: 3 }),
    publish: ({ snapshot }) => ({ verified: snapshot.files > 0 }),
    status: () => ({ state: "degraded", reason: "It lags.", action: "Wait." }),
    sourceSize: () => 3,
  },
  virtual: { ...virtual, configure: ({ snapshot, source }) => ({ name: source.name, port: source.parameters.port ?? snapshot.files }), unconfigure: ({ sourceConfig }) => void sourceConfig?.name, status: () => ({ state: "active" }) },
  migrations: [migration("1.1", "virtualSource", (old: { port: string }): Static<typeof schemas.virtualSource> => ({ port: Number(old.port) }))],
})

export const direct = definePlugin({
  ...identity, ingestion: "direct", discovery, virtual,
  linked: { preSnapshot: async ({ run, connection, source }) => void (await run.sync(connection.as("dba"), source.parameters.directory, { delete: true, exclude: ["*.tmp"] })), postSnapshot: () => ({ files: 1 }) },
})

/** A script without an output is run as what returns nothing. */
export const clearing = ({ run, connection }: { run: Run; connection: Connection }): Promise<void> => run.script(connection, clear, { PATH: "/a" })

/** Schemas may also be literals. */
const literal = { type: "object", properties: { name: { type: "string" }, count: { type: "integer" } }, required: ["name"], identityFields: ["name"], nameField: "name" } as const
export const named: Static<typeof literal> = { name: "x" }
export const plain = definePlugin({
  ...identity, schemas: { ...schemas, repository: literal }, ingestion: "direct",
  discovery: { repositories: () => [{ name: "x", count: 1 }], sourceConfigs: ({ repository }) => [{ name: repository.name }] }, linked: { postSnapshot: () => ({ files: 1 }) }, virtual,
})

export const problem = (connection: Connection) => new UserError(`${connection.environment} is full.`, { code: "full", action: "Make room.", output: "df" })

const token0 = (value: Secret): Secret => new Secret(value.reveal())
