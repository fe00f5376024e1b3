import { readFileSync } from "node:fs"
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { limits, type Command } from "@veneer/sdk/contract"
import { EngineError } from "../errors.ts"
import { PLACES, type OpenPlace } from "../../test/places.ts"
import { LACKS_SSHD } from "../../test/sshd.ts"
import type { Host } from "./port.ts"

const isRoot = process.getuid?.() === 0

test.skipIf(LACKS_SSHD !== undefined)(`a host over SSH is held to all of this, too${LACKS_SSHD === undefined ? "" : ` (${LACKS_SSHD})`}`, () => {
  expect(PLACES.filter(({ lacks }) => lacks === undefined)).toHaveLength(2)
})

describe.each(PLACES.filter(({ lacks }) => lacks === undefined))("$name", ({ open, kind }) => {
  let folder = ""
  let host: Host
  let place: OpenPlace

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "veneer-local-"))
    await chmod(folder, 0o755)
    place = await open(folder, "test-local")
    host = place.host
  })

  afterAll(async () => {
    await place.close()
    await rm(folder, { recursive: true, force: true })
  })

  const bash = (script: string, command: Omit<Command, "argv"> = {}) => host.run({ argv: ["bash", "-c", script], ...command })

  /** A dead process that init has not reaped yet doesn't run. */
  const isRunning = (pid: number) => {
    try {
      return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
    } catch {
      return false
    }
  }

  /** The pid that a script wrote into a file of the test's folder. */
  const pidIn = async (name: string) => Number(await readFile(join(folder, name), "utf8"))

  test("a program's exit code and both its streams come back, whatever the code", async () => {
    expect(await bash("echo out; echo err >&2; exit 3")).toEqual({ exitCode: 3, stdout: "out\n", stderr: "err\n", truncated: false, timedOut: false })
  })

  test("a program has a clean environment and starts in its user's home", async () => {
    process.env["LEAKED_INTO_TEST"] = "yes"
    const { stdout } = await host.run({ argv: ["env"] })
    const names = stdout.trim().split("\n").map((line) => line.split("=")[0]).sort()
    expect(names).toEqual(["HOME", "LANG", "LOGNAME", "PATH", "SHLVL", "USER", "VENEER_ENGINE"])
    expect((await bash("pwd; echo $HOME")).stdout.split("\n")[0]).toBe((await bash("echo $HOME")).stdout.trim())
  })

  test.skipIf(!isRoot)("as another user a program has that user's ids, groups and home (needs root)", async () => {
    const { stdout } = await bash("id -un; id -Gn; echo $HOME $USER", { user: "nobody" })
    expect(stdout).toBe("nobody\nnogroup\n/nonexistent nobody\n")
    expect((await host.run({ argv: ["pwd"], user: "nobody" })).stdout).toBe("/\n")
  })

  test("a user that isn't there is user_unknown, also under names that mean something to programs", async () => {
    for (const user of ["nobody-by-this-name", "--help", "", "a\nb", "root:x"]) await expect(bash(":", { user })).rejects.toMatchObject({ code: "user_unknown" })
  })

  test("a program that isn't there is program_missing, and a missing directory is named", async () => {
    await expect(host.run({ argv: ["no-such-program"] })).rejects.toMatchObject({ code: "program_missing" })
    await expect(bash(":", { cwd: "/no/such/directory" })).rejects.toThrow("/no/such/directory")
  })

  test.skipIf(!isRoot)("a program that isn't there for another user is program_missing, too (needs root)", async () => {
    await expect(host.run({ argv: ["no-such-program"], user: "nobody" })).rejects.toMatchObject({ code: "program_missing" })
  })

  test("standard input arrives whole, and a program that doesn't read it ends well", async () => {
    const stdin = "line\n".repeat(100_000)
    expect((await bash("wc -c", { stdin })).stdout.trim()).toBe(String(stdin.length))
    expect((await bash("exit 0", { stdin })).exitCode).toBe(0)
    expect((await host.run({ argv: ["od", "-An", "-c"], stdin: "a\0\0b\n" })).stdout.trim()).toBe("a  \\0  \\0   b  \\n")
    expect((await bash("cat; echo .", { stdin: "" })).stdout).toBe(".\n")
  })

  test("an inline command does not read the user's .bashrc, which may print or ask", async () => {
    const { stdout } = await bash("bash -c 'echo $SHLVL' <&0; echo $SHLVL; shopt -p expand_aliases; alias; complete -p", { stdin: "x" })
    expect(stdout).toBe("3\n2\nshopt -u expand_aliases\n")
  })

  test("all of a long output comes back, and what exceeds the limit is cut and said to be", async () => {
    const whole = await bash(`head -c ${limits.outputBytes} /dev/zero | tr '\\0' x`)
    expect([whole.stdout.length, whole.truncated]).toEqual([limits.outputBytes, false])
    const cut = await bash(`head -c ${limits.outputBytes + 1} /dev/zero | tr '\\0' x; yes err | head -n 4000000 >&2; echo last >&2`)
    expect([cut.stdout.length, cut.truncated]).toEqual([limits.outputBytes, true])
    expect(cut.stderr.length).toBe(limits.outputBytes)
    expect(cut.stderr.endsWith("err\nlast\n")).toBe(true)
  })

  test("lines of standard error come as they are written, the last one without its break", async () => {
    const lines: string[] = []
    const ended = bash("echo one >&2; read -r; printf 'two ä\\r\\nthree' >&2", { stdin: "go\n", onStderr: (line) => lines.push(line) })
    await ended
    expect(lines).toEqual(["one", "two ä", "three"])
  })

  test("a time-out kills the whole group, also what ignores the request", async () => {
    const ended = await bash(`(trap '' TERM; echo $BASHPID >${folder}/stubborn; while :; do sleep 1; done) & sleep 100`, { timeoutMs: 300 })
    expect(ended).toMatchObject({ exitCode: undefined, timedOut: true })
    expect(isRunning(await pidIn("stubborn"))).toBe(false)
  })

  test("an abort kills the whole group and is cancelled, or the error it was aborted with", async () => {
    for (const [reason, code] of [[undefined, "cancelled"], [new EngineError("lease_lost", "Stopping."), "lease_lost"]] as const) {
      const controller = new AbortController()
      const lines = bash(`sleep 100 & echo $! >${folder}/child; echo ready >&2; wait`, { signal: controller.signal, onStderr: () => controller.abort(reason) })
      await expect(lines).rejects.toMatchObject({ code })
      expect(isRunning(await pidIn("child"))).toBe(false)
    }
    await expect(bash(":", { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" })
  })

  test("a daemon outlives the script that started it and doesn't keep it waiting, even if it holds the pipes", async () => {
    const started = performance.now()
    const held = await bash(`setsid sleep 100 & echo $! >${folder}/holder; echo done`)
    const closed = await bash(`setsid sleep 100 >/dev/null 2>&1 </dev/null & echo $! >${folder}/closer; echo done`)
    expect(performance.now() - started).toBeLessThan(5_000)
    for (const [outcome, name] of [[held, "holder"], [closed, "closer"]] as const) {
      expect(outcome).toMatchObject({ exitCode: 0, stdout: "done\n" })
      const pid = await pidIn(name)
      expect(isRunning(pid)).toBe(true)
      process.kill(pid, "SIGKILL")
    }
  })

  test("a daemon that talks on through the script's pipes doesn't keep it waiting either", async () => {
    const started = performance.now()
    const { exitCode } = await bash(`(trap '' PIPE; while sleep 0.01; do echo talk 2>/dev/null; done) & echo $! >${folder}/talker`)
    expect(exitCode).toBe(0)
    expect(performance.now() - started).toBeLessThan(5_000)
    process.kill(await pidIn("talker"), "SIGKILL")
  })

  test.each(["127.0.0.1", "0.0.0.0", "::1", "::"])("a port somebody listens on at %s is not free", async (interfaceAddress) => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, interfaceAddress, resolve))
    const address = server.address()
    const port = typeof address === "object" && address ? address.port : 0
    expect(await host.isPortFree(port)).toBe(false)
    await new Promise((resolve) => server.close(resolve))
    expect(await host.isPortFree(port)).toBe(true)
  })

  test("an artifact's scripts are in the folder that is told, whole, and readable for every OS user", async () => {
    await mkdir(join(folder, "artifacts", "abc", "scripts"), { recursive: true })
    await writeFile(join(folder, "artifacts", "abc", "scripts", "say ä.sh"), "echo said\n\n")
    const path = await host.artifactPath("abc")
    expect(path === join(folder, "artifacts", "abc")).toBe(kind === "local")
    expect((await host.run({ argv: ["bash", `${path}/scripts/say ä.sh`], ...(isRoot && { user: "nobody" }) })).stdout).toBe("said\n")
    expect(await readFile(`${path}/scripts/say ä.sh`, "utf8")).toBe("echo said\n\n")
  })
})
