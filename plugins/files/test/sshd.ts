import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { userInfo } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"

const PROGRAM = "/usr/sbin/sshd"

/** Why no SSH server of a test's own can run here. */
export const LACKS_SSHD = existsSync(PROGRAM) ? undefined : "no OpenSSH server"

/** How a client differs from one that can log in. */
export interface ClientOptions {
  /** Its key is not among those that the server accepts, or it has none. */
  key?: "stranger" | "none"
  /** What it knows of the server's host key. */
  knows?: "nothing" | "another key"
  /** What the server runs instead of what it asks for, which is in SSH_ORIGINAL_COMMAND. */
  forced?: string
}

/** For `forced`: the rsync that is asked for, which reads 400 kB a second. */
export const SLOWLY = 'exec $(echo "$SSH_ORIGINAL_COMMAND" | sed "s/ --sender/& --bwlimit=400/")'

/** An OpenSSH server of a test's own, which takes keys and no passwords. */
export interface Sshd {
  readonly address: string
  readonly port: number
  /** Who can log in. */
  readonly user: string
  /** Makes a client, with a key of its own unless told, and returns the path of its SSH configuration. */
  client(name: string, options?: ClientOptions): string
  stop(): Promise<void>
}

/** Starts one on a free port of the loopback address; all that it has lies in `folder`. */
export async function startSshd(folder: string): Promise<Sshd> {
  const [address, port, user] = ["127.0.0.1", await freePort(), userInfo().username]
  const at = (name: string) => join(folder, name)
  mkdirSync(folder, { recursive: true })
  // Where it keeps its unprivileged part, it insists on this directory.
  if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 })
  for (const name of ["host", "other"]) makeKey(at(name))
  writeFileSync(at("authorized"), "")
  writeFileSync(at("sshd_config"), [
    `ListenAddress ${address}:${port}`, `HostKey ${at("host")}`, `AuthorizedKeysFile ${at("authorized")}`, "PidFile none", "StrictModes no", "UsePAM no",
    "PasswordAuthentication no", "KbdInteractiveAuthentication no", "PermitRootLogin prohibit-password", "LogLevel INFO", "",
  ].join("\n"))

  const server = spawn(PROGRAM, ["-D", "-e", "-f", at("sshd_config")], { stdio: ["ignore", "ignore", "pipe"] })
  await listening(createInterface({ input: server.stderr }))

  const client = (name: string, { key, knows, forced }: ClientOptions = {}) => {
    if (key !== "none") makeKey(at(name))
    const prefix = forced === undefined ? "" : `command="${forced.replaceAll('"', String.raw`\"`)}" `
    if (key === undefined) appendFileSync(at("authorized"), prefix + readFileSync(at(`${name}.pub`), "utf8"))
    const known = { nothing: "", "another key": `[${address}]:${port} ${readFileSync(at("other.pub"), "utf8")}` }
    writeFileSync(at(`${name}.known`), knows === undefined ? `[${address}]:${port} ${readFileSync(at("host.pub"), "utf8")}` : known[knows])
    writeFileSync(at(`${name}.config`), [`IdentityFile ${at(name)}`, "IdentitiesOnly yes", "IdentityAgent none", `UserKnownHostsFile ${at(`${name}.known`)}`, "GlobalKnownHostsFile none", ""].join("\n"))
    return at(`${name}.config`)
  }
  return {
    address, port, user, client,
    stop: async () => {
      server.kill()
      if (server.exitCode === null) await once(server, "exit")
    },
  }
}

const makeKey = (path: string) => execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path])

async function listening(lines: AsyncIterable<string>): Promise<void> {
  const said: string[] = []
  for await (const line of lines) {
    if (line.startsWith("Server listening")) return
    said.push(line)
  }
  throw new Error(`sshd did not start:\n${said.join("\n")}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port")
  return address.port
}
