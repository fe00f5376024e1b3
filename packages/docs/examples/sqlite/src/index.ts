import { definePlugin, UserError, type Call, type Connection, type Ownership } from "@veneer/sdk"
import { schemas } from "./schemas.ts"
import * as scripts from "./scripts.ts"

/** Where databases are looked for; others are entered by hand. */
const ROOTS = "/srv:/var/lib:/var/tmp:/tmp"
/** What the copy is called, whatever the source is. */
const DATABASE = "database.sqlite"

export default definePlugin({
  id: "sqlite",
  name: "SQLite",
  version: "0.1.0",
  buildNumber: "1",
  hostTypes: ["unix"],
  ingestion: "staged",
  schemas,

  discovery: {
    repositories: async ({ run, connection }) => {
      const { exitCode, stdout } = await run.exec(connection, ["sqlite3", "--version"])
      return exitCode === 0 ? [{ name: "SQLite", version: stdout.split(" ")[0] ?? "" }] : []
    },
    sourceConfigs: async ({ run, connection }) => {
      const { files } = await run.script(connection, scripts.find, { ROOTS })
      return files.map((file) => ({ file }))
    },
  },

  linked: {
    mountSpecification: () => ({ mounts: [{}] }),
    preSnapshot: ({ run, connection, source, sourceConfig, mounts }) =>
      run.detached(connection, scripts.copy, { SOURCE: sourceConfig.file, MOUNT: mounts[0], CHECK: source.parameters.check }),
    postSnapshot: ({ run, connection, mounts }) => run.script(connection, scripts.describe, { MOUNT: mounts[0] }),
  },

  // A file is there as soon as it is mounted: nothing is started or stopped.
  virtual: {
    mountSpecification: async (call) => {
      const { mountPath, owner } = call.source.parameters
      const mounts = [mountPath === undefined ? {} : { path: mountPath }] as const
      return owner === undefined ? { mounts } : { mounts, ownership: await ownership(call, owner) }
    },
    configure: ({ mounts }) => ({ file: `${mounts[0]}/${DATABASE}` }),
    reconfigure: ({ mounts }) => ({ file: `${mounts[0]}/${DATABASE}` }),
    postSnapshot: ({ run, connection, mounts }) => run.script(connection, scripts.describe, { MOUNT: mounts[0] }),
    status: async ({ files, connection, sourceConfig }) => {
      if (await files.stat(connection, sourceConfig.file)) return { state: "active" }
      return { state: "inactive", reason: `There is no ${sourceConfig.file}.`, action: "Enable the VDB, or rewind it to a snapshot that has the file." }
    },
  },
})

async function ownership({ run, connection }: Call & { connection: Connection }, user: string): Promise<Ownership> {
  const { exitCode, stdout } = await run.bash(connection, `id -u "$NAME" && id -g "$NAME"`, { variables: { NAME: user } })
  const [uid, gid] = stdout.split("\n").map(Number)
  if (exitCode === 0 && uid !== undefined && gid !== undefined) return { uid, gid }
  throw new UserError(`There is no OS user ${user} on ${connection.environment}.`, { code: "owner_unknown", action: "Name one that is there, or leave it out." })
}
