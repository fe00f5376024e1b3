import http from "node:http"
import net from "node:net"
import { Secret } from "@veneer/sdk"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { PLANTED, startApi, type TestApi } from "../../test/api.ts"
import { insertEnvironment } from "../catalog/environments.ts"
import { insertSnapshot, insertTimeflow } from "../catalog/snapshots.ts"
import { changeVdb, findVdb } from "../catalog/vdbs.ts"
import { createClient, UnreachableError, VeneerError } from "../client/index.ts"

let api: TestApi
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

const ask = (path: string, init: Omit<RequestInit, "headers"> & { headers?: Record<string, string> } = {}) =>
  fetch(api.url + path, { ...init, headers: { authorization: `Bearer ${api.token}`, ...(typeof init.body === "string" && { "content-type": "application/json" }), ...init.headers } })

describe("tokens", () => {
  it("are asked for everywhere but at the health checks", async () => {
    for (const path of ["/healthz", "/readyz"]) expect((await fetch(api.url + path)).status).toBe(200)
    for (const path of ["/api/v1/vdbs", "/api/v1/openapi.json", "/api/docs/", "/api/v1/jobs/x/events", "/nowhere", "/healthz/../api/v1/vdbs", "/healthz?x"]) {
      const response = await fetch(api.url + path)
      expect([path, response.status, response.headers.get("content-type")]).toEqual([path, 401, "application/problem+json; charset=utf-8"])
      expect(await response.json()).toMatchObject({ code: "unauthorized" })
    }
    expect((await ask("/api/v1/vdbs", { headers: { authorization: "Bearer wrong" } })).status).toBe(401)
    expect((await ask("/api/v1/vdbs", { headers: { authorization: `Basic ${btoa(`x:${api.token}`)}` } })).status).toBe(401)
  })

  it("are shown once, work, and stop working when revoked", async () => {
    const made = await api.client.createToken({ body: { name: "ci" } })
    const theirs = createClient({ url: api.url, token: made.token })
    expect((await theirs.listTokens()).items.map(({ name }) => name)).toEqual(["ci", "first"])
    expect(JSON.stringify(await theirs.listTokens())).not.toContain(made.token)
    await expect(api.client.createToken({ body: { name: "ci" } })).rejects.toMatchObject({ code: "name_taken", status: 409 })
    await api.client.revokeToken({ params: { id: "ci" } })
    await expect(theirs.listTokens()).rejects.toMatchObject({ code: "unauthorized", status: 401 })
  })

  it("open the documentation in a browser, as the password", async () => {
    const headers = { authorization: `Basic ${btoa(`anybody:${api.token}`)}` }
    expect(await (await fetch(`${api.url}/api/docs/`, { headers })).text()).toContain("Swagger UI")
    expect((await fetch(`${api.url}/api/docs/`)).headers.get("www-authenticate")).toMatch(/^Basic /)
  })
})

