import { execFileSync, spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { userInfo } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"

const PROGRAM = "/usr/sbin/sshd"

/** Why no SSH server of a test's own can run here, which lets in whom it likes. */
export const LACKS_SSHD = process.getuid?.() !== 0 ? "needs root" : existsSync(PROGRAM) && existsSync("/usr/bin/sudo") ? undefined : "needs openssh-server and sudo"

/** An OpenSSH server of a test's own, on a free port of the loopback address. */
export interface Sshd {
  readonly address: string
  readonly port: number
  /** The private key that lets its users in. */
  readonly key: string
  /** Fingerprint of its host key, and the line of its public key file. */
  readonly fingerprint: string
  readonly publicKey: string
  /** Ends it; with all its connections unless told otherwise. */
  stop(how?: { keepConnections?: boolean }): Promise<void>
  /** Starts it again; with another host key, if asked. */
  start(options?: { newHostKey?: boolean; more?: readonly string[] }): Promise<void>
}

/** Makes one and starts it: all it has lies in `folder`. */
export async function startSshd(folder: string, more: readonly string[] = []): Promise<Sshd> {
  const [address, port] = ["127.0.0.1", await freePort()]
  const at = (name: string) => join(folder, name)
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  mkdirSync("/run/sshd", { recursive: true, mode: 0o755 })
  for (const name of ["host-1", "host-2", "client"]) makeKey(at(name))
  writeFileSync(at("authorized"), readFileSync(at("client.pub")))
  let server: ChildProcess | undefined
  let hostKey = "host-1"

  const start: Sshd["start"] = async ({ newHostKey, more: settings = more } = {}) => {
    if (newHostKey === true) hostKey = "host-2"
    writeFileSync(at("sshd_config"), [
      ...settings, `ListenAddress ${address}:${port}`, `HostKey ${at(hostKey)}`, `AuthorizedKeysFile ${at("authorized")}`, "PidFile none", "StrictModes no", "UsePAM no",
      "PasswordAuthentication yes", "KbdInteractiveAuthentication no", "PermitRootLogin prohibit-password", "MaxStartups 100", "LogLevel INFO", "",
    ].join("\n"))
    server = spawn(PROGRAM, ["-D", "-e", "-f", at("sshd_config")], { stdio: ["ignore", "ignore", "pipe"], detached: true })
    const lines = createInterface({ input: server.stderr ?? process.stdin })
    await new Promise<void>((resolve, reject) => {
      const said: string[] = []
      lines.on("line", (line) => (line.startsWith("Server listening") ? resolve() : said.push(line)))
      lines.once("close", () => reject(new Error(`sshd did not start:\n${said.join("\n")}`)))
    })
  }

  await start()
  return {
    address, port, start,
    key: readFileSync(at("client"), "utf8"),
    get fingerprint() {
      return execFileSync("ssh-keygen", ["-lf", at(`${hostKey}.pub`)], { encoding: "utf8" }).split(" ")[1] ?? ""
    },
    get publicKey() {
      return readFileSync(at(`${hostKey}.pub`), "utf8")
    },
    stop: async ({ keepConnections = false } = {}) => {
      const pid = server?.pid
      if (pid === undefined || server?.exitCode !== null || server.signalCode !== null) return
      const ended = once(server, "exit")
      if (!keepConnections) for (const connection of descendants(pid)) kill(connection)
      kill(pid)
      await ended
    },
  }
}

/** The server's processes for its connections, each in a session of its own; not the commands they run. */
function descendants(pid: number): number[] {
  const children = (of: number) => lines("pgrep", ["-P", String(of)])
  return children(pid).flatMap((connection) => [connection, ...children(connection)]).filter((child) => lines("ps", ["-o", "comm=", "-p", String(child)], String)[0] === "sshd")
}

function lines<T = number>(program: string, args: string[], read: (text: string) => T = (text) => Number(text) as T): T[] {
  try {
    return execFileSync(program, args, { encoding: "utf8" }).split("\n").map((line) => line.trim()).filter(Boolean).map(read)
  } catch {
    return []
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It ended by itself.
  }
}

const makeKey = (path: string) => execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path])

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port")
  return address.port
}

/** Who runs the tests. */
export const TESTER = userInfo().username
