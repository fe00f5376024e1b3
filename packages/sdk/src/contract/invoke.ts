import type { PluginDescription } from "../describe.ts"
import type { Schemas } from "../plugin.ts"
import { concealed, isObject, leaks, revealed, step, type Fault, type Schema, type Validator } from "../values/index.ts"
import { ContractError } from "./error.ts"
import type { Redactor } from "./redact.ts"
import { resultOf } from "./results.ts"
import { shown, valueAt } from "./shown.ts"

/** A value of a plugin's: JSON, except that secrets are `Secret` objects while in memory. */
type PluginValue = Record<string, unknown>

/** An operation's name and what it was given, for messages and for what depends on them. */
export interface Called {
  manifest: Pick<PluginDescription, "id" | "schemas">
  operation: string
  input: PluginValue
  validator: Validator
  redactor: Redactor
}

/**
 * Holds what an operation returned against what it promised; password fields come out as secrets.
 * @throws ContractError `plugin_output_invalid`
 */
export function acceptResult(called: Called, value: unknown): unknown {
  called.redactor.add(value)
  const result = resultOf(called.operation)
  if (result.is === "nothing") return undefined
  if (result.is === "fixed") return checkMounts(called, against(called, result.schema, value))
  const schema = called.manifest.schemas[result.of]
  if (result.is === "list") return acceptList(called, result.of, value)
  return result.is === "part" ? acceptPart(called, schema, value) : against(called, schema, value)
}

function against(called: Called, schema: Schema, value: unknown, at = ""): unknown {
  const plain = revealed(value)
  const safe = concealed(schema, plain)
  called.redactor.add(safe)
  const faults = [...called.validator.faults(schema, plain), ...leaks(value, safe)]
  if (faults.length > 0) throw outputInvalid(called, safe, faults.map(({ pointer, message }) => ({ pointer: at + pointer, message })), at)
  return safe
}

function acceptList(called: Called, name: keyof Schemas, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw outputInvalid(called, value, [{ pointer: "", message: `must be a list of ${name} definitions` }])
  const schema = called.manifest.schemas[name]
  const list = value.map((item, index) => against(called, schema, item, step(index)))
  const identity = schema["identityFields"]
  if (!Array.isArray(identity)) return list
  const seen = new Map<string, number>()
  for (const [index, item] of list.entries()) {
    const key = JSON.stringify(identity.map((field) => (isObject(item) ? revealed(item[String(field)]) : undefined)))
    const twin = seen.get(key)
    if (twin !== undefined) throw outputInvalid(called, list, [{ pointer: step(index), message: `must differ in ${identity.join(", ")} from the one at ${step(twin)}` }])
    seen.set(key, index)
  }
  return list
}

/** What publishing adds to a snapshot: alone it need not be one, merged it must. */
function acceptPart(called: Called, schema: Schema, value: unknown): unknown {
  const part: unknown = value ?? {}
  if (!isObject(part)) throw outputInvalid(called, part, [{ pointer: "", message: "must be a part of a snapshot" }])
  const before = isObject(called.input["snapshot"]) ? called.input["snapshot"] : {}
  const merged = against(called, schema, { ...before, ...part })
  return Object.fromEntries(Object.entries(isObject(merged) ? merged : {}).filter(([key]) => Object.hasOwn(part, key)))
}

/** What a schema can't say: no path twice. */
function checkMounts(called: Called, value: unknown): unknown {
  if (!isObject(value) || !Array.isArray(value["mounts"])) return value
  const paths = value["mounts"].map((mount: unknown) => (isObject(mount) && typeof mount["path"] === "string" ? mount["path"].replace(/(?<=.)\/+$/, "") : undefined))
  const twice = paths.findIndex((path, index) => path !== undefined && paths.indexOf(path) < index)
  if (twice !== -1) throw outputInvalid(called, value, [{ pointer: `/mounts/${twice}/path`, message: "must differ from every other mount's path" }])
  return value
}

function outputInvalid({ manifest, operation, redactor }: Called, value: unknown, faults: readonly Fault[], at = ""): ContractError {
  const [{ pointer, message } = { pointer: "", message: "is wrong" }] = faults
  const got = shown(valueAt(value, pointer.slice(at.length)), redactor)
  const safe = faults.map((fault) => ({ pointer: fault.pointer, message: redactor.text(fault.message) }))
  return new ContractError("plugin_output_invalid", `${manifest.id} ${operation} returned something wrong: ${pointer || "it"} ${redactor.text(message)}; got ${got}.`, { faults: safe })
}
