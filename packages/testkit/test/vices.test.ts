import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { inspectPlugin } from "@veneer/sdk/check"
import { localHost, type SuiteOptions, type WorkflowName } from "../src/index.ts"
import { openKit } from "../src/suite/kit.ts"
import { observe, takeDown } from "../src/suite/leftovers.ts"
import { scenariosOf } from "../src/suite/scenarios.ts"
import { makeNotes, type Vice } from "./notes/plugin.ts"

const root = mkdtempSync(join(tmpdir(), "notes-"))
mkdirSync(join(root, "diary"))
writeFileSync(join(root, "diary", "monday.txt"), "monday\n")
afterAll(() => rmSync(root, { recursive: true }))

/** The first broken promise that the suite finds. */
async function found(vice: Vice, options: Partial<SuiteOptions<ReturnType<typeof makeNotes>["schemas"]>>): Promise<string> {
  const plugin = makeNotes(root, { vice })
  const all = { host: localHost(), scripts: new URL("./notes/scripts", import.meta.url), parameters: { linkedSource: { password: "vicious-password" } }, faults: false as const, twice: false, ...options }
  const { description } = inspectPlugin(plugin, { scripts: [] })
  const stage = { kit: await openKit(plugin, all), before: await observe([]), calls: new Map() }
  try {
    for (const { name, run } of scenariosOf(description ?? { operations: [] }, all)) {
      const failure = await run(stage).then(() => undefined, (error: Error) => `${name}: ${error.message}`)
      if (failure !== undefined) return failure
    }
    return "nothing"
  } finally {
    const ids = [...stage.kit.world.ids]
    await takeDown(stage.kit).catch(() => stage.kit.startOver())
    for (const id of ids) for (const name of readdirSync("/tmp").filter((entry) => entry.startsWith(`notes-${id}`))) rmSync(`/tmp/${name}`, { recursive: true })
    await stage.kit.close()
  }
}

const only = (...workflows: WorkflowName[]) => ({ workflows })

describe("the suite finds a plugin that", () => {
  it("returns what does not fit its schema", async () => {
    const said = await found("wrong-return", only("link"))
    expect(said).toMatch(/^link: linked\.postSnapshot in link, failed: .*\/notes must be integer; got "1"/)
    expect(said).toContain("The promise: Every handler returns what the next schema asks for.")
    expect(said).toContain("What to do: Return a value that fits the schema")
  })

  it("throws an error of no kind that a plugin may throw", async () => {
    expect(await found("plain-error", only("provision"))).toMatch(/virtual\.configure in provision, failed: .*threw an error that is no UserError: out of order/)
  })

  it("says that it runs when it does not, or speaks of another port when it is called twice", async () => {
    expect(await found("restless-port", { ...only("provision"), twice: true })).toMatch(/configure, called a second time in provision, spoke of something else: first \[\["the VDB",\d+\]\], then/)
    expect(await found("dead-server", only("provision"))).toMatch(/After virtual\.configure in provision virtual\.status says that the VDB does not run/)
  })

  it("finds other things each time it looks", async () => {
    expect(await found("restless-discovery", { ...only("discover"), twice: true })).toMatch(/discovery\.sourceConfigs, called a second time in discover, spoke of something else: first \[\["diary",\d+\]\], then/)
  })

  it("can't take down a VDB that is stopped already", async () => {
    expect(await found("needs-running", only("delete"))).toMatch(/^delete, of a stopped VDB: virtual\.unconfigure in delete, failed: \[not_running\]/)
  })

  it("takes a host that it can't reach for a stopped VDB", async () => {
    const said = await found("lying-status", { ...only("disable"), faults: { kinds: [] } })
    expect(said).toMatch(/^virtual\.status: virtual\.status said "inactive" when the host could not be reached for call 1, virtual\.status's run\.script "status\.sh"/)
    expect(said).toContain("The promise: A host that can't be reached is unknown, never inactive.")
  })

  it("does not take up what is there when it is called again", async () => {
    expect(await found("no-repeat", { ...only("resync"), twice: true })).toMatch(/linked\.preSnapshot in resync, failed: \[already_there\]/)
  })

  it("wants its dataset elsewhere each time it is asked", async () => {
    expect(await found("wandering-mount", { ...only("link"), twice: true })).toMatch(/mountSpecification, called a second time in link, spoke of something else|named other mounts/)
  })

  it("leaves a process running on a dataset that is to be unmounted", async () => {
    const said = await found("left-running", only("disable"))
    expect(said).toMatch(/disable: In disable the dataset vdb\/\w+\/g1 can't be unmounted: it is in use by \d+ \(sleep 1000\)/)
    expect(said).toContain("wait until its process has ended")
  })

  it("leaves a file behind", async () => {
    expect(await found("left-file", only("delete"))).toMatch(/^nothing is left on the host: When everything was deleted this is left:\n {4}The file or directory \/tmp\/notes-\w+/)
  })

  it("tells a secret in its log, in arguments, in an environment", async () => {
    expect(await found("leaking-log", only("link"))).toMatch(/Secrets were seen:\n {4}linked\.preSnapshot wrote a secret: the password is \[secret\]/)
    expect(await found("leaking-argument", only("link"))).toContain(`linked.preSnapshot's run.exec "true [secret]" has a secret among its arguments`)
    expect(await found("leaking-environment", only("link"))).toContain(`run.script "ingest.sh" hands over a secret as a plain text`)
  })

  it("takes an interrupted ingest for a complete one", async () => {
    const options = {
      workflows: ["resync" as const], faults: { kinds: ["cancelled" as const] },
      verify: { afterSync: ({ snapshot }: { snapshot: { notes: number } }) => expect(snapshot.notes).toBe(1) },
    }
    expect(await found("half-copy", options)).toMatch(/^resync: .*expected \+0 to be 1|expected 0 to be 1/)
  })
})
