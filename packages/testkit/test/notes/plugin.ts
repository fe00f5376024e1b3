import { definePlugin, script, secret, Type, type Connection, type DirectIngestCall, type MountedLinkedCall, type MountedVirtualCall, type PublishCall, type TypesOf } from "@veneer/sdk"

/** Promises that the plugin breaks when a test tells it to. */
export type Vice =
  | "dead-server" | "restless-port" | "wandering-mount" | "wrong-return" | "left-running" | "left-file" | "leaking-log" | "leaking-argument" | "leaking-environment"
  | "no-repeat" | "plain-error" | "half-copy" | "lying-status" | "restless-discovery" | "needs-running"

const schemas = {
  repository: Type.Object({ path: Type.String({ format: "unixpath" }) }, { identityFields: ["path"], nameField: "path" }),
  sourceConfig: Type.Object({ name: Type.String(), folder: Type.String(), port: Type.Integer() }, { identityFields: ["name", "port"], nameField: "name" }),
  linkedSource: Type.Object({ password: secret(), pattern: Type.String({ default: "*" }) }),
  virtualSource: Type.Object({ title: Type.String({ default: "copy" }) }),
  snapshot: Type.Object({ notes: Type.Integer(), published: Type.Optional(Type.Boolean()) }),
  snapshotParameters: Type.Object({ resync: Type.Optional(Type.Boolean()), tag: Type.Optional(Type.String()) }),
}
type Notes = TypesOf<typeof schemas>

const scripts = {
  find: script({ file: "find.sh", variables: { ROOT: "string" }, output: Type.Object({ notebooks: Type.Array(Type.String()) }) }),
  ingest: script({ file: "ingest.sh", variables: { FROM: "string", MOUNT: "string", PATTERN: "string", PASSWORD: "secret", RESYNC: "boolean", VICE: "string?", OPEN: "string?" } }),
  count: script({ file: "count.sh", variables: { MOUNT: "string" }, output: Type.Object({ notes: Type.Integer() }) }),
  publish: script({ file: "publish.sh", variables: { MOUNT: "string" } }),
  start: script({ file: "start.sh", variables: { MOUNT: "string", PRIVATE_DIR: "string", PORT: "integer", VICE: "string?" } }),
  stop: script({ file: "stop.sh", variables: { MOUNT: "string", PRIVATE_DIR: "string", FORGET: "boolean", VICE: "string?" } }),
  status: script({ file: "status.sh", variables: { MOUNT: "string" }, output: Type.Object({ running: Type.Boolean() }) }),
}

/** Notebooks below `root`: folders of text files. A VDB is "served" by a process of its own. */
export function makeNotes(root: string, { vice, ingestion = "staged" }: { vice?: Vice; ingestion?: "staged" | "direct" } = {}) {
  let configured = 0
  let mounted = 0
  const privateDir = (id: string) => `/tmp/notes-${id}`
  const is = (asked: Vice) => vice === asked
  const told = vice === undefined ? {} : { VICE: vice }

  const bringUp = async (call: MountedVirtualCall<Notes>) => {
    configured += 1
    const { source: { id, name }, connection, mounts, run, ports } = call
    const port = await ports.reserve(connection, { label: is("restless-port") ? `main-${configured}` : "main" })
    if (is("plain-error")) throw new Error("out of order")
    await run.script(connection, scripts.start, { MOUNT: mounts[0], PRIVATE_DIR: privateDir(id), PORT: port, ...told })
    return { name, folder: mounts[0], port }
  }
  const takeDown = async ({ source: { id }, connection, mounts, run }: MountedVirtualCall<Notes>, { forget }: { forget: boolean }) => {
    await run.script(connection, scripts.stop, { MOUNT: mounts[0], PRIVATE_DIR: privateDir(id), FORGET: forget, ...told })
  }
  const ingest = async ({ source: { parameters: { password, pattern } }, sourceConfig, connection, mounts, run, log, resync }: MountedLinkedCall<Notes> & { resync: boolean }) => {
    if (is("leaking-log")) log(`the password is ${password.reveal()}`)
    if (is("leaking-argument")) await run.exec(connection, ["true", password.reveal()])
    const open = is("leaking-environment") ? { OPEN: password.reveal() } : {}
    await run.script(connection, scripts.ingest, { FROM: sourceConfig.folder, MOUNT: mounts[0], PATTERN: pattern, PASSWORD: password, RESYNC: resync, ...told, ...open })
  }
  const count = async ({ connection, mounts, run }: { connection: Connection; mounts: readonly [string, ...string[]]; run: MountedVirtualCall<Notes>["run"] }) => {
    const { notes } = await run.script(connection, scripts.count, { MOUNT: mounts[0] })
    return is("wrong-return") ? { notes: String(notes) as unknown as number } : { notes }
  }
  const where = () => (is("wandering-mount") ? { mounts: [{ path: `/tmp/notes-mount-${mounted += 1}` }] as const } : { mounts: [{}] as const })

  const virtual = {
    mountSpecification: where, configure: bringUp, reconfigure: bringUp, initialize: bringUp,
    unconfigure: (call: MountedVirtualCall<Notes>) => takeDown(call, { forget: true }),
    start: async (call: MountedVirtualCall<Notes> & { sourceConfig: Notes["sourceConfig"] }) => void (await bringUp(call)),
    stop: (call: MountedVirtualCall<Notes>) => takeDown(call, { forget: false }),
    postSnapshot: count,
    status: async ({ connection, mounts, run }: MountedVirtualCall<Notes>) => {
      const asked = run.script(connection, scripts.status, { MOUNT: mounts[0] })
      const { running } = await (is("lying-status") ? asked.catch(() => ({ running: false })) : asked)
      return { state: running ? "active" as const : "inactive" as const }
    },
  }
  const common = { id: "notes", name: "Notes", version: "1.0.0", buildNumber: "1", hostTypes: ["unix" as const], schemas, virtual }
  const discovery = {
    repositories: () => [{ path: root }],
    sourceConfigs: async ({ connection, run }: { connection: Connection; run: MountedVirtualCall<Notes>["run"] }) => {
      const { notebooks } = await run.script(connection, scripts.find, { ROOT: root })
      return notebooks.map((name) => ({ name, folder: `${root}/${name}`, port: is("restless-discovery") ? (configured += 1) : 0 }))
    },
  }
  const publish = async ({ connection, mounts, run }: PublishCall<Notes, unknown>) => {
    await run.script(connection, scripts.publish, { MOUNT: mounts[0] })
    return { ...(await count({ connection, mounts, run })), published: true }
  }
  if (ingestion === "staged") {
    return definePlugin({ ...common, discovery, ingestion, linked: { mountSpecification: where, preSnapshot: ingest, postSnapshot: count, publish, sourceSize: () => 1 } })
  }
  // What scripts can't see is counted when it is published.
  const pull = async ({ connection, sourceConfig, run, files }: DirectIngestCall<Notes>) => {
    await run.sync(connection, sourceConfig.folder, { delete: true })
    await run.sync(connection, sourceConfig.folder, { to: "again", exclude: ["*.tmp"] })
    await files.stat(connection, sourceConfig.folder)
  }
  return definePlugin({ ...common, discovery, ingestion, linked: { preSnapshot: pull, postSnapshot: () => ({ notes: 0 }), publish } })
}
