import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { userInfo } from "node:os"

/** As the engine sets it for every program it runs, whoever started the engine. */
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/** A bash that is nobody's child and reads from a socket takes itself for one that `rshd` started. */
const SHLVL = "1"

/** How a program is started as an OS user: what becomes the user, and what it finds there. */
export interface Launch {
  become: (argv: readonly [string, ...string[]]) => readonly [string, ...string[]]
  env: Record<string, string>
  home: string
}

/** Settles how programs run as a user of this machine; undefined is the one who runs the tests. */
export function launchAs(name: string | undefined, engine: string): Launch {
  const own = userInfo()
  const user = name === undefined || name === own.username ? { name: own.username, uid: own.uid, gid: own.gid, home: own.homedir } : lookUp(name)
  const env = { PATH, HOME: user.home, USER: user.name, LOGNAME: user.name, LANG: "C.UTF-8", SHLVL, VENEER_ENGINE: engine }
  const home = existsSync(user.home) ? user.home : "/"
  if (user.uid === own.uid) return { become: (argv) => argv, env, home }
  if (own.uid !== 0) throw coded("not_permitted", `These tests run as ${own.username} and can't run programs as ${user.name}.`, "Run them as root, or test as one user only.")
  return { become: (argv) => ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--init-groups", "--", ...argv], env, home }
}

function lookUp(name: string): { name: string; uid: number; gid: number; home: string } {
  try {
    const [found = "", , uid, gid, , home = "/"] = execFileSync("getent", ["passwd", "--", name], { encoding: "utf8" }).trim().split(":")
    return { name: found, uid: Number(uid), gid: Number(gid), home }
  } catch {
    throw coded("user_unknown", `There is no OS user ${JSON.stringify(name)} on this machine.`, "Create it, or name one that exists.")
  }
}

/** An error with a code of the engine's catalogue, as a handler would meet it. */
export function coded(code: string, message: string, action: string): Error {
  return Object.assign(new Error(message), { name: "EngineError", code, action })
}