describe("problems", () => {
  it("name each wrong field by its pointer", async () => {
    const response = await ask("/api/v1/vdbs", { method: "POST", body: JSON.stringify({ name: "-x", extra: 1, hooks: { "no/hook": "x" } }) })
    expect(response.status).toBe(400)
    expect(response.headers.get("content-type")).toBe("application/problem+json; charset=utf-8")
    const problem = (await response.json()) as { code: string; faults: { pointer: string }[] }
    expect(problem).toMatchObject({ code: "invalid_request" })
    expect(problem.faults.map(({ pointer }) => pointer).sort()).toEqual(["/extra", "/from", "/hooks/no~1hook", "/name"])
  })

  it("come in one form whatever is wrong with a request", async () => {
    const answers = await Promise.all([
      ask("/api/v1/nowhere"), ask("/api/v1/vdbs", { method: "PATCH" }), ask("/api/v1/vdbs?limit=0"), ask("/api/v1/vdbs?limit=many"), ask("/api/v1/vdbs/%zz"),
      ask("/api/v1/vdbs", { method: "POST", body: "{" }), ask("/api/v1/vdbs", { method: "POST", body: "<x/>", headers: { "content-type": "text/xml" } }),
      ask("/api/v1/vdbs/a%00b"), ask("/api/v1/vdbs", { method: "POST", body: JSON.stringify({ name: "x", from: "y", parameters: { a: "\ud800" } }) }),
      ask("/api/v1/vdbs", { method: "POST", body: `{"name":"x","from":"y","parameters":${'{"a":'.repeat(3000)}1${"}".repeat(3000)}}` }),
      ask("/api/v1/tokens", { method: "POST", body: '{"__proto__":{"name":"x"}}' }), ask("/api/v1/jobs/nope/events"),
      ask("/api/v1/jobs/nope/events", { headers: { "last-event-id": "x" } }), ask("/api/v1/events", { headers: { "last-event-id": "1-99999999999999999999" } }),
      ask("/api/v1/snapshots?dsource=a&vdb=b"), ask("/api/v1/plugins", { method: "POST", body: "{}" }),
    ])
    for (const answer of answers) {
      expect([answer.url, answer.headers.get("content-type"), String(answer.status)]).toEqual([answer.url, "application/problem+json; charset=utf-8", expect.stringMatching(/^4/)])
      expect(await answer.json()).toMatchObject({ code: expect.any(String), message: expect.any(String), action: expect.any(String) })
    }
  })

  it("answer even what is not HTTP", async () => {
    const socket = net.connect(Number(new URL(api.url).port), "127.0.0.1")
    socket.end("nonsense\r\n\r\n")
    let text = ""
    for await (const chunk of socket) text += String(chunk)
    expect(text).toMatch(/^HTTP\/1\.1 400 [^]*application\/problem\+json[^]*"action"/)
  })

  it("keep what nobody foresaw to the engine's log, and pass a plugin's words on", async () => {
    const error = await api.client.showVdbStatus({ params: { id: "explode" } }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: "internal", status: 500 })
    expect(String(error)).not.toContain(PLANTED)
    expect(api.reports.splice(0)).toHaveLength(1)
    await expect(api.client.showVdbStatus({ params: { id: "blame" } })).rejects.toMatchObject({ code: "toy_broken", action: "Mend the toy.", output: "crack", status: 422 })
  })

  it("tell no engine from an engine", async () => {
    await expect(createClient({ url: "http://127.0.0.1:1", token: "x" }).listVdbs()).rejects.toBeInstanceOf(UnreachableError)
    const other = http.createServer((_request, response) => response.writeHead(200).end("<html>")).listen(0, "127.0.0.1")
    await new Promise((resolve) => other.once("listening", resolve))
    const address = other.address()
    const port = typeof address === "object" ? address?.port : undefined
    await expect(createClient({ url: `http://127.0.0.1:${port}`, token: "x" }).listVdbs()).rejects.toBeInstanceOf(UnreachableError)
    other.close()
    await expect(api.client.showVdb({ params: { id: "x" } })).rejects.toBeInstanceOf(VeneerError)
  })
})

describe("limits", () => {
  it("hold bodies at 1 MiB and artifacts at 64 MiB", async () => {
    const large = await ask("/api/v1/tokens", { method: "POST", body: JSON.stringify({ name: "x".repeat(1024 * 1024) }) })
    expect([large.status, ((await large.json()) as { code: string }).code]).toEqual([413, "payload_too_large"])
    const bytes = { method: "POST", headers: { "content-type": "application/octet-stream" } }
    expect((await ask("/api/v1/plugins", { ...bytes, body: new Uint8Array(3 * 1024 * 1024) })).status).toBe(200)
    const tooLarge = await api.server.app.inject({ method: "POST", url: "/api/v1/plugins", headers: { ...bytes.headers, authorization: `Bearer ${api.token}` }, payload: Buffer.alloc(64 * 1024 * 1024 + 1) })
    expect(tooLarge.statusCode).toBe(413)
  })
})

