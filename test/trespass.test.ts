import { cp, mkdir, readFile, stat, writeFile } from "node:fs/promises"
import { createConnection, createServer, type AddressInfo, type NetConnectOpts, type Server } from "node:net"
import { once } from "node:events"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { buildPlugin } from "../packages/cli/src/author/build.ts"
import { confine } from "../packages/engine/src/plugins/confinement.ts"
import { uidOf } from "../packages/engine/src/plugins/identities.ts"
import { runProgram } from "../packages/engine/src/system/program.ts"
import { createEngineHome, succeeded, type EngineHome, type EngineProcess } from "./support/engine.ts"
import { createSandbox, type Sandbox } from "./support/sandbox.ts"

const ROGUE = fileURLToPath(new URL("support/rogue", import.meta.url))
const { warnings } = await confine({ engineId: "test-trespass", run: runProgram })
const LACKS = process.getuid?.() === 0 ? warnings[0] : "needs root"

describe.skipIf(LACKS !== undefined)(`what a plugin's process can't reach${LACKS === undefined ? "" : ` (skipped: ${LACKS})`}`, () => {
  let sandbox: Sandbox
  let home: EngineHome
  let engine: EngineProcess

  beforeAll(async () => {
    sandbox = await createSandbox("trespass")
    home = createEngineHome(sandbox, { driver: "copy" })
    engine = await home.start()
    await engine.client.uploadPlugin({ body: await artifact("rogue") })
    await engine.client.uploadPlugin({ body: await artifact("other") })
    await engine.client.addEnvironment({ body: { name: "here", kind: "local" } })
    await succeeded(engine.client, await engine.client.refreshEnvironment({ params: { id: "here" } }))
  })

  afterAll(() => sandbox?.clear())

  /** Of the rogue under a name of its own. */
  async function artifact(id: string): Promise<Buffer> {
    const copy = join(sandbox.path, id)
    await cp(ROGUE, copy, { recursive: true })
    const entry = join(copy, "src/index.ts")
    await writeFile(entry, (await readFile(entry, "utf8")).replace('id: "rogue"', `id: "${id}"`).replaceAll('name: "rogue"', `name: "${id}"`))
    await mkdir(join(sandbox.path, "built"), { recursive: true })
    return readFile((await buildPlugin(copy, { out: join(sandbox.path, "built") })).file)
  }

  let count = 0
  /** What a plugin found that did as it was told, in a job. */
  async function found(how: string, text = "", plugin = "rogue"): Promise<unknown> {
    const { job } = await engine.client.linkDsource({ body: { name: `${plugin} ${++count}`, source: plugin, parameters: { how, text } } })
    await succeeded(engine.client, job)
    const { items } = await engine.client.listJobLines({ params: { id: job.id } })
    const last = items.map(({ line }) => line).findLast((line) => /^[[{"]/.test(line))
    return JSON.parse(last ?? "null")
  }

  const listening = async (options: object): Promise<Server> => {
    const server = createServer((socket) => socket.destroy()).listen(options)
    await once(server, "listening")
    sandbox.defer(async () => server.close())
    return server
  }

  it("is any network: neither the engine's API, nor a server on this machine, nor one elsewhere; its commands run", async () => {
    const { url } = JSON.parse(await readFile(join(home.dataDir, "engine.json"), "utf8")) as { url: string }
    const open = await listening({ port: 0, host: "0.0.0.0" })
    const abstract = `\0veneer-trespass-${process.pid}`
    await listening({ path: abstract })
    const { port } = open.address() as AddressInfo
    const reachable: NetConnectOpts[] = [{ host: "127.0.0.1", port: Number(new URL(url).port) }, { host: "127.0.0.1", port }, { path: abstract }]
    for (const to of reachable) {
      const socket = createConnection(to)
      await once(socket, "connect")
      socket.destroy()
    }
    expect(await found("connects", JSON.stringify([...reachable, { host: "1.1.1.1", port: 443 }, { host: "2606:4700:4700::1111", port: 443 }]))).toEqual(["ENETUNREACH", "ENETUNREACH", "ECONNREFUSED", "ENETUNREACH", expect.stringMatching(/^(ENETUNREACH|EADDRNOTAVAIL)$/)])
    expect(await found("runs")).toBe("from the host")
  })

  it("are the engine's sockets, the catalog's among them, and its files", async () => {
    const sockets = [join(home.dataDir, "engine.sock"), join(home.dataDir, "catalog/socket/.s.PGSQL.5432")]
    for (const path of sockets) expect((await stat(path)).isSocket()).toBe(true)
    expect(await found("connects", JSON.stringify(sockets.map((path) => ({ path }))))).toEqual(["EACCES", "EACCES"])
    for (const file of ["key", "token"]) expect(await found("meddles", join(home.dataDir, file))).toMatchObject({ others: "EACCES" })
  })

  it("are further rights: it is an OS user of its own, in no group, without capabilities, and can get none", async () => {
    const id = (await readFile(join(home.dataDir, "engine-id"), "utf8")).trim()
    for (const plugin of ["rogue", "other"]) {
      const uid = uidOf(id, plugin)
      const none = "0000000000000000"
      expect(await found("is told", "", plugin)).toMatchObject({
        uid: `${uid} ${uid} ${uid} ${uid}`, gid: `${uid} ${uid} ${uid} ${uid}`, groups: "", permitted: none, effective: none, inheritable: none, ambient: none, noNewPrivileges: "1", root: "EPERM",
        interfaces: ["lo"],
      })
    }
    expect(uidOf(id, "rogue")).not.toBe(uidOf(id, "other"))
    expect(await found("escalates")).toMatchObject({ said: "" })
  })

  it("is another plugin's process: it can be neither signalled nor read", async () => {
    const { pid } = (await found("is told", "", "other")) as { pid: number }
    expect(await found("interferes", String(pid))).toEqual({ signal: "EPERM", kill: "EPERM", environ: "EACCES", memory: "EACCES", files: "EACCES", root: "EACCES" })
    expect(await found("interferes", String(process.pid))).toMatchObject({ kill: "EPERM", environ: "EACCES" })
    expect(await found("is told", "", "other")).toMatchObject({ pid })
  })

  it("is its own artifact, to write it; it reads it", async () => {
    expect(await found("meddles", "/etc/shadow")).toEqual({ reads: "done", writes: "EACCES", creates: "EACCES", creating: "EACCES", others: "EACCES" })
  })
})
