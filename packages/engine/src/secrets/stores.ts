import { readFile } from "node:fs/promises"
import { holds, Validator } from "@veneer/sdk/values"
import { EngineError } from "../errors.ts"
import { commandStore, type CommandSettings } from "./command.ts"
import { directoryStore, type DirectorySettings } from "./directory.ts"
import type { FetchCredentials, RunProgram, SecretStore } from "./port.ts"

/**
 * What `--secrets` names: the stores by the word that references to them begin with.
 *
 * @example
 * {
 *   "file": { "directory": "/etc/veneer/secrets" },
 *   "vault": { "command": ["/usr/local/bin/veneer-vault"], "environment": { "VAULT_ADDR": "https://vault.example" } }
 * }
 */
type StoresFile = Readonly<Record<string, DirectorySettings | CommandSettings>>

const path = { type: "string", format: "unixpath" }
const schema = {
  type: "object",
  propertyNames: { pattern: "^[a-z][a-z0-9-]{0,31}$" },
  additionalProperties: {
    oneOf: [
      { type: "object", properties: { directory: path }, required: ["directory"], additionalProperties: false },
      {
        type: "object",
        properties: {
          command: { type: "array", prefixItems: [path], items: { type: "string" }, minItems: 1 },
          environment: { type: "object", additionalProperties: { type: "string" } },
          timeoutMs: { type: "integer", minimum: 1, maximum: 600_000 },
        },
        required: ["command"],
        additionalProperties: false,
      },
    ],
  },
}

/** A store's word, and a name that is no option to a program and no way out of a directory. */
const REFERENCE = /^([a-z][a-z0-9-]{0,31}):((?:[A-Za-z0-9_@][A-Za-z0-9_@.+=-]*\/)*[A-Za-z0-9_@][A-Za-z0-9_@.+=-]*)$/
const LONGEST_NAME = 512

/**
 * Makes the secret stores that a file names.
 * @param file undefined where there are none
 * @throws EngineError `invalid_request`
 */
export async function openSecretStores(file: string | undefined, run: RunProgram): Promise<FetchCredentials> {
  const stores = new Map(Object.entries(file === undefined ? {} : await readStores(file)).map(([word, settings]) => [word, storeOf(word, settings, run)]))
  return async (reference, signal) => {
    const [, word = "", name = ""] = REFERENCE.exec(reference) ?? []
    if (word === "" || name.length > LONGEST_NAME) throw new EngineError("credentials_missing", "What was given is no reference to a secret store.") // perhaps the secret itself
    const store = stores.get(word)
    if (!store) throw new EngineError("credentials_missing", `There is no secret store "${word}" for the reference ${JSON.stringify(reference)}.`)
    return store.fetch(name, signal)
  }
}

const storeOf = (word: string, settings: DirectorySettings | CommandSettings, run: RunProgram): SecretStore =>
  "directory" in settings ? directoryStore(word, settings) : commandStore(word, settings, run)

async function readStores(file: string): Promise<StoresFile> {
  const wrong = (what: string, cause?: unknown) => new EngineError("invalid_request", `The file of secret stores ${file} ${what}.`, { action: "Correct it, or leave --secrets out.", cause })
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw wrong("can't be read", cause)
  })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw wrong("is no JSON", cause)
  }
  const faults = new Validator().faults(schema, value)
  if (holds<StoresFile>(value, faults)) return value
  throw wrong(`is wrong: ${faults.map(({ pointer, message }) => `${pointer || "it"} ${message}`).join("; ")}`)
}
