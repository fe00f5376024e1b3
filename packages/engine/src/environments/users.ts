import { userInfo } from "node:os"
import { EngineError } from "../errors.ts"
import { runProcess } from "./process.ts"

/** An OS user of this machine. */
export interface OsUser {
  name: string
  uid: number
  gid: number
  home: string
}

/** What every program of ours finds on its path, whoever started the engine. */
export const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/** Looks users up, each once; one that is not there is asked for again, since somebody may create it. */
export class Users {
  readonly #known = new Map<string, Promise<OsUser>>()

  /** The user the engine runs as. */
  own(): OsUser {
    const { username, uid, gid, homedir } = userInfo()
    return { name: username, uid, gid, home: homedir }
  }

  /** @throws EngineError `user_unknown` */
  async find(name: string): Promise<OsUser> {
    const known = this.#known.get(name)
    if (known) return known
    const asked = lookUp(name)
    this.#known.set(name, asked)
    asked.catch(() => this.#known.delete(name))
    return asked
  }
}

async function lookUp(name: string): Promise<OsUser> {
  const unknown = () => new EngineError("user_unknown", `There is no OS user ${JSON.stringify(name)} on this machine.`)
  if (!/^[^\s:/]+$/.test(name) || name.includes("\0")) throw unknown()
  const { exitCode, stdout } = await runProcess({ argv: ["getent", "passwd", "--", name], env: { PATH, LC_ALL: "C" }, cwd: "/" })
  const [found, , uid, gid, , home] = stdout.split("\n", 1)[0]?.split(":") ?? []
  if (exitCode !== 0 || found === undefined || uid === undefined || gid === undefined) throw unknown()
  return { name: found, uid: Number(uid), gid: Number(gid), home: home === undefined || home === "" ? "/" : home }
}
