import { existsSync, readdirSync } from "node:fs"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Input } from "@veneer/engine/client"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { makeOsUser, type OsUser } from "../packages/engine/test/os-user.ts"
import { LACKS_SSHD, startSshd, type Sshd } from "../packages/engine/test/sshd.ts"
import { artifactOf } from "./support/artifact.ts"
import { createEngineHome, succeeded, type EngineHome, type EngineProcess } from "./support/engine.ts"
import { failed, refused } from "./support/fault.ts"
import { createSandbox, type Sandbox } from "./support/sandbox.ts"
import { LACKS } from "./support/server.ts"

const lacks = LACKS ?? LACKS_SSHD

describe.skipIf(lacks !== undefined)(`an environment over SSH${lacks === undefined ? "" : ` (skipped: ${lacks})`}`, () => {
  let sandbox: Sandbox
  let home: EngineHome
  let engine: EngineProcess
  let user: OsUser
  let sshd: Sshd
  let tree = ""

  beforeAll(async () => {
    sandbox = await createSandbox("ssh")
    user = makeOsUser(sandbox.path)
    sshd = await startSshd(join(sandbox.path, "sshd"))
    tree = join(sandbox.path, "tree")
    await mkdir(tree)
    await writeFile(join(tree, "a"), "one")
    home = createEngineHome(sandbox)
    engine = await home.start()
    await engine.client.uploadPlugin({ body: await artifactOf(sandbox, "../../plugins/files-direct") })
    await succeeded(engine.client, (await engine.client.addEnvironment({ body: { name: "here", kind: "local" } })).job)
  })

  afterAll(async () => {
    await engine?.stop()
    await sshd?.stop()
    user?.remove()
    await sandbox?.clear()
  })

  const address = () => ({ host: sshd.address, port: sshd.port, user: user.name })
  const sync = () => engine.client.syncDsource({ params: { id: "docs" }, body: {} })
  const scratches = () => readdirSync("/var/tmp").filter((name) => name.endsWith(user.name))

  it("that can't be logged in to is not added", async () => {
    const refusal = await refused(engine.client.addEnvironment({ body: { name: "db-1", kind: "ssh", ssh: { ...address(), login: { type: "password", password: "planted-wrong" } } } }))
    expect(refusal.code).toBe("login_refused")
    const other = await refused(engine.client.addEnvironment({ body: { name: "db-1", kind: "ssh", ssh: { ...address(), hostKey: `SHA256:${"A".repeat(43)}`, login: { type: "password", password: user.password } } } }))
    expect(other.code).toBe("host_key_changed")
    expect((await engine.client.listEnvironments()).items.map(({ name }) => name)).toEqual(["here"])
  })

  it("keeps the host key it presented, shows no secret, and is discovered", async () => {
    const { environment, job } = await engine.client.addEnvironment({ body: { name: "db-1", kind: "ssh", ssh: { ...address(), login: { type: "password", password: user.password } } } })
    await succeeded(engine.client, job)
    expect(environment).toMatchObject({ kind: "ssh", user: user.name, ssh: { ...address(), hostKey: `ssh-ed25519 ${sshd.fingerprint}`, login: "password" } })
    expect(JSON.stringify(await engine.client.showEnvironment({ params: { id: "db-1" } }))).not.toContain(user.password)
    expect((await engine.client.listRepositories({ query: { environment: "db-1" } })).items.map(({ name }) => name)).toEqual(["rsync"])
  })

  it("is a source: its directory is pulled, and a VDB of it stands on the engine's machine", async () => {
    await engine.client.addSourceConfig({ body: { environment: "db-1", plugin: "files-direct", definition: { path: tree } } })
    await succeeded(engine.client, (await engine.client.linkDsource({ body: { name: "docs", source: tree, parameters: {} } })).job)
    const mountLocation = join(sandbox.path, "vdb")
    await succeeded(engine.client, (await engine.client.provisionVdb({ body: { name: "docs-dev", from: "docs", environment: "here", parameters: { mountLocation } } })).job)
    expect(await readFile(join(mountLocation, "a"), "utf8")).toBe("one")
    expect((await engine.client.examine()).items).toEqual([])
  })

  it("gets no VDB and no staging while storage can't be mounted there", async () => {
    for (const asked of [
      () => engine.client.provisionVdb({ body: { name: "far", from: "docs", environment: "db-1" } }),
      () => engine.client.createEmptyVdb({ body: { name: "far", plugin: "files-direct", environment: "db-1" } }),
    ]) expect((await refused(asked())).code).toBe("storage_out_of_reach")
  })

  it("is reached again by an engine that was restarted", async () => {
    await engine.stop()
    engine = await home.start()
    await writeFile(join(tree, "a"), "two, and longer")
    await succeeded(engine.client, await sync())
  })

  it("whose host key changed is refused loudly, until the new key is given", async () => {
    await sshd.stop()
    await sshd.start({ newHostKey: true })
    expect((await failed(engine.client, await sync())).code).toBe("host_key_changed")
    const environment = await engine.client.updateEnvironment({ params: { id: "db-1" }, body: { hostKey: sshd.publicKey } })
    expect(environment.ssh?.hostKey).toBe(`ssh-ed25519 ${sshd.fingerprint}`)
    await succeeded(engine.client, await sync())
  })

  it("that is down costs its own jobs only, and nothing of what is elsewhere", async () => {
    await sshd.stop()
    expect((await failed(engine.client, await sync())).code).toBe("environment_unreachable")
    await succeeded(engine.client, await engine.client.snapshotVdb({ params: { id: "docs-dev" } }))
    await sshd.start()
    await succeeded(engine.client, await sync())
  })

  it("can be logged in to in another way, once that has been seen to work", async () => {
    const update = (login: NonNullable<Input<"updateEnvironment">["body"]>["login"]) => engine.client.updateEnvironment({ params: { id: "db-1" }, body: { ...(login && { login }) } })
    expect((await refused(update({ type: "reference", reference: "vault:db-1" }))).code).toBe("credentials_missing")
    expect((await update({ type: "keyPair", privateKey: sshd.key })).ssh?.login).toBe("keyPair")
    await succeeded(engine.client, await sync())
  })

  it("leaves nothing on its host when it is removed", async () => {
    await succeeded(engine.client, await engine.client.deleteVdb({ params: { id: "docs-dev" }, query: {} }))
    await succeeded(engine.client, await engine.client.deleteDsource({ params: { id: "docs" }, query: {} }))
    await engine.client.removeEnvironment({ params: { id: "db-1" } })
    expect(scratches()).toEqual([])
    expect(existsSync(tree)).toBe(true)
  })
})
