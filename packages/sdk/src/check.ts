import { migrationFaults } from "./check-migrations.ts"
import { schemaFaults } from "./check-schemas.ts"
import type { PluginFault } from "./plugin-fault.ts"
import { describePlugin, type PluginDescription } from "./describe.ts"
import { operationRules, workerInterval } from "./operations.ts"
import type { Plugin } from "./plugin.ts"

/** What a plugin brings besides its declaration. */
export interface CheckOptions {
  /** Its scripts, by path below its `scripts` folder. */
  scripts: readonly string[]
}

type Fields = Record<string, unknown>

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value)

const forms: readonly { field: string; form: RegExp; mend: string }[] = [
  { field: "id", form: /^[a-z][a-z0-9-]{0,62}$/, mend: "Lower-case letters, digits and dashes, at most 63, a letter first." },
  { field: "name", form: /\S/, mend: "Give the name people read." },
  { field: "version", form: /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/, mend: "Three dotted numbers: 1.4.0." },
  { field: "buildNumber", form: /^(?=.*[1-9])\d+(?:\.\d+)*$/, mend: "Dotted numbers that only rise, not all zero: 12 or 1.4.2." },
]

/**
 * Holds a plugin's declaration against the contract.
 * @param plugin the default export of its entry file
 * @returns every fault at once; none when it is fit to be built
 */
export function checkPlugin(plugin: unknown, { scripts }: CheckOptions): PluginFault[] {
  if (!isObject(plugin)) return [{ place: "", message: "The entry file's default export is not a plugin.", mend: "export default definePlugin({ … })" }]
  return [...identityFaults(plugin), ...schemaFaults(plugin["schemas"]), ...operationFaults(plugin), ...migrationFaults(plugin["migrations"]), ...scriptFaults(scripts)]
}

/** What a plugin declares, or what is wrong with it. */
export type Inspection = { faults: PluginFault[]; description?: undefined } | { faults?: undefined; description: PluginDescription }

/** Checks a plugin, and describes one that is sound. */
export function inspectPlugin(plugin: unknown, options: CheckOptions): Inspection {
  const faults = checkPlugin(plugin, options)
  return isSound(plugin, faults) ? { description: describePlugin(plugin) } : { faults }
}

/** A plugin is what has no fault. */
const isSound = (_plugin: unknown, faults: readonly PluginFault[]): _plugin is Plugin => faults.length === 0

function identityFaults(plugin: Fields): PluginFault[] {
  const faults = forms.flatMap(({ field, form, mend }) => {
    const value = plugin[field]
    if (typeof value === "string" && form.test(value)) return []
    return [{ place: `/${field}`, message: value === undefined ? `The plugin has no ${field}.` : `${JSON.stringify(value)} is no ${field}.`, mend }]
  })
  const hostTypes = plugin["hostTypes"]
  if (!Array.isArray(hostTypes) || hostTypes.length === 0 || hostTypes.some((type) => type !== "unix")) {
    faults.push({ place: "/hostTypes", message: "The plugin names no host type there is.", mend: `hostTypes: ["unix"]` })
  }
  if (plugin["ingestion"] !== "staged" && plugin["ingestion"] !== "direct") {
    faults.push({ place: "/ingestion", message: "The plugin does not say how it ingests.", mend: `ingestion: "staged", or "direct"` })
  }
  return faults
}

function operationFaults(plugin: Fields): PluginFault[] {
  return operationRules.flatMap(([group, rules]) => {
    const handlers = plugin[group]
    if (!isObject(handlers)) return [{ place: `/${group}`, message: `The plugin has no ${group} operations.`, mend: `Add ${group}: { … }.` }]
    const set = group === "linked" ? workerFaults(plugin) : []
    return [...unknownFaults(group, rules, handlers), ...set, ...Object.entries(rules).flatMap(([name, rule]) => ruleFaults(`${group}.${name}`, rule, handlers[name], plugin["ingestion"]))]
  })
}

/** What stands among the operations and is none. */
const settings: Readonly<Record<string, readonly string[]>> = { discovery: ["manualSourceConfigs"], linked: ["workerIntervalSeconds"] }

function workerFaults({ linked }: Fields): PluginFault[] {
  const seconds = isObject(linked) ? linked["workerIntervalSeconds"] : undefined
  if (!isObject(linked) || seconds === undefined) return []
  const place = "/linked/workerIntervalSeconds"
  const { least, most } = workerInterval
  if (linked["worker"] === undefined) return [{ place, message: "There is an interval, but no worker.", mend: "Add linked.worker, or remove the interval." }]
  if (typeof seconds === "number" && Number.isInteger(seconds) && seconds >= least && seconds <= most) return []
  return [{ place, message: `${JSON.stringify(seconds)} is no interval of a worker.`, mend: `Whole seconds, from ${least} to ${most}.` }]
}

function unknownFaults(group: string, rules: object, handlers: Fields): PluginFault[] {
  const known = [...Object.keys(rules), ...(settings[group] ?? [])]
  return Object.keys(handlers)
    .filter((name) => !known.includes(name))
    .map((name) => ({ place: `/${group}/${name}`, message: `There is no operation ${group}.${name}.`, mend: `Those there are: ${known.join(", ")}.` }))
}

function ruleFaults(name: string, rule: { required?: true; only?: "staged" }, handler: unknown, ingestion: unknown): PluginFault[] {
  const place = `/${name.replace(".", "/")}`
  const foreign = rule.only !== undefined && ingestion !== rule.only
  if (handler === undefined) return rule.required && !foreign ? [{ place, message: `The operation ${name} is missing.`, mend: "Add it: the engine can't do without." }] : []
  if (typeof handler !== "function") return [{ place, message: `${name} is not a function.`, mend: "Make it a function of the call." }]
  if (foreign) return [{ place, message: `${name} belongs to ${rule.only} ingestion; this plugin's is ${String(ingestion)}.`, mend: `Remove it, or declare ingestion: "${rule.only}".` }]
  return []
}

function scriptFaults(scripts: readonly string[]): PluginFault[] {
  return scripts.flatMap((file) => {
    const place = `scripts/${file}`
    if (file === "lib.sh") return [{ place, message: "scripts/lib.sh is the library every artifact is given.", mend: "Call your own file something else." }]
    if (/^(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*\/)*[A-Za-z0-9_-][A-Za-z0-9_.-]*\.sh$/.test(file)) return []
    return [{ place, message: "A script's name holds letters, digits, dots, dashes and underscores, and ends in .sh.", mend: "Rename it." }]
  })
}
