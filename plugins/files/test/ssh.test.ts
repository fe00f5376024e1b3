import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { hostname, tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import { callOperation, localHost } from "@veneer/testkit"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import plugin from "../src/index.ts"
import { processesNaming } from "./processes.ts"
import { LACKS_SSHD, SLOWLY, startSshd, type Sshd } from "./sshd.ts"
import { listing, makeTree } from "./tree.ts"

const me = `${userInfo().username} on ${hostname()}`

describe.skipIf(LACKS_SSHD !== undefined)(`a copy by SSH${LACKS_SSHD === undefined ? "" : ` (skipped: ${LACKS_SSHD})`}`, () => {
  const host = localHost()
  let folder = ""
  let tree = ""
  let mount = ""
  let sshd: Sshd

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "files-ssh-"))
    sshd = await startSshd(join(folder, "ssh"))
  })
  beforeEach(() => {
    tree = mkdtempSync(join(folder, "tree-"))
    mount = mkdtempSync(join(folder, "mount-"))
  })
  afterAll(async () => {
    await host.close()
    await sshd?.stop()
    rmSync(folder, { recursive: true })
  })

  const copy = (parameters: Record<string, unknown>, { path = tree, resync = false, ...options }: { path?: string; resync?: boolean; signal?: AbortSignal; onLine?: (line: string) => void } = {}) =>
    callOperation(plugin, "linked.preSnapshot", {
      source: { id: "abc", name: "files", parameters: { sourceAddress: sshd.address, port: sshd.port, username: sshd.user, ...parameters } },
      repository: { name: "rsync", version: "3" }, sourceConfig: { path }, mounts: [mount], resync,
    }, { host, scripts: new URL("../scripts", import.meta.url), reason: "sync", ...options })

  it("holds all that the source does, which is only read", async () => {
    makeTree(tree)
    const before = listing(tree)
    await copy({ sshConfig: sshd.client("good") })
    expect(listing(mount)).toEqual(before)
    expect(listing(tree)).toEqual(before)
  })

  it("leaves out devices, sockets and pipes", async () => {
    writeFileSync(join(tree, "file"), "")
    execFileSync("mkfifo", [join(tree, "pipe")])
    await copy({ sshConfig: sshd.client("pipes") })
    expect(readdirSync(mount)).toEqual(["file"])
  })

  it.each(["*", "a[b]?", "back\\slash*", "it's \"two\"  words", "new\nline [x]", "-e", "$(reboot)"])("takes the directory called %j, and none that it could stand for", async (name) => {
    for (const other of [name, "ab", "a1", "back", "backslash"]) {
      mkdirSync(join(tree, other))
      writeFileSync(join(tree, other, `in ${other.length}`), other)
    }
    await copy({ sshConfig: sshd.client(`wild-${randomBytes(4).toString("hex")}`) }, { path: join(tree, name) })
    expect(readdirSync(mount)).toEqual([`in ${name.length}`])
    expect(readFileSync(join(mount, `in ${name.length}`), "utf8")).toBe(name)
  })

  describe("under way", () => {
    const pidFile = () => join(folder, "sender")
    /** A client for which the source reads slowly. */
    const slow = (name: string) => ({ sshConfig: sshd.client(name, { forced: `echo $$ >${pidFile()}; ${SLOWLY}` }) })
    const sender = () => Number(readFileSync(pidFile(), "utf8"))
    const underWay = async () => {
      await expect.poll(() => readdirSync(mount).some((name) => name.startsWith(".first."))).toBe(true)
    }

    beforeEach(() => {
      writeFileSync(join(tree, "first"), randomBytes(2_000_000))
      writeFileSync(join(tree, "second"), "short-lived")
    })

    it("leaves out what is removed at the source meanwhile, and says so", async () => {
      const lines: string[] = []
      const copying = copy(slow("vanishing"), { onLine: (line) => lines.push(line) })
      await underWay()
      rmSync(join(tree, "second"))
      await copying
      expect(readdirSync(mount)).toEqual(["first"])
      expect(lines.join("\n")).toMatch(/Removed at the source while it was read[^]*file has vanished: ".*\/second"/)
    })

    it("and cut off, fails; the next one goes on", async () => {
      const copying = copy(slow("cut"))
      copying.catch(() => {})
      await underWay()
      process.kill(sender())
      await expect(copying).rejects.toMatchObject({ code: "copy_failed", action: "Mend what it complains of, then sync again." })
      await copy({ sshConfig: sshd.client("whole") })
      expect(listing(mount)).toEqual(listing(tree))
    })

    it("ends with its job, on both hosts", async () => {
      const cancel = new AbortController()
      const copying = copy(slow("cancelled"), { signal: cancel.signal })
      copying.catch(() => {})
      await underWay()
      cancel.abort(new Error("cancelled"))
      await expect(copying).rejects.toThrow("cancelled")
      expect(processesNaming(mount)).toEqual([])
      await expect.poll(() => existsSync(`/proc/${sender()}/cwd`)).toBe(false)
    })
  })

  describe("that fails says what to do", () => {
    const target = () => `-p ${sshd.port} ${sshd.user}@${sshd.address}`
    const failures: { what: string; parameters: () => Record<string, unknown>; path?: string; code: string; message: () => string; action: () => string }[] = [
      {
        what: "the key is not accepted", parameters: () => ({ sshConfig: sshd.client("stranger", { key: "stranger" }) }), code: "ssh_denied",
        message: () => `${me} can't log in at ${sshd.user}@${sshd.address} without a password.`,
        action: () => `As ${me}, run: ssh-copy-id -i ${folder}/ssh/stranger.pub -F ${folder}/ssh/stranger.config ${target()}, then sync again.`,
      },
      {
        what: "there is no key", parameters: () => ({ sshConfig: sshd.client("keyless", { key: "none" }) }), code: "ssh_denied",
        message: () => `${me} can't log in at ${sshd.user}@${sshd.address} without a password.`,
        action: () => `As ${me}, make a key by ssh-keygen, and run: ssh-copy-id -F ${folder}/ssh/keyless.config ${target()}, then sync again.`,
      },
      {
        what: "the host was never seen", parameters: () => ({ sshConfig: sshd.client("newcomer", { knows: "nothing" }) }), code: "ssh_host_unknown",
        message: () => `${me} has never been at ${sshd.address} and does not know its host key.`,
        action: () => `As ${me}, run: ssh -F ${folder}/ssh/newcomer.config ${target()} true; compare the key that it shows with the host's own, accept it, then sync again.`,
      },
      {
        what: "the host has another key than before", parameters: () => ({ sshConfig: sshd.client("cheated", { knows: "another key" }) }), code: "ssh_host_key_changed",
        message: () => `${sshd.address} has another host key than the one that ${me} knows.`,
        action: () => `See whether it was installed anew, or somebody stands between. Only then, as ${me}, run: ssh-keygen -f ${folder}/ssh/cheated.known -R '[${sshd.address}]:${sshd.port}', then sync again.`,
      },
      {
        what: "nothing listens", parameters: () => ({ sshConfig: sshd.client("lost"), port: 1 }), code: "ssh_unreachable",
        message: () => `${me} can't reach ${sshd.address} by SSH, or lost it.`,
        action: () => "See that the host is up, and that its SSH server takes connections at that address and port, then sync again.",
      },
      {
        what: "the host has no such name", parameters: () => ({ sshConfig: sshd.client("misled"), sourceAddress: "no-such-host.invalid" }), code: "ssh_unreachable",
        message: () => `${me} does not know the host name no-such-host.invalid.`, action: () => "Correct the source address, then sync again.",
      },
      {
        what: "the source has no rsync", parameters: () => ({ sshConfig: sshd.client("bare", { forced: "PATH=/nonexistent; rsync" }) }), code: "program_missing",
        message: () => `The program rsync is not on ${sshd.address}, or not where a command run by SSH finds it.`, action: () => "Install it there, then sync again.",
      },
      {
        what: "the login prints something", parameters: () => ({ sshConfig: sshd.client("chatty", { forced: `echo welcome, dear user; $SHELL -c "$SSH_ORIGINAL_COMMAND"` }) }), code: "login_talkative",
        message: () => `Logging in at ${sshd.user}@${sshd.address} prints something, which rsync takes for an answer.`,
        action: () => "Let its shell's start-up files print nothing when nobody is at a terminal, then sync again.",
      },
      {
        what: "there is no such directory", parameters: () => ({ sshConfig: sshd.client("astray") }), path: "/no/such directory", code: "source_missing",
        message: () => `There is no directory /no/such directory on ${sshd.address}.`, action: () => "Bring it back, or correct the source address, then sync again.",
      },
      {
        what: "the directory is a file", parameters: () => ({ sshConfig: sshd.client("filed") }), path: "/etc/hostname", code: "source_missing",
        message: () => `There is no directory /etc/hostname on ${sshd.address}.`, action: () => "Bring it back, or correct the source address, then sync again.",
      },
    ]
    it.each(failures)("$what", async ({ parameters, path, code, message, action }) => {
      await expect(copy(parameters(), { ...(path !== undefined && { path }) })).rejects.toMatchObject({ code, message: message(), action: action() })
    })
  })
})
