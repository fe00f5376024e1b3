import { stat } from "node:fs/promises"
import type { Command } from "@veneer/sdk/contract"
import { EngineError } from "../errors.ts"
import { ENGINE_MARK } from "../marks.ts"
import { PATH, type OsUser, type Users } from "./users.ts"

type Argv = Command["argv"]

/** How a program is started as a user, and where and with what it runs. */
export interface Launch {
  /** The argv that becomes the user and then the given program, in one process. */
  become: (argv: Argv) => Argv
  env: Record<string, string>
  cwd: string
}

/**
 * A `bash -c` that is nobody's child and whose standard input is a socket, as Node's pipes are, takes itself for one that
 * `rshd` started, and reads the user's `.bashrc`. This makes it somebody's child.
 */
const SHLVL = "1"

/** Settles as whom, where and with which environment programs run on this machine. */
export class Launcher {
  readonly #users: Users
  readonly #engineId: string

  constructor(users: Users, engineId: string) {
    this.#users = users
    this.#engineId = engineId
  }

  /**
   * @param name undefined is the engine's own user
   * @throws EngineError `user_unknown`; `not_permitted` when the engine may not become that user
   */
  async as(name: string | undefined, cwd: string | undefined): Promise<Launch> {
    const own = this.#users.own()
    const user = name === undefined ? own : await this.#users.find(name)
    const env = { PATH, HOME: user.home, USER: user.name, LOGNAME: user.name, LANG: "C.UTF-8", SHLVL, [ENGINE_MARK]: this.#engineId }
    return { become: becoming(user, own), env, cwd: cwd ?? (await homeOf(user)) }
  }
}

function becoming(user: OsUser, own: OsUser): Launch["become"] {
  if (user.uid === own.uid) return (argv) => argv
  if (own.uid !== 0) throw new EngineError("not_permitted", `The engine runs as ${own.name} and can't run programs as ${user.name}.`)
  return (argv) => ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--init-groups", "--", ...argv]
}

/** Some users have a home that is not there. */
async function homeOf(user: OsUser): Promise<string> {
  const there = await stat(user.home).then((found) => found.isDirectory(), () => false)
  return there ? user.home : "/"
}
