import { randomBytes } from "node:crypto"
import { existsSync } from "node:fs"
import { readFile, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { createClient, type Client, type Fetch, type Vdb } from "@veneer/engine/client"
import { execa } from "execa"
import fc from "fast-check"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createEngineHome, succeeded, type EngineHome, type EngineProcess } from "./support/engine.ts"
import { linkRequest, prepare } from "./support/estate.ts"
import { failed, refused } from "./support/fault.ts"
import { filesWith, sampled, startSampler, type Sampler } from "./support/planted.ts"
import { createSandbox, type Sandbox } from "./support/sandbox.ts"
import { BIN, LACKS, startServer, type Server } from "./support/server.ts"

/** What PostgreSQL takes as a name, and as a password. */
const HOSTILE = [`it's "quoted" $HOME \`id\` \\ ;`, "new\nline\r\ttab\u0001\u007f", "-ünï 名前 🐘 a=b&c#d%41?/@: ", `--help ../../up ${"x".repeat(47)}`]
/** What the API takes as the name of an object: letters and digits of any script, and a little more. */
const NAME = /^[\p{L}\p{N}_](?:[\p{L}\p{N}_ .:@-]*[\p{L}\p{N}_.:@-])?$/u
/** Stands in every planted secret, however that is quoted. */
/** Of this run alone: others on the machine may plant theirs at the same time. */
const PLANTED = `pl4nted${randomBytes(6).toString("hex")}`
const SOURCE_PASSWORD = ` it's ${PLANTED}source "$x" \\ : ü `
const VDB_PASSWORD = `'${PLANTED}vdb' "$x" \`id\` \\n ü`