describe("paging", () => {
  it("goes through a collection once, in order, and says where it ends", async () => {
    for (const name of ["c", "a", "e", "b", "d"]) await insertEnvironment(api.catalog, { name, kind: "local" })
    const names: string[] = []
    let after: string | undefined
    do {
      const page = await api.client.listEnvironments({ query: { limit: 2, ...(after !== undefined && { after }) } })
      names.push(...page.items.map(({ name }) => name))
      after = page.next
    } while (after !== undefined)
    expect(names).toEqual(["a", "b", "c", "d", "e", "local"])
  })

  it("does not end quietly when the object it stood at is gone", async () => {
    for (const list of [api.client.listVdbs, api.client.listEnvironments, api.client.listJobs]) {
      await expect(list({ query: { after: "gone" } })).rejects.toMatchObject({ code: "invalid_request", faults: [{ pointer: "/after" }] })
    }
  })
})

describe("secrets", () => {
  it("show in no answer but how a VDB is reached", async () => {
    const { client } = api
    const parameters = { password: PLANTED, method: { type: "streaming", password: PLANTED } }
    const { dsource, job } = await client.linkDsource({ body: { name: "sales", source: "main", parameters } })
    expect(dsource.parameters).toEqual({ password: "[secret]", method: { type: "streaming", password: "[secret]" } })
    await client.watchJob(job.id)
    await insertTimeflow(api.catalog, { id: "t1", owner: { kind: "dsource", id: dsource.id }, reason: "link" })
    await insertSnapshot(api.catalog, {
      id: "s1", owner: { kind: "dsource", id: dsource.id }, timeflowId: "t1", pool: "default", dataset: "snapshot/s1", state: "published",
      metadata: { moment: "now", key: new Secret(PLANTED) },
    })
    const { vdb } = await client.provisionVdb({ body: { name: "sales-dev", from: "sales", parameters } })
    expect(vdb.parent).toEqual({ kind: "dsource", id: dsource.id, name: "sales", snapshot: "s1" })
    expect((await findVdb(api.catalog, vdb.id))?.parameters["password"]).toBeInstanceOf(Secret)

    const id = { params: { id: "sales-dev" } }
    const answers = await Promise.all([
      client.listDsources(), client.showDsource({ params: { id: "sales" } }), client.listVdbs(), client.showVdb(id), client.listSnapshots({ query: { dsource: "sales" } }),
      client.showSnapshot({ params: { id: "s1" } }), client.listRepositories(), client.listSourceConfigs({ query: { environment: "local" } }), client.listJobs(),
      client.showJob({ params: { id: job.id } }), client.listJobLines({ params: { id: job.id } }), client.showVdbStatus(id), client.showVdbUsage(id), client.showEngine(),
      client.listPlugins(), client.listPools(), client.listTokens(), client.startVdb(id), client.refreshVdb({ ...id, body: {} }),
    ])
    expect(JSON.stringify(answers)).not.toContain(PLANTED)
    expect(JSON.stringify(answers)).not.toContain("step output")
    expect(JSON.stringify(answers)).toContain("[secret]")
    expect((await client.showVdbAccess(id)).url).toContain(PLANTED)
  })
})

describe("waiting for a VDB to be reached", () => {
  it("ends when it is made, however long one would have waited", async () => {
    const { client } = api
    const { vdb } = await client.createEmptyVdb({ body: { name: "later", plugin: "toy", environment: "local" } })
    let isTold = false
    const access = client.showVdbAccess({ params: { id: "later" }, query: { wait: 3600 } }).then(() => (isTold = true))
    await client.listVdbs()
    expect(isTold).toBe(false)
    await changeVdb(api.catalog, vdb.id, { state: "active", sourceConfig: {} })
    api.changes.events()
    expect(await access).toBe(true)
  })
})

describe("the Unix socket", () => {
  it("answers as TCP does, with a token", async () => {
    const status = (headers: Record<string, string>) => new Promise((resolve, reject) => {
      http.get({ socketPath: api.socket, path: "/api/v1/engine", headers }, (response) => resolve(response.resume().statusCode)).once("error", reject)
    })
    expect(await status({})).toBe(401)
    expect(await status({ authorization: `Bearer ${api.token}` })).toBe(200)
  })
})
