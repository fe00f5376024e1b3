import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { basename, join } from "node:path"
import { artifactOf } from "./artifact.ts"
import { createEngineHome, succeeded, type EngineHome, type EngineProcess } from "./engine.ts"
import type { Sandbox } from "./sandbox.ts"

/** An engine with the plugin `steady`, and the folder by which that is told what to find and how things are. */
export interface Steady {
  environment: string
  engine: EngineProcess
  home: EngineHome
  /** Puts a text into a file of the folder. */
  tell(name: string, text: string): Promise<void>
  forget(name: string): Promise<void>
  /** The lines of its journal so far. */
  journal(): Promise<string[]>
  /** Links a source and waits until it is ingested. */
  link(name: string, parameters?: Record<string, unknown>, source?: string): Promise<void>
}

/** @param watch how often the engine looks */
export async function startSteady(sandbox: Sandbox, watch: object): Promise<Steady> {
  const folder = await mkdtemp("/tmp/veneer-steady-")
  sandbox.defer(() => rm(folder, { recursive: true }))
  const environment = basename(folder)
  const tell = (name: string, text: string) => writeFile(join(folder, name), text)
  for (const [name, text] of [["repositories", "main"], ["sources", "one\ntwo"], ["staging", "active"], ["size", "11"]] as const) await tell(name, text)
  const home = createEngineHome(sandbox, { config: { watch } })
  const engine = await home.start()
  const { client } = engine
  await client.uploadPlugin({ body: await artifactOf(sandbox, "steady") })
  await succeeded(client, (await client.addEnvironment({ body: { name: environment, kind: "local" } })).job)
  return {
    environment, engine, home, tell,
    forget: (name) => rm(join(folder, name), { force: true }),
    journal: async () => (await readFile(join(folder, "journal"), "utf8").catch(() => "")).split("\n").filter(Boolean),
    link: async (name, parameters = {}, source = "one") => void (await succeeded(client, (await client.linkDsource({ body: { name, source, parameters } })).job)),
  }
}
