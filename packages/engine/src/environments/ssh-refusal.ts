import type { Command } from "@veneer/sdk/contract"
import { EngineError } from "../errors.ts"

/** A command, as far as its error tells of it. */
interface Refused {
  argv: Command["argv"]
  host: string
  /** Who logs in, and who it was to run as. */
  login: string
  user: string
  cwd?: string | undefined
}

/** How a command did not start. */
export interface Refusal {
  /** Why, in a word of `shell/remote.sh`; undefined when that did not begin. */
  word: string | undefined
  /** What was printed instead. */
  noise: string
  /** Whether the connection ended without anything that ran on the host. */
  broke: boolean
}

/** The error of a command that did not start. */
export function refusal({ argv: [file], host, login, user, cwd }: Refused, { word, noise, broke }: Refusal): EngineError {
  const detail = { output: noise }
  switch (word) {
    case "program":
      return new EngineError("program_missing", `${file} can't be started on ${host}: there is no such program that ${user} may run.`)
    case "directory":
      return new EngineError("program_missing", `${file} can't start in ${cwd} on ${host}: there is no such directory.`, { action: "Create the directory, or name another." })
    case "cut":
      return new EngineError("environment_unreachable", `The connection to "${host}" broke before ${file} had all of its input.`)
  }
  if (broke) return new EngineError("environment_unreachable", `The connection to "${host}" broke before ${file} was started.`, detail)
  if (/^sudo: unknown user/m.test(noise)) return new EngineError("user_unknown", `There is no OS user ${JSON.stringify(user)} on ${host}.`)
  if (user !== login && /^(?:sudo|env):|is not allowed to execute|is not in the sudoers/m.test(noise)) {
    return new EngineError("sudo_refused", `On ${host}, sudo does not let ${login} run programs as ${user}. The line it takes: ${sudoersLine(login, user)}`, {
      ...detail, action: `Add that line to a file below /etc/sudoers.d with visudo -f; then try again.${/command not found|No such file/.test(noise) ? " The package sudo is missing there." : ""}`,
    })
  }
  return new EngineError("shell_unusable", `${login} can log in to ${host}, but the shell there starts no bash.`, detail)
}

/** What lets a login user run the engine's commands as another: they are all started by bash. */
const sudoersLine = (login: string, user: string): string => `${login} ALL=(${user}) NOPASSWD: /bin/bash, /usr/bin/bash`
