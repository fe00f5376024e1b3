// A plugin that does all a plugin may do, and writes down each time it was called. What it finds and how things are stands in
// files of a folder in /tmp that is called as its environment.
import { codeOf, definePlugin, Type, type Call, type Connection, type Health, type MountSpecification } from "@veneer/sdk"

const named = Type.Object({ name: Type.String({ minLength: 1 }) }, { identityFields: ["name"], nameField: "name" })

const schemas = {
  repository: named, snapshotParameters: Type.Object({}), snapshot: Type.Object({ of: Type.String() }),
  sourceConfig: Type.Object({ name: Type.String({ minLength: 1 }), port: Type.Optional(Type.Integer()) }, { identityFields: ["name"], nameField: "name" }),
  linkedSource: Type.Object({ mounts: Type.String({ default: "[{}]" }), owner: Type.Integer({ default: 0 }) }),
  virtualSource: Type.Object({ mounts: Type.String({ default: "[{}]" }), owner: Type.Integer({ default: 0 }) }),
}

interface Called extends Call {
  connection: Connection
}

const stage = ({ connection }: Called) => `/tmp/${connection.environment}`

const read = (call: Called, name: string) =>
  call.files.read(call.connection, `${stage(call)}/${name}`).catch((error: unknown) => {
    if (codeOf(error) === "file_missing") return undefined
    throw error
  })

/** Adds a line to the journal, whole whoever else writes. */
const note = async (call: Called, line: string) => {
  await call.run.exec(call.connection, ["bash", "-c", 'printf "%s\\n" "$1" >>"$2"', "bash", line, `${stage(call)}/journal`], { check: true })
}

/** Waits while a file of that name is there. */
const held = async (call: Called, name: string) => {
  await call.waitFor(async () => (await read(call, name)) === undefined, { deadlineMs: 120_000, everyMs: 20, message: `${name} is still there.` })
}

const lines = async (call: Called, name: string) => (await read(call, name))?.split("\n").filter(Boolean) ?? []

async function health(call: Called, name: string): Promise<Health> {
  const [state, reason, action] = (await call.files.read(call.connection, `${stage(call)}/${name}`)).trim().split("|")
  // The test writes one of the states.
  return { state: (state ?? "unknown") as Health["state"], ...(reason !== undefined && { reason }), ...(action !== undefined && { action }) }
}

const size = async (call: Called) => Number(await read(call, "size"))

const layout = ({ mounts, owner }: { mounts: string; owner: number }): MountSpecification => ({
  // The test gives what may be a mount specification, or may not.
  mounts: JSON.parse(mounts) as MountSpecification["mounts"], ...(owner !== 0 && { ownership: { uid: owner, gid: owner } }),
})

// oxlint-disable-next-line import/no-default-export -- what the engine loads
export default definePlugin({
  id: "steady", name: "Steady", version: "1.0.0", buildNumber: "1", hostTypes: ["unix"], ingestion: "staged", schemas,
  discovery: {
    repositories: async (call) => (await lines(call, "repositories")).map((name) => ({ name })),
    sourceConfigs: async (call) => (await lines(call, "sources")).map((name) => ({ name })),
  },
  linked: {
    mountSpecification: ({ source }) => layout(source.parameters),
    async preSnapshot(call) {
      await note(call, `sync ${call.source.name} begins`)
      await held(call, "hold")
      for (const [index, mount] of call.mounts.entries()) await call.run.exec(call.connection, ["touch", `${mount}/file-${index}`], { check: true })
      await note(call, `sync ${call.source.name} ends`)
    },
    postSnapshot: ({ sourceConfig }) => ({ of: sourceConfig.name }),
    startStaging: (call) => note(call, `start staging ${call.source.name} ${call.mounts.length}`),
    stopStaging: (call) => note(call, `stop staging ${call.source.name} ${call.reason}`),
    status: (call) => health(call, "staging"),
    async worker(call) {
      await note(call, `worker ${call.source.name} begins`)
      if ((await read(call, "fail")) !== undefined) throw new Error("told to fail")
      await held(call, "work")
      await note(call, `worker ${call.source.name} ends`)
    },
    workerIntervalSeconds: 10,
    sourceSize: size,
  },
  virtual: {
    mountSpecification: ({ source }) => layout(source.parameters),
    async configure(call) {
      await note(call, `configure ${call.source.name} ${call.mounts.join(" ")}`)
      return { name: call.source.name }
    },
    async reconfigure(call) {
      await note(call, `reconfigure ${call.source.name}`)
      return call.sourceConfig
    },
    unconfigure: (call) => note(call, `unconfigure ${call.source.name} ${call.reason}`),
    cleanup: (call) => note(call, `cleanup ${call.source.name}`),
    async initialize(call) {
      await note(call, `initialize ${call.source.name} ${call.mounts.join(" ")}`)
      return { name: call.source.name }
    },
    start: (call) => note(call, `start ${call.source.name}`),
    stop: (call) => note(call, `stop ${call.source.name}`),
    postSnapshot: ({ source }) => ({ of: source.name }),
    status: (call) => health(call, `vdb-${call.source.name}`),
    sourceSize: size,
  },
})