describe.skipIf(LACKS !== undefined)(`hostile names${LACKS === undefined ? "" : ` (skipped: ${LACKS})`}`, () => {
  let sandbox: Sandbox
  let server: Server
  let home: EngineHome
  let engine: EngineProcess
  let client: Client
  let sampler: Sampler
  /** Everything the engine answered, but what is asked for to have a secret. */
  const replies: string[] = []

  beforeAll(async () => {
    sandbox = await createSandbox("hostile")
    server = await startServer(sandbox)
    for (const name of HOSTILE) await server.query(`create role ${pg.escapeIdentifier(name)} login password ${pg.escapeLiteral(`${name}!`)}`)
    for (const name of HOSTILE) await server.query(`create database ${pg.escapeIdentifier(name)} owner ${pg.escapeIdentifier(name)}`)
    await server.query(`alter role ${pg.escapeIdentifier(HOSTILE[0] ?? "")} replication password ${pg.escapeLiteral(SOURCE_PASSWORD)}`)
    home = createEngineHome(sandbox)
    engine = await home.start()
    const { url } = JSON.parse(await readFile(join(home.dataDir, "engine.json"), "utf8")) as { url: string }
    client = createClient({ url, token: (await readFile(join(home.dataDir, "token"), "utf8")).trim(), fetch: recording })
    await prepare(client)
    sampler = await startSampler(PLANTED)
    sandbox.defer(() => sampler.stop())
    const { job } = await client.linkDsource({ body: await linking() })
    await succeeded(client, job)
  })

  afterAll(() => sandbox?.clear())

  const recording: Fetch = async (address, init) => {
    const response = await globalThis.fetch(address, init)
    const isStream = init.headers["accept"] === "text/event-stream"
    if (!isStream && !address.includes("/access")) replies.push(`${init.method} ${address}\n${await response.clone().text()}`)
    return response
  }
  const linking = async () => linkRequest(client, server, "Ünï 名前: v1.0 @prod", { username: HOSTILE[0], password: SOURCE_PASSWORD })
  const DSOURCE = "Ünï 名前: v1.0 @prod"
  const made: string[] = []
  const vdbOf = async (name: string, parameters: Record<string, unknown> = {}, hooks: Record<string, string> = {}): Promise<Vdb> => {
    const { vdb, job } = await client.provisionVdb({ body: { name, from: DSOURCE, parameters, hooks } })
    await succeeded(client, job)
    made.push(vdb.id)
    return client.showVdb({ params: { id: vdb.id } })
  }
  const failing = async (parameters: Record<string, unknown>, hooks: Record<string, string> = {}, name = "refused") =>
    failed(client, (await client.provisionVdb({ body: { name, from: DSOURCE, parameters, hooks } })).job)
  /** One statement in a VDB, by the URL its owner is told. Taken apart here: pg's own parser leaves parts of it encoded. */
  const ask = async (id: string, sql: string): Promise<Record<string, unknown>[]> => {
    const { url = "" } = await client.showVdbAccess({ params: { id } })
    const [, user = "", password = "", host = "", port = "", database = ""] = /^postgresql:\/\/([^:]*):([^@]*)@([^:]*):(\d+)\/(.*)$/.exec(url)?.map(decodeURIComponent) ?? []
    const own = new pg.Client({ host, port: Number(port), user, password, database })
    await own.connect()
    try {
      return (await own.query<Record<string, unknown>>(sql)).rows
    } finally {
      await own.end()
    }
  }
  const discard = async (id: string) => succeeded(client, await client.deleteVdb({ params: { id } }))

  describe("of what is in the source", () => {
    it("all databases and roles are in the VDB, and each role reaches its database with its password", async () => {
      const { id, sourceConfig } = await vdbOf("ﬁrst: 名前")
      const lists = ["select datname as name from pg_database order by 1", "select rolname as name from pg_roles where rolname <> 'veneer' order by 1"]
      for (const sql of lists) expect(await ask(id, sql)).toEqual(await server.query(sql))
      for (const name of HOSTILE) {
        const own = new pg.Client({ host: "127.0.0.1", port: Number(sourceConfig?.["port"]), user: name, password: name === HOSTILE[0] ? SOURCE_PASSWORD : `${name}!`, database: name })
        await own.connect()
        expect((await own.query("select current_database() as database, current_user as role")).rows).toEqual([{ database: name, role: name }])
        await own.end()
      }
      await discard(id)
    })
  })

  it("a password that no password file can hold is refused, and leaves nothing", async () => {
    const { dsource, job } = await client.linkDsource({ body: await linkRequest(client, server, "broken", { username: HOSTILE[0], password: "two\nlines" }) })
    expect(await failed(client, job)).toMatchObject({ code: "password_unusable" })
    await expect(client.showDsource({ params: { id: dsource.id } })).rejects.toMatchObject({ code: "not_found" })
    expect((await client.examine()).items).toEqual([])
  })

  describe("of a VDB", () => {
    it.each(HOSTILE)("%j is a role, a password and a database like any other, before and after a refresh", async (name) => {
      const { id } = await vdbOf("named", { user: name, password: `${name} ${VDB_PASSWORD}`, database: name })
      const who = "select current_user as role, current_database() as database, (select rolsuper from pg_roles where rolname = current_user) as super"
      const expected = [{ role: name, database: name, super: true }]
      const { url } = await client.showVdbAccess({ params: { id } })
      expect(await ask(id, who)).toEqual(expected)
      await succeeded(client, await client.refreshVdb({ params: { id }, body: {} }))
      expect(await ask(id, who)).toEqual(expected)
      expect((await client.showVdbAccess({ params: { id } })).url).toBe(url)
      await discard(id)
    })

    it.each([[{ user: "ü".repeat(40) }, "name_too_long"], [{ database: "ü".repeat(40) }, "name_too_long"]])("%j has too many bytes, and fails with %s", async (parameters, code) => {
      expect(await failing(parameters)).toMatchObject({ code })
    })

    it.each([[{ user: "" }], [{ password: "" }], [{ database: "" }], [{ user: "nul\0" }], [{ database: "nul\0" }], [{ password: "nul\0" }], [{ user: "x".repeat(64) }], [{ mountPath: "" }], [{ mountPath: "relative" }], [{ osUser: "" }]])("%j is refused at once", async (parameters) => {
      expect(await refused(client.provisionVdb({ body: { name: "refused", from: DSOURCE, parameters } }))).toMatchObject({ status: 400, code: "invalid_request" })
    })

    it.each([[{ database: "no such" }, "database_missing"], [{ osUser: "no such $user" }, "user_unknown"], [{ osUser: "--help" }, "user_unknown"]])("%j fails with %s", async (parameters, code) => {
      expect(await failing(parameters)).toMatchObject({ code })
    })

    it.each([`it's "quoted" $HOME \`id\` \\ ; =,?#`, "new\nline\ttab\u0001", "-ünï 名前 🐘 "])("a path to mount at may end in %j", async (name) => {
      const mountPath = join(home.dataDir, "mounts", name)
      const { id } = await vdbOf("mounted", { mountPath })
      expect(existsSync(join(mountPath, "data/PG_VERSION"))).toBe(true)
      await succeeded(client, await client.disableVdb({ params: { id } }))
      expect(existsSync(join(mountPath, "data"))).toBe(false)
      await succeeded(client, await client.enableVdb({ params: { id } }))
      expect(await ask(id, "select current_setting('data_directory') as directory")).toEqual([{ directory: join(mountPath, "data") }])
      await discard(id)
      expect(existsSync(join(mountPath, "data"))).toBe(false)
    })

    it("a path to mount at can't be the system's, nor somebody else's", async () => {
      for (const mountPath of ["/", "/etc", "/usr/lib/postgresql", "/proc/self", "/tmp", "/tmp/../etc/veneer", join(home.dataDir, "pools/default/x"), `/tmp/${"x".repeat(300)}`, "/tmp//x/./y"]) {
        const asked = await client.provisionVdb({ body: { name: "refused", from: DSOURCE, parameters: { mountPath } } }).catch((error: unknown) => error)
        if (asked instanceof Error) expect(await refused(Promise.reject(asked)), mountPath).toMatchObject({ status: 400 })
        else expect((await failed(client, (asked as Awaited<ReturnType<Client["provisionVdb"]>>).job)).code, mountPath).toMatch(/^mount_(unsafe|occupied)$/)
      }
      expect(existsSync("/etc/veneer")).toBe(false)
    })

    it("the value of a setting may be any text", async () => {
      const settings = Object.fromEntries(HOSTILE.map((text, index) => [`hostile.n${index}`, text]))
      const { id } = await vdbOf("set", { settings: { ...settings, work_mem: "5MB" } })
      const rows = await ask(id, `select ${HOSTILE.map((_, index) => `current_setting('hostile.n${index}') as v${index}`).join(", ")}`)
      expect(Object.values(rows[0] ?? {})).toEqual(HOSTILE)
      await discard(id)
    })

    it("a setting that is none, or not for the person to set, is refused", async () => {
      const refusals: [Record<string, string>, string][] = [
        [{ "bad name": "1" }, "unknown_guc"], [{ "work_mem\nlisten_addresses": "*" }, "unknown_guc"], [{ "x = 'y'": "1" }, "unknown_guc"], [{ "": "1" }, "unknown_guc"],
        [{ no_such_setting: "1" }, "unknown_guc"], [{ include: "/etc/passwd" }, "unknown_guc"], [{ Include_Dir: "/etc" }, "unknown_guc"], [{ include_if_exists: "/etc/passwd" }, "unknown_guc"],
        [{ work_mem: "lots" }, "refused_value"], [{ work_mem: "1'\nlisten_addresses = '*" }, "refused_value"], [{ PORT: "1" }, "setting_owned"], [{ archive_command: "id" }, "setting_quarantined"],
      ]
      const codes = await Promise.all(refusals.map(async ([settings], index) => (await failing({ settings }, {}, `refused ${index}`)).code))
      expect(codes).toEqual(refusals.map(([, code]) => code))
    })

    it("its hooks get its name as it is, and say what they say", async () => {
      const name = "名前 h00k: @x.-_"
      const { vdb, job } = await client.provisionVdb({ body: { name, from: DSOURCE, parameters: {}, hooks: { "configure-clone": `printf '<%s>\\n' "$VENEER_NAME" "$VENEER_HOOK"; echo 'ü "q" $x' >&2` } } })
      made.push(vdb.id)
      await succeeded(client, job)
      const lines = (await client.listJobLines({ params: { id: job.id } })).items.map(({ line }) => line)
      expect(lines).toEqual(expect.arrayContaining([`<${name}>`, "<configure-clone>", 'ü "q" $x']))
      await discard(vdb.id)
    })

    it("a hook that fails takes the VDB with it", async () => {
      expect(await failing({}, { "configure-clone": "echo 'no $way'; exit 3" })).toMatchObject({ code: "hook_failed", output: expect.stringContaining("no $way") })
      expect(await refused(client.provisionVdb({ body: { name: "refused", from: DSOURCE, hooks: { "../x": "true" } } }))).toMatchObject({ status: 400 })
      expect(await refused(client.provisionVdb({ body: { name: "refused", from: DSOURCE, hooks: { "pre-start": "" } } }))).toMatchObject({ status: 400 })
      expect(await refused(client.provisionVdb({ body: { name: "refused", from: DSOURCE, hooks: { "pre-start": "echo \0" } } }))).toMatchObject({ status: 400 })
    })
  })

  describe("at the API", () => {
    const anything = fc.oneof(fc.string({ unit: "binary", maxLength: 80 }), fc.string({ unit: "grapheme", maxLength: 80 }), fc.constantFrom("", "\0", "../x", "-", "a/b", "\ud800", "x".repeat(64), "x".repeat(5000), "%00", ".", "..", ...HOSTILE))
    const runs = { numRuns: 60 }

    it("a name is taken or refused by what it is made of, and never breaks anything", async () => {
      await fc.assert(fc.asyncProperty(anything, async (name) => {
        const status = NAME.test(name) && [...name].length <= 63 ? 404 : 400
        expect((await refused(client.provisionVdb({ body: { name, from: "no such dSource" } }))).status).toBe(status)
        expect((await refused(client.linkDsource({ body: { name, source: "no such source" } }))).status).toBe(status)
      }), runs)
    })

    it("whatever points at an object is found or refused", async () => {
      await fc.assert(fc.asyncProperty(anything, async (id) => {
        // In a path there is no half of a character.
        const inPath = ["", ".", ".."].includes(id) || Buffer.from(id).toString() !== id ? [] : [client.showVdb, client.showJob, client.showSnapshot, client.deleteDsource, client.revokeToken]
        const questions: (() => Promise<unknown>)[] = [
          () => client.provisionVdb({ body: { name: "refused", from: id } }), () => client.linkDsource({ body: { name: "refused", source: id } }),
          () => client.provisionVdb({ body: { name: "refused", from: DSOURCE, environment: id } }), () => client.provisionVdb({ body: { name: "refused", from: DSOURCE, at: id } }),
          ...inPath.map((question) => () => question({ params: { id } })),
        ]
        for (const question of questions) await refused(question())
      }), runs)
    })
  })

  describe("and secrets", () => {
    it("are told to nobody who did not ask", async () => {
      const wrong = await client.linkDsource({ body: { ...(await linking()), name: "wrong", parameters: { method: { type: "streaming", host: "127.0.0.1", username: HOSTILE[0], password: `${PLANTED} wrong` } } } })
      expect(await failed(client, wrong.job)).toMatchObject({ code: "wrong_password" })
      const { id } = await vdbOf("secret", { password: VDB_PASSWORD })
      await succeeded(client, await client.snapshotVdb({ params: { id } }))
      await succeeded(client, await client.syncDsource({ params: { id: DSOURCE }, body: {} }))
      const { url } = await client.showVdbAccess({ params: { id } })
      expect(decodeURIComponent(url ?? "")).toContain(VDB_PASSWORD)

      expect(await sampled(), "what the sampler sees").toHaveLength(2)
      expect(await sampler.stop(), "command lines and environments of processes").toEqual([])
      for (const job of (await client.listJobs({ query: { limit: 500 } })).items) {
        await client.showJob({ params: { id: job.id } })
        await client.listJobLines({ params: { id: job.id }, query: { limit: 500 } })
      }
      await client.showVdb({ params: { id } })
      await client.showDsource({ params: { id: DSOURCE } })
      expect(replies.length).toBeGreaterThan(50)
      expect(replies.filter((reply) => reply.includes(PLANTED)), "answers").toEqual([])
      expect(engine.stderr()).not.toContain(PLANTED)
      const dump = await execa(join(BIN ?? "", "pg_dump"), ["--host", join(home.dataDir, "catalog/socket"), "--username", "veneer", "postgres"])
      expect(dump.stdout).toContain("COPY")
      expect(dump.stdout, "the catalog").not.toContain(PLANTED)
      expect(await filesWith(PLANTED, home.dataDir), "files of the engine, its pools, images and artifacts").toEqual([])
    })

    it("are on the host only where their owner alone can read them", async () => {
      const objects = [...(await client.listDsources({ query: {} })).items, ...(await client.listVdbs({ query: {} })).items]
      const files = (await Promise.all(objects.map(({ id }) => filesWith(PLANTED, `/tmp/veneer-${id}`)))).flat()
      expect(files.length).toBeGreaterThan(0)
      for (const file of files) {
        expect((await stat(file)).mode & 0o077, file).toBe(0)
        expect((await stat(dirname(file))).mode & 0o077, file).toBe(0)
      }
    })
  })

  it("leave nothing in the end", async () => {
    for (const { id } of (await client.listVdbs({ query: { limit: 100 } })).items) await discard(id)
    await succeeded(client, await client.deleteDsource({ params: { id: DSOURCE } }))
    expect((await client.examine()).items).toEqual([])
    for (const id of made) expect(existsSync(`/tmp/veneer-${id}`)).toBe(false)
  })

})
