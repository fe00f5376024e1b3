import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Secret } from "@veneer/sdk"
import { afterAll, describe, expect, it } from "vitest"
import { callOperation, localHost, pluginSuite, recordedHost, type RecordedHostOptions } from "../src/index.ts"
import { makeNotes } from "./notes/plugin.ts"
import { scripts, useNotebooks } from "./notebooks.ts"

const root = useNotebooks()
const folder = mkdtempSync(join(tmpdir(), "recordings-"))
afterAll(() => rmSync(folder, { recursive: true }))

const PASSWORD = "recorded-password"
const never = () => Promise.reject(new Error("A replay has no use for a real host.")) as never
const at = (name: string) => join(folder, `${name}.json`)

// One suite is recorded on this machine, the next is played without it.
const file = at("suite")
for (const record of [true, false]) {
  pluginSuite({ ...makeNotes(root), id: record ? "being-recorded" : "replayed" }, {
    host: () => recordedHost(file, { from: record ? localHost : never, record }), scripts,
    workflows: ["link", "sync", "provision", "delete"], faults: { kinds: ["before"], workflows: ["provision"] },
    parameters: { linkedSource: { password: PASSWORD } },
  })
}

describe("a recording", () => {
  it("holds neither secrets nor what differs from run to run", () => {
    const text = readFileSync(file, "utf8")
    expect(text).not.toContain(PASSWORD)
    expect(text).not.toContain("veneer-suite-")
    expect(text).toContain(`"MOUNT": "<root>/mounts/dsource/<id-1>"`)
    expect(text).toMatch(/"PORT": \{\s+"\$number": "<port-\d+-main>"\s+\}/)
    expect(JSON.parse(text)).toMatchObject({ format: 1, host: { name: "here", address: "127.0.0.1" } })
  })

  const discover = async (name: string, options: Partial<RecordedHostOptions>, path = root) => {
    const host = recordedHost(at(name), { from: localHost, record: false, ...options })
    const lines: string[] = []
    const found = callOperation(makeNotes(path), "discovery.sourceConfigs", { repository: { path } }, { host, scripts, onLine: (line) => lines.push(line) })
    const value = await found.finally(() => void host.close())
    return { value, complaints: host.complaints, lines }
  }

  it("answers again what a real host has answered, with the texts of this run", async () => {
    const { value } = await discover("discover", { record: true, volatile: { notebooks: root } })
    expect(value).toEqual([{ name: "diary", folder: `${root}/diary`, port: 0 }])
    expect(readFileSync(at("discover"), "utf8")).toContain(`"ROOT": "<notebooks>"`)
    expect((await discover("discover", { from: never, volatile: { notebooks: "/elsewhere" } }, "/elsewhere")).value).toEqual([{ name: "diary", folder: "/elsewhere/diary", port: 0 }])
  })

  it("answers with the errors and the log that there were", async () => {
    const input = { source: { id: "x", name: "x", parameters: { password: new Secret(PASSWORD), pattern: "none" } }, repository: {}, sourceConfig: { folder: `${root}/diary` }, mounts: [root], resync: true }
    for (const record of [true, false]) {
      const host = recordedHost(at("ingest"), { from: localHost, record })
      const lines: string[] = []
      await expect(callOperation(makeNotes(root), "linked.preSnapshot", input, { host, scripts, onLine: (line) => lines.push(line) })).rejects.toMatchObject({ name: "ScriptError", command: "ingest.sh", exitCode: 1 })
      expect(lines).toContain(`copying ${root}/diary`)
      await host.close()
    }
    expect(readFileSync(at("ingest"), "utf8")).not.toContain(PASSWORD)
  })

  it("leaves out of comparisons what a pattern matches", async () => {
    await discover("pattern", { record: true })
    await expect(discover("pattern", {}, "/other")).rejects.toThrow("/values/ROOT was")
    await expect(discover("pattern", { volatile: { somewhere: /\/[\w/-]+/ } }, "/other")).resolves.toMatchObject({ complaints: [] })
  })

  it("names the first difference when something else is asked", async () => {
    await discover("mismatch", { record: true })
    await expect(discover("mismatch", {}, "/other")).rejects.toThrow(`The recording ${at("mismatch")} has nothing for discovery.sourceConfigs to run.script "find.sh" with ROOT="/other": /values/ROOT was "${root}" and is "/other". If the change is meant, record it again with VENEER_RECORD=1.`)
  })

  it("that is not there says how to make one, and replaying makes none", async () => {
    expect(() => recordedHost(at("nowhere"), { from: never, record: false })).toThrow(/There is no recording in .*nowhere\.json\. Record it .*: VENEER_RECORD=1 npx vitest run/)
    expect(existsSync(at("nowhere"))).toBe(false)
  })
})
