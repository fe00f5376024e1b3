import { Secret } from "../secret.ts"
import { ContractError } from "./error.ts"
import { quote } from "./quote.ts"

/** The session in which a plugin's command runs; what has left it did so on purpose. Set by the command itself. */
export const SESSION_MARK = "VENEER_SESSION"

/** Names that mean something to bash or to the loader of programs, or are ours. */
const reserved = new Set([
  "PATH", "HOME", "IFS", "ENV", "SHELL", "USER", "LOGNAME", "PWD", "OLDPWD", "UID", "EUID", "PPID", "GROUPS", "CDPATH", "GLOBIGNORE", "POSIXLY_CORRECT",
  "PROMPT_COMMAND", "PS0", "PS1", "PS2", "PS3", "PS4", "SHELLOPTS", "BASHOPTS", "SHLVL", "SECONDS", "RANDOM", "SRANDOM", "LINENO", "REPLY", "OPTARG", "OPTIND", "OPTERR",
  "FUNCNAME", "DIRSTACK", "PIPESTATUS", "MAPFILE", "COPROC", "HOSTNAME", "HOSTTYPE", "MACHTYPE", "OSTYPE", "HISTCMD", "EPOCHSECONDS", "EPOCHREALTIME", "TMOUT", "FCEDIT", "LC_ALL",
])
const reservedStart = /^(?:BASH|LD_|VENEER_|COMP_|READLINE_)/

/** Why a script's variable can't be called this, as a sentence; undefined for a name that can be set. */
export function variableNameFault(name: string): string | undefined {
  if (!/^[A-Z][A-Z0-9_]*$/.test(name)) return `${JSON.stringify(name)} is no name of a variable: capital letters, digits and underscores, a letter first.`
  if (reserved.has(name) || reservedStart.test(name)) return `The variable ${name} is the shell's, or the engine's; a plugin can't set it.`
  return undefined
}

/**
 * The line that every command of a plugin is sent first. It tells, when the engine has died, what still belongs to the
 * command from the daemons it started.
 */
export const SESSION_LINE = `declare -x ${SESSION_MARK}=$$\n`

/**
 * A script's variables as the lines that its library evaluates. Secrets are not exported: no program the script starts
 * finds them in its environment.
 *
 * @throws ContractError `plugin_failed` when values and declaration differ
 */
export function scriptVariables(script: string, kinds: Readonly<Record<string, string>>, values: Readonly<Record<string, unknown>>): string {
  const wrong = (what: string) => new ContractError("plugin_failed", `The plugin called ${script} with ${what}.`)
  const undeclared = Object.keys(values).find((name) => !Object.hasOwn(kinds, name))
  if (undeclared !== undefined) throw wrong(`the variable ${undeclared}, which the script does not declare`)
  const lines = Object.entries(kinds).map(([name, kind]) => {
    const value = values[name]
    if (value === undefined || value === null) {
      if (kind.endsWith("?")) return ""
      throw wrong(`no value for ${name}`)
    }
    const text = textOf(kind.replace(/\?$/, ""), value)
    if (text === undefined) throw wrong(`a value for ${name} that is no ${kind}`)
    return assignment(name, text, { exported: !(value instanceof Secret) })
  })
  return SESSION_LINE + lines.join("")
}

/** An inline command's environment variables, secrets too: the command has no other way to them. */
export function environmentVariables(values: Readonly<Record<string, string | Secret>>): string {
  const lines = Object.entries(values).map(([name, value]) => assignment(name, value instanceof Secret ? value.reveal() : value, { exported: true }))
  return SESSION_LINE + lines.join("")
}

/**
 * An expect script's variables, as Tcl's own: programs that the script spawns find none of them. In base64, which needs no
 * quoting.
 */
export function tclVariables(values: Readonly<Record<string, string | Secret>>): string {
  variableNames(values)
  return Object.entries(values).map(([name, value]) => {
    const base64 = Buffer.from(value instanceof Secret ? value.reveal() : value).toString("base64")
    return `set ${name} [encoding convertfrom utf-8 [binary decode base64 {${base64}}]]\n`
  }).join("")
}

/** @throws ContractError `plugin_failed` for what can't be the name of a variable */
export function variableNames(values: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(values)) checkName(name)
}

/** Undefined when the value is not of its kind. */
function textOf(kind: string, value: unknown): string | undefined {
  switch (kind) {
    case "string": return typeof value === "string" ? value : undefined
    case "integer": return Number.isSafeInteger(value) ? String(value) : undefined
    case "boolean": return typeof value === "boolean" ? String(value) : undefined
    case "secret": return value instanceof Secret ? value.reveal() : undefined
    default: return undefined
  }
}

function assignment(name: string, text: string, { exported }: { exported: boolean }): string {
  checkName(name)
  if (text.includes("\0")) throw new ContractError("plugin_failed", `The value of ${name} holds a NUL character, which no variable can.`)
  return `${exported ? "declare -x " : ""}${name}=${quote(text)}\n`
}

function checkName(name: string): void {
  const fault = variableNameFault(name)
  if (fault !== undefined) throw new ContractError("plugin_failed", fault)
}
