import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { buildPlugin } from "../../packages/cli/src/author/build.ts"
import type { Sandbox } from "./sandbox.ts"

type SchemaName = "repository" | "sourceConfig" | "linkedSource" | "virtualSource" | "snapshot" | "snapshotParameters"

/** What the first build of the plugin stores. */
const FIRST: Readonly<Record<SchemaName, string>> = {
  repository: `Type.Object({ path: Type.String() }, { identityFields: ["path"], nameField: "path" })`,
  sourceConfig: `Type.Object({ name: Type.String(), port: Type.String(), password: Type.Optional(secret()) }, { identityFields: ["name"], nameField: "name" })`,
  linkedSource: `Type.Object({ address: Type.String(), password: secret() })`,
  virtualSource: `Type.Object({ port: Type.String(), password: Type.Optional(secret()) })`,
  snapshot: `Type.Object({ taken: Type.String(), token: Type.Optional(secret()) })`,
  snapshotParameters: `Type.Object({ resync: Type.Optional(Type.Boolean()) })`,
}

/** How a build differs from the first. */
export interface Edition {
  id?: string
  build: string
  ingestion?: "staged" | "direct"
  /** TypeBox expressions. */
  schemas?: Partial<Record<SchemaName, string>>
  /** Whole migrations: `migration("1", "snapshot", (old) => old)`. */
  migrations?: readonly string[]
  /** Statements at the top of the module. */
  top?: string
}

const built = new Map<string, Promise<Buffer>>()

/** Builds a plugin that finds one repository and source, and whose ingest logs which build it is, once the file that its dSource is named after is gone. */
export function growing(sandbox: Sandbox, edition: Edition): Promise<Buffer> {
  const key = JSON.stringify(edition)
  const known = built.get(key) ?? make(sandbox, edition)
  built.set(key, known)
  return known
}

async function make(sandbox: Sandbox, { id = "growing", build, ingestion = "staged", schemas = {}, migrations = [], top = "" }: Edition): Promise<Buffer> {
  const folder = join(sandbox.path, "growing", String(built.size))
  await mkdir(join(folder, "src"), { recursive: true })
  const declared = Object.entries({ ...FIRST, ...schemas }).map(([name, schema]) => `${name}: ${schema}`).join(",\n    ")
  const mount = ingestion === "staged" ? "mountSpecification: () => ({ mounts: [{}] })," : ""
  await writeFile(join(folder, "src/index.ts"), `
import { definePlugin, migration, secret, Secret, Type, UserError } from "@veneer/sdk"
import { existsSync } from "node:fs"
${top}
const seen = [secret, Secret, UserError, migration]
const build = ${JSON.stringify(build)}
const config = { name: "main", port: ${/port: Type.Integer/.test(schemas.sourceConfig ?? "") ? "5432" : `"5432"`}, password: new Secret("found-s3cr3t") }
export default definePlugin({
  id: ${JSON.stringify(id)}, name: "Growing", version: "1.0.0", buildNumber: build, hostTypes: ["unix"], ingestion: ${JSON.stringify(ingestion)},
  schemas: {
    ${declared}
  },
  migrations: [${migrations.join(",\n    ")}],
  discovery: { repositories: () => [{ path: "/usr/bin/" + seen.length }], sourceConfigs: () => [config] },
  linked: {
    ${mount}
    preSnapshot: async ({ source, log }) => {
      while (existsSync(source.name)) await new Promise((resolve) => setTimeout(resolve, 5))
      log(build)
    },
    postSnapshot: () => ({ taken: "now" }),
  },
  virtual: { mountSpecification: () => ({ mounts: [{}] }), configure: () => config, reconfigure: () => config, postSnapshot: () => ({ taken: "now" }) },
})
`)
  return readFile((await buildPlugin(folder, { out: join(folder, "dist") })).file)
}
