import { execFileSync } from "node:child_process"
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { DetachedCommand } from "@veneer/sdk/contract"
import { EngineError } from "../errors.ts"
import { until } from "../until.ts"
import { PLACES, type OpenPlace } from "../../test/places.ts"
import { LACKS_SSHD } from "../../test/sshd.ts"
import type { Host } from "./port.ts"

const ENGINE = `test-detached-${process.pid}`
const isRoot = process.getuid?.() === 0

test.skipIf(LACKS_SSHD !== undefined)(`a host over SSH is held to all of this, too${LACKS_SSHD === undefined ? "" : ` (${LACKS_SSHD})`}`, () => {
  expect(PLACES.filter(({ lacks }) => lacks === undefined)).toHaveLength(2)
})

describe.each(PLACES.filter(({ lacks }) => lacks === undefined))("$name", ({ open }) => {
  let folder = ""
  let host: Host
  let place: OpenPlace
  /** Counts its starts, says so, waits for the file `go`, and answers with the secret's length. */
  let script = ""

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "veneer-detached-"))
    await chmod(folder, 0o777)
    place = await open(folder, ENGINE)
    host = place.host
    script = join(folder, "script.sh")
    await writeFile(script, `
eval "$(cat)"
echo start >>"${folder}/starts-$NAME"
echo "started $NAME" >&2
until [[ -e ${folder}/go-$NAME ]]; do sleep 0.02; done
echo "ended $NAME" >&2
echo "{\\"length\\":\${#PASSWORD}}"
exit "\${CODE-0}"
`)
    await chmod(script, 0o755)
  })

  afterAll(async () => {
    for (const key of await host.listDetached()) await host.discardDetached(key)
    await place.close()
    await rm(folder, { recursive: true, force: true })
  })

  const secret = "planted-secret-9f2c"
  const stdinFor = (name: string, more = "") => `NAME=${name}\nPASSWORD=${secret}\n${more}`
  const follow = (name: string, command: Partial<DetachedCommand> = {}) => host.runDetached({ script, key: `job/${name}.1`, stdin: stdinFor(name), ...command })
  const go = (name: string) => writeFile(join(folder, `go-${name}`), "")
  const starts = async (name: string) => (await readFile(join(folder, `starts-${name}`), "utf8")).trim().split("\n").length
  const runFolder = (name: string) => join(place.runs, encodeURIComponent(`job/${name}.1`).replaceAll(".", "%2E"))
  const session = async (name: string) => Number((await readFile(join(runFolder(name), "run"), "utf8")).split(" ")[0])

  /** Processes by a pattern over their whole command line. */
  function processes(pattern: string): number[] {
    try {
      return execFileSync("pgrep", ["-f", "--", pattern], { encoding: "utf8" }).trim().split("\n").map(Number)
    } catch {
      return []
    }
  }

  /** Follows until the script has said that it started. */
  async function started(name: string, command: Partial<DetachedCommand> = {}) {
    let ended: Promise<unknown> | undefined
    await new Promise<void>((resolve) => {
      ended = follow(name, { ...command, onStderr: (line) => line === `started ${name}` && resolve() }).catch((error: unknown) => error)
    })
    return { ended: async () => ended }
  }

  test("a run is followed to its end, and a repeated one answers the same without a second start", async () => {
    await go("plain")
    const lines: string[] = []
    const first = await follow("plain", { stdin: stdinFor("plain", "CODE=4\n"), onStderr: (line) => lines.push(line) })
    expect(first).toEqual({ exitCode: 4, stdout: `{"length":${secret.length}}\n`, stderr: "started plain\nended plain\n", truncated: false, timedOut: false })
    expect(lines).toEqual(["started plain", "ended plain"])
    expect(await follow("plain")).toEqual(first)
    expect(await starts("plain")).toBe(1)
  })

  test("a follower that is killed costs nothing: the next one attaches and gets the result, once", async () => {
    const { ended } = await started("killed")
    for (const pid of processes(`detached.sh run ${runFolder("killed")} `)) process.kill(pid, "SIGKILL")
    await ended()
    const again = follow("killed")
    await go("killed")
    expect(await again).toMatchObject({ exitCode: 0, stdout: `{"length":${secret.length}}\n`, stderr: "started killed\nended killed\n" })
    expect(await starts("killed")).toBe(1)
  })

  test("two followers at once share one run", async () => {
    const both = [follow("shared"), follow("shared")]
    await go("shared")
    const [one, two] = await Promise.all(both)
    expect(one).toEqual(two)
    expect(await starts("shared")).toBe(1)
  })

  test("a run that was killed with its supervisor has ended abnormally, is not started again and leaves nothing running", async () => {
    const { ended } = await started("gone")
    process.kill(await session("gone"), "SIGKILL")
    expect(await ended()).toMatchObject({ exitCode: undefined, timedOut: false })
    await go("gone")
    expect(await follow("gone")).toMatchObject({ exitCode: undefined })
    expect(await starts("gone")).toBe(1)
    expect(processes(script)).toEqual([])
  })

  test("an abort kills the run; the lost lease of an engine that stops leaves it", async () => {
    const lease = new AbortController()
    const kept = await started("kept", { signal: lease.signal })
    lease.abort(new EngineError("lease_lost", "The engine is stopping."))
    expect(await kept.ended()).toMatchObject({ code: "lease_lost" })
    expect(processes(script)).not.toEqual([])

    const job = new AbortController()
    const again = started("kept", { signal: job.signal })
    const cancelled = (await again).ended()
    job.abort()
    expect(await cancelled).toMatchObject({ code: "cancelled" })
    expect(processes(script)).toEqual([])
    expect((await follow("kept")).exitCode).not.toBe(0)
    expect(await starts("kept")).toBe(1)
  })

  test("an abort before the run is recorded keeps it from starting", async () => {
    for (const delayMs of [0, 3, 6, 9, 12, 20, 30]) {
      const controller = new AbortController()
      setTimeout(() => controller.abort(), delayMs)
      await expect(follow(`early${delayMs}`, { signal: controller.signal })).rejects.toMatchObject({ code: "cancelled" })
    }
    expect(await until(() => processes(script).length === 0, { deadlineMs: 3_000 })).toBe(true)
  })

  test("a time-out kills the run", async () => {
    expect(await follow("slow", { timeoutMs: 300 })).toMatchObject({ exitCode: undefined, timedOut: true })
    expect(processes(script)).toEqual([])
  })

  test("input that was cut off, as by an engine that died, starts nothing; the next start does", async () => {
    const program = new URL("../../../../shell/detached.sh", import.meta.url).pathname
    const run = [program, "run", runFolder("cut"), "job/cut.1", String(stdinFor("cut").length), "/", "bash", script]
    const output = execFileSync("bash", run, { input: stdinFor("cut").slice(0, -5), encoding: "utf8" })
    expect(output).toBe("gone\n")
    await go("cut")
    expect(await follow("cut")).toMatchObject({ exitCode: 0 })
    expect(await starts("cut")).toBe(1)
  })

  test("a run's secrets are in no file of its folder, and in no argument list or environment", async () => {
    const { ended } = await started("secret")
    for (const name of await readdir(runFolder("secret"))) expect(await readFile(join(runFolder("secret"), name), "utf8")).not.toContain(secret)
    for (const pid of processes(script)) {
      expect(await readFile(`/proc/${pid}/cmdline`, "utf8")).not.toContain(secret)
      expect(await readFile(`/proc/${pid}/environ`, "utf8")).not.toContain(secret)
    }
    await go("secret")
    await ended()
  })

  test.skipIf(!isRoot)("as another user the script is that user's and the run's folder is not (needs root)", async () => {
    await go("other")
    const program = join(folder, "whoami.sh")
    await writeFile(program, `cat >/dev/null; id -un; ls "${place.runs}" 2>&1 | grep -c "Permission denied"`)
    expect(await host.runDetached({ script: program, key: "other", stdin: "x", user: "nobody" })).toMatchObject({ exitCode: 0, stdout: "nobody\n1\n" })
  })

  test("a run that is discarded is killed, forgotten and may start afresh", async () => {
    const { ended } = await started("discarded")
    expect(await host.listDetached()).toContain("job/discarded.1")
    await host.discardDetached("job/discarded.1")
    await ended()
    expect(await host.listDetached()).not.toContain("job/discarded.1")
    expect(processes(script)).toEqual([])
    await host.discardDetached("job/never-there")
    await go("discarded")
    expect(await follow("discarded")).toMatchObject({ exitCode: 0 })
    expect(await starts("discarded")).toBe(2)
  })
})
