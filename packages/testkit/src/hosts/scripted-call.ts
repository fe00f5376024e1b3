import { Secret } from "@veneer/sdk"
import type { Method } from "@veneer/sdk/call"
import { isObject } from "@veneer/sdk/values"
import type { ScriptedCall } from "./answers.ts"

/** A request as a person thinks of it. */
export function scriptedCall(operation: string, method: Method, request: unknown): ScriptedCall {
  const params = isObject(request) ? request : {}
  const variables = method === "script" || method === "detached" ? params["values"] : params["variables"]
  return {
    operation, method, name: nameOf(params), params, variables: isObject(variables) ? variables : {},
    user: textOf(params["user"]), cwd: textOf(params["cwd"]),
  }
}

function nameOf({ file, argv, command, script, directory, path }: Readonly<Record<string, unknown>>): string {
  if (typeof file === "string") return file
  if (Array.isArray(argv)) return argv.join(" ")
  return String(command ?? script ?? directory ?? path)
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

/** The names by which an answer may be found, the most telling first. */
export function namesOf({ method, name }: ScriptedCall): string[] {
  return byWord.includes(method) ? [name, name.split(/\s/, 1)[0] ?? name] : [name]
}

const byWord = ["bash", "exec"]

const SHOWN_LIMIT = 80

const fileMethods = ["read", "write", "stat"]

/** As messages name it. */
export function describeCall({ operation, method, name, variables, user }: ScriptedCall): string {
  const given = Object.entries(variables).map(([key, value]) => `${key}=${shown(value)}`)
  return `${operation} to ${fileMethods.includes(method) ? "files" : "run"}.${method} ${JSON.stringify(name)}${given.length > 0 ? ` with ${given.join(" ")}` : ""}${user === undefined ? "" : ` as ${user}`}`
}

function shown(value: unknown): string {
  const text = value instanceof Secret ? String(value) : JSON.stringify(value)
  return text.length > SHOWN_LIMIT ? `${text.slice(0, SHOWN_LIMIT)}…` : text
}
