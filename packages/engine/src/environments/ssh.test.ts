import { execFileSync, spawn } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { Secret } from "@veneer/sdk"
import { makeOsUser, type OsUser } from "../../test/os-user.ts"
import { LACKS_SSHD, startSshd, type Sshd } from "../../test/sshd.ts"
import { until } from "../until.ts"
import { createHosts } from "./hosts.ts"
import type { Hosts, NewRemote, SshLogin } from "./port.ts"

describe.skipIf(LACKS_SSHD !== undefined)(`a host over SSH, as an ordinary user${LACKS_SSHD === undefined ? "" : ` (${LACKS_SSHD})`}`, () => {
  let folder = ""
  let user: OsUser
  let sshd: Sshd
  let hosts: Hosts

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "veneer-ssh-"))
    await chmod(folder, 0o755)
    user = makeOsUser(folder)
    sshd = await startSshd(join(folder, "sshd"))
    hosts = createHosts({
      dataDir: join(folder, "data"), engineId: "test-ssh", artifactsDir: join(folder, "artifacts"),
      follow: async (reference) => ({ type: "password", password: new Secret(reference === "file:right" ? user.password : "wrong") }),
    })
  })

  // What a user may is asked at login.
  afterEach(async () => {
    await hosts.close()
    user.bashrc("")
    user.shell("/bin/bash")
    user.sudoers(undefined)
  })

  afterAll(async () => {
    await hosts.leave(remote())
    await hosts.close()
    await sshd.stop()
    user.remove()
    await rm(folder, { recursive: true, force: true })
  })

  const byKey = (): SshLogin => ({ type: "keyPair", privateKey: new Secret(sshd.key) })
  const remote = (ssh: Partial<NewRemote["ssh"]> = {}, more: Partial<NewRemote> = {}) => ({
    id: `s${process.pid}`, name: "db-1", kind: "ssh" as const, ...more, ssh: { host: sshd.address, port: sshd.port, user: user.name, login: byKey(), hostKey: sshd.fingerprint, ...ssh },
  })
  const there = (more: Partial<NewRemote> = {}) => hosts.host(remote({}, more))
  const bash = (script: string, more: object = {}) => there().run({ argv: ["bash", "-c", script], ...more })
  const scratch = (name = user.name) => `/var/tmp/veneer-s${process.pid}-${name}`

  const isRunning = (pid: number) => existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))

  /** Processes with the engine's mark: what it has running there. */
  const marked = () => readdirSync("/proc").filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes("VENEER_ENGINE=test-ssh\0")
    } catch {
      return false
    }
  })

  describe("logging in", () => {
    const probe = (login: SshLogin) => hosts.probe(remote({ login, hostKey: undefined }))

    test("by a password, a key or a reference; what does not fit is login_refused and names user and way, never the secret", async () => {
      for (const login of [byKey(), { type: "password", password: new Secret(user.password) }, { type: "reference", reference: "file:right" }] as const) {
        expect(await probe(login)).toEqual({ hostKey: `ssh-ed25519 ${sshd.fingerprint}` })
      }
      for (const [login, way] of [[{ type: "password", password: new Secret("planted-wrong") }, "password"], [{ type: "reference", reference: "file:wrong" }, "reference"]] as const) {
        const error: unknown = await probe(login).catch((thrown: unknown) => thrown)
        expect(error).toMatchObject({ code: "login_refused", message: expect.stringMatching(new RegExp(`${user.name}.*${way}`)) })
        expect(JSON.stringify(error)).not.toContain("planted-wrong")
      }
    })

    test("by the engine's agent; without one, that is said", async () => {
      const socket = join(folder, "agent")
      const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" })
      try {
        expect(await until(() => existsSync(socket), { deadlineMs: 10_000 })).toBe(true)
        process.env["SSH_AUTH_SOCK"] = socket
        await expect(probe({ type: "agent" })).rejects.toMatchObject({ code: "login_refused" })
        execFileSync("ssh-add", ["-q", join(folder, "sshd/client")], { env: { ...process.env, SSH_AUTH_SOCK: socket } })
        expect(await probe({ type: "agent" })).toEqual({ hostKey: `ssh-ed25519 ${sshd.fingerprint}` })
      } finally {
        delete process.env["SSH_AUTH_SOCK"]
        agent.kill()
      }
      await expect(probe({ type: "agent" })).rejects.toMatchObject({ code: "login_refused", action: expect.stringContaining("SSH_AUTH_SOCK") })
    })

    test("a key that is encrypted wants its passphrase, the right one; what is no key is said to be none", async () => {
      const path = join(folder, "locked")
      await writeFile(path, sshd.key, { mode: 0o600 })
      execFileSync("ssh-keygen", ["-q", "-p", "-P", "", "-N", "open sesame", "-f", path])
      const privateKey = new Secret(await readFile(path, "utf8"))
      expect(await probe({ type: "keyPair", privateKey, passphrase: new Secret("open sesame") })).toHaveProperty("hostKey")
      await expect(probe({ type: "keyPair", privateKey })).rejects.toMatchObject({ code: "login_refused", message: expect.stringContaining("encrypted") })
      await expect(probe({ type: "keyPair", privateKey, passphrase: new Secret("shut") })).rejects.toMatchObject({ code: "login_refused" })
      await expect(probe({ type: "keyPair", privateKey: new Secret("no key") })).rejects.toMatchObject({ code: "login_refused" })
    })

    test("a host where nobody listens is environment_unreachable", async () => {
      await expect(hosts.probe(remote({ port: 1 }))).rejects.toMatchObject({ code: "environment_unreachable", message: expect.stringContaining("db-1") })
    })
  })

  describe("the host key", () => {
    test("may be given as its fingerprint or public key; another than that is host_key_changed, and no password is sent to it", async () => {
      for (const hostKey of [sshd.fingerprint, `ssh-ed25519 ${sshd.fingerprint}`, sshd.publicKey]) expect(await hosts.probe(remote({ hostKey }))).toEqual({ hostKey: `ssh-ed25519 ${sshd.fingerprint}` })
      const wrong = `SHA256:${"A".repeat(43)}`
      for (const hostKey of [wrong, `ssh-ed25519 ${wrong}`, `ssh-rsa ${wrong}`]) {
        await expect(hosts.probe(remote({ hostKey, login: { type: "password", password: new Secret(user.password) } }))).rejects.toMatchObject({ code: "host_key_changed", message: expect.stringContaining(wrong) })
      }
      await expect(hosts.probe(remote({ hostKey: "nonsense" }))).rejects.toMatchObject({ code: "invalid_request" })
    })

    test("that changed is refused until the new one is given", async () => {
      const other = await startSshd(join(folder, "other"))
      const at = (hostKey: string) => hosts.host(remote({ port: other.port, hostKey, login: { type: "keyPair", privateKey: new Secret(other.key) } }, { id: `o${process.pid}` }))
      const first = other.fingerprint
      expect(await at(first).run({ argv: ["true"] })).toMatchObject({ exitCode: 0 })
      await other.stop()
      await other.start({ newHostKey: true })
      await expect(at(first).run({ argv: ["true"] })).rejects.toMatchObject({ code: "host_key_changed", message: expect.stringContaining(other.fingerprint) })
      expect(await at(other.fingerprint).run({ argv: ["true"] })).toMatchObject({ exitCode: 0 })
      await other.stop()
    })
  })

  describe("the remote shell", () => {
    test.each(["/bin/bash", "/bin/dash"])("%s runs what is meant, also beside noisy start-up files, another locale and a home that can't be written", async (shell) => {
      user.shell(shell)
      user.bashrc("echo noise; echo more noise >&2; printf unended; export LANG=de_DE.UTF-8 LC_ALL=tr_TR.UTF-8 HOME=/nowhere IFS=a; alias env=false bash=false; set -u; cd /tmp")
      const argv = ["printf", "%s|", "", "a b", "$HOME `id` !! \\ 'x' \"y\"", "ä\n\t*", "-n", "[mark]", "=;&|<>(){}#~"] as const
      expect(await there().run({ argv: [...argv] })).toMatchObject({ exitCode: 0, stdout: `${argv.slice(2).join("|")}|`, stderr: "" })
      expect((await bash("echo $LANG; pwd; echo $PATH $HOME")).stdout).toBe(`C.UTF-8\n${user.home}\n/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin ${user.home}\n`)
    })

    test("that lets nobody work is shell_unusable, with what it said", async () => {
      user.shell("/usr/sbin/nologin")
      await expect(there().run({ argv: ["true"] })).rejects.toMatchObject({ code: "shell_unusable", output: expect.stringContaining("not available") })
    })

    test("input with every kind of text arrives as it is, and no secret in it shows in a process listing", async () => {
      const stdin = `planted-secret ${"ä\r\n\u0001\\ ".repeat(1_000)}`
      const script = `cat >/dev/null; for pid in /proc/[0-9]*; do tr '\\0' ' ' <$pid/cmdline; tr '\\0' ' ' <$pid/environ; done 2>/dev/null | grep -c planted-secret`
      expect((await there().run({ argv: ["cat"], stdin })).stdout).toBe(stdin)
      expect((await bash(script.replace("planted-secret", "planted-secre[t]"), { stdin })).stdout).toBe("0\n")
    })
  })

  describe("another OS user", () => {
    test("is become by sudo, also one whose shell lets nobody in; what is stopped there is gone, too", async () => {
      user.sudoers("ALL=(nobody) NOPASSWD: /bin/bash, /usr/bin/bash")
      const asNobody = there({ user: "nobody" })
      expect((await asNobody.run({ argv: ["bash", "-c", "id -un; id -Gn; cat"], stdin: "in" })).stdout).toBe("nobody\nnogroup\nin")
      const marker = `${1_000_000 + process.pid}`
      expect(await asNobody.run({ argv: ["bash", "-c", `(trap '' TERM; sleep ${marker}; sleep ${marker}) & sleep ${marker}`], timeoutMs: 700 })).toMatchObject({ timedOut: true })
      expect(marked()).toEqual([])
    })

    test("that sudo refuses is sudo_refused, with the line of sudoers that is missing", async () => {
      const refused = { code: "sudo_refused", message: expect.stringContaining(`${user.name} ALL=(nobody) NOPASSWD: /bin/bash, /usr/bin/bash`) }
      await expect(there().run({ argv: ["true"], user: "nobody" })).rejects.toMatchObject(refused)
      user.sudoers("ALL=(nobody) NOPASSWD: /bin/true")
      await expect(there().run({ argv: ["true"], user: "nobody" })).rejects.toMatchObject(refused)
      await expect(hosts.probe(remote({}, { user: "nobody" }))).rejects.toMatchObject(refused)
      await expect(there().run({ argv: ["true"], user: "nobody-by-this-name" })).rejects.toMatchObject({ code: "user_unknown" })
    })

    test("has detached runs of its own, which are forgotten with the others", async () => {
      user.sudoers("ALL=(nobody) NOPASSWD: /bin/bash, /usr/bin/bash")
      const script = join(folder, "who.sh")
      await writeFile(script, "cat; id -un", { mode: 0o755 })
      expect(await there().runDetached({ script, key: "job/who", user: "nobody", stdin: "x\n" })).toMatchObject({ exitCode: 0, stdout: "x\nnobody\n" })
      expect(readdirSync(`${scratch("nobody")}/runs`)).toHaveLength(1)
      expect(await there().listDetached()).toContain("job/who")
      await there().discardDetached("job/who")
      expect(readdirSync(`${scratch("nobody")}/runs`)).toEqual([])
      await hosts.leave(remote())
      expect([existsSync(scratch()), existsSync(scratch("nobody"))]).toEqual([false, false])
    })
  })

  describe("the connection", () => {
    const connections = () => execFileSync("ss", ["-Htn", "state", "established", `( sport = :${sshd.port} )`], { encoding: "utf8" }).split("\n").filter(Boolean).length

    test("is one for any number of commands at once, and ends with the engine", async () => {
      const outcomes = await Promise.all(Array.from({ length: 30 }, (_, index) => bash(`echo ${index}`)))
      expect(outcomes.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 30 }, (_, index) => `${index}\n`))
      expect(connections()).toBe(1)
      await hosts.close()
      expect(await until(() => connections() === 0, { deadlineMs: 10_000 })).toBe(true)
    })

    test("makes do with a server that gives one channel", async () => {
      await sshd.stop()
      await sshd.start({ more: ["MaxSessions 1"] })
      const outcomes = await Promise.all(Array.from({ length: 5 }, (_, index) => bash(`echo ${index}`)))
      expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0])
      await sshd.stop()
      await sshd.start()
    })

    test("that is cut ends the command there, is said, and is made again for the next", async () => {
      const file = join(folder, "cut-pid")
      await writeFile(file, "")
      await chmod(file, 0o666)
      const cut = bash(`echo $$ >${file}; echo ready >&2; sleep 1000`, { onStderr: () => void sshd.stop().then(() => sshd.start()) })
      await expect(cut).rejects.toMatchObject({ code: "environment_unreachable", message: expect.stringContaining("broke while bash ran") })
      const pid = Number(await readFile(file, "utf8"))
      expect(pid).toBeGreaterThan(1)
      expect(await until(() => !isRunning(pid), { deadlineMs: 20_000 })).toBe(true)
      expect(await until(async () => (await bash("echo back").catch(() => undefined))?.stdout === "back\n", { deadlineMs: 20_000, everyMs: 50 })).toBe(true)
    })

    test("that is cut costs a detached run nothing: it goes on, is followed again, and nothing is told twice", async () => {
      const script = join(folder, "long.sh")
      await writeFile(script, `cat >/dev/null; echo $$ >>${folder}/long-pids; echo one >&2; until [[ -e ${folder}/go ]]; do sleep 0.05; done; echo two >&2; echo done`, { mode: 0o755 })
      await writeFile(join(folder, "long-pids"), "")
      await chmod(join(folder, "long-pids"), 0o666)
      const lines: string[] = []
      const ended = there().runDetached({
        script, key: "job/long", stdin: "x", onStderr: (line) => {
          lines.push(line)
          if (line === "one") void sshd.stop().then(() => sshd.start()).then(() => writeFile(join(folder, "go"), ""))
        },
      })
      expect(await ended).toMatchObject({ exitCode: 0, stdout: "done\n" })
      expect(lines).toEqual(["one", "two"])
      expect((await readFile(join(folder, "long-pids"), "utf8")).trim().split("\n")).toHaveLength(1)
      await there().discardDetached("job/long")
    })
  })

  describe("an artifact", () => {
    test("is copied once, again when it was spoiled, and removed when the engine has it no more", async () => {
      for (const name of ["aaa", "bbb"]) {
        await mkdir(join(folder, "artifacts", name, "scripts"), { recursive: true })
        await writeFile(join(folder, "artifacts", name, "scripts/x.sh"), `echo ${name}`)
      }
      const path = await there().artifactPath("aaa")
      expect(path).toBe(`${scratch()}/put/aaa`)
      expect((await there().run({ argv: ["bash", `${path}/scripts/x.sh`] })).stdout).toBe("aaa\n")
      await writeFile(`${path}/scripts/x.sh`, "echo spoiled")
      // Another engine, or this one after its restart, looks before it trusts.
      const later = createHosts({ dataDir: join(folder, "data"), engineId: "test-ssh", artifactsDir: join(folder, "artifacts") })
      await rm(join(folder, "artifacts", "bbb"), { recursive: true })
      await mkdir(`${scratch()}/put/bbb`)
      expect(await later.host(remote()).artifactPath("aaa")).toBe(path)
      expect(await readFile(`${path}/scripts/x.sh`, "utf8")).toBe("echo aaa")
      expect(existsSync(`${scratch()}/put/bbb`)).toBe(false)
      await later.close()
    })

    test("is never put into a folder that somebody else has made under its name", async () => {
      const settings = remote({}, { id: `t${process.pid}` })
      const taken = `/var/tmp/veneer-t${process.pid}-${user.name}`
      await mkdir(taken, { mode: 0o777 })
      try {
        expect(await hosts.host(settings).artifactPath("aaa")).toBe(`/tmp/veneer-t${process.pid}-${user.name}/put/aaa`)
        expect(readdirSync(taken)).toEqual([])
      } finally {
        await rm(taken, { recursive: true })
        await hosts.leave(settings)
      }
    })
  })
})
