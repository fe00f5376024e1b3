// A plugin that says its secrets wherever it can: each way by name, with whatever secrets it was given.
// oxlint-disable import/no-default-export, typescript/no-unsafe-type-assertion, no-throw-literal, typescript/only-throw-error -- to break promises it lies to the compiler
import { credentials, definePlugin, script, secret, Secret, Type, UserError, type Call, type Connection } from "@veneer/sdk"
import { writeSync } from "node:fs"

const named = Type.Object({ name: Type.String() }, { identityFields: ["name"], nameField: "name" })
const asked = Type.Object({ how: Type.String(), password: secret(), login: credentials() })

const schemas = {
  repository: named, sourceConfig: named, linkedSource: asked, virtualSource: asked, snapshotParameters: Type.Object({ passphrase: Type.Optional(secret()) }),
  snapshot: Type.Object({ at: Type.String(), password: Type.Optional(secret()), note: Type.Optional(Type.String()) }, { additionalProperties: false }),
}

const leak = script({ file: "leak.sh", variables: { HOW: "string", SECRET: "secret" }, output: Type.Object({ said: Type.String() }) })

type Way = (text: string, call: Call & { connection: Connection }) => unknown

const never = () => new Promise(() => {})
const inJson = (text: string) => JSON.stringify({ text })

const ways: Record<string, Way> = {
  logs: (text, { log }) => [text, `a ${text} b`, inJson(text), encodeURIComponent(text)].forEach((line) => log(line)),
  moves: (text, { progress }) => progress({ fraction: 0.5, message: `with ${text}` }),
  prints: (text) => {
    console.log(text)
    console.error(inJson(text), encodeURIComponent(text))
    process.stdout.write(text.slice(0, 5))
    process.stdout.write(`${text.slice(5)}\n`)
  },
  throws: (text) => { throw new Error(`with ${text}`, { cause: new Error(text) }) },
  "throws text": (text) => { throw text },
  "throws an object": (text) => { throw { text } },
  "throws a name": (text) => { throw Object.assign(new Error("named"), { name: text }) },
  "throws at a person": (text) => { throw new UserError(`It is ${text}.`, { code: `is_${text}`, action: `Say ${text}.`, output: `said ${text}` }) },
  "throws in a timer": (text) => new Promise(() => setTimeout(() => { throw new Error(`late ${text}`) }, 1)),
  forgets: (text) => { void Promise.reject(new Error(`forgotten ${text}`)) },
  exits: (text) => { console.error(text); process.exit(3) },
  "writes garbage": (text) => { writeSync(3, `${"x".repeat(95)}${text}\n`); return never() },
  "asks wrongly": (text, { run, connection }) => run.bash(connection, "true", { variables: { [text]: 5 as unknown as string } }),
  "asks for a script": (text, { run, connection }) => run.script(connection, { file: text, variables: {} }, {}),
  "reads a file": (text, { files, connection }) => files.read(connection, `/tmp/${text}`),
  "asks for credentials": (text, call) => call.credentials(`file:${text}`),
  echoes: (text, { run, connection }) => run.bash(connection, `printf '%s\\n' "$SECRET" "$SECRET" >&2; exit 4`, { variables: { SECRET: new Secret(text) }, check: true }),
  "hands it on": (text, { run, connection }) => run.bash(connection, `sleep 0.2; cat`, { variables: { SECRET: new Secret(text), HANDED: "on" }, stdin: new Secret(text) }),
  detached: (text, { run, connection }) => run.detached(connection, leak, { HOW: "says", SECRET: new Secret(text) }),
  ...Object.fromEntries(["says", "fails", "ends", "ends in the middle", "chatters", "misfits", "traces", "hides"].map((how): [string, Way] => [
    `script ${how}`, (text, { run, connection }) => run.script(connection, leak, { HOW: how, SECRET: new Secret(text) }),
  ])),
}

/** What an operation returns. */
const returns: Record<string, (text: string) => unknown> = {
  "returns a secret in a plain field": (text) => ({ at: "now", note: new Secret(text) }),
  "returns something else": (text) => ({ at: { text } }),
  "returns a name": (text) => ({ at: "now", [text]: text }),
  "returns it cut": (text) => `${"x".repeat(80)}${text}`,
  "returns it where it may": (text) => ({ at: "now", password: text }),
}

type Asking = Call & { connection: Connection; source: { parameters: { how: string; password: Secret; login: Parameters<Call["credentials"]>[0] } }; snapshotParameters?: { passphrase?: Secret } }

/** Each secret that the call was given, by itself. */
async function secretsOf(call: Asking): Promise<string[]> {
  const { password, login } = call.source.parameters
  const known = await call.credentials(login)
  return [password, known.type === "password" ? known.password : known.privateKey, call.snapshotParameters?.passphrase].flatMap((one) => (one ? [one.reveal()] : []))
}

/** The first failure is the call's, once every secret was said. */
async function act(call: Asking): Promise<void> {
  const failures: unknown[] = []
  for (const text of await secretsOf(call)) await Promise.resolve().then(() => ways[call.source.parameters.how]?.(text, call)).catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw failures[failures.length - 1 - (failures.length % 2)]
}

async function answer(call: Asking): Promise<{ at: string }> {
  const [first = "", second = first] = await secretsOf(call)
  return (returns[call.source.parameters.how]?.(second) ?? { at: "now" }) as { at: string }
}

export default definePlugin({
  id: "leaky", name: "Leaky", version: "1.0.0", buildNumber: "1", hostTypes: ["unix"], ingestion: "staged", schemas,
  discovery: { repositories: () => [{ name: "leaky" }], sourceConfigs: () => [{ name: "leaky" }], manualSourceConfigs: false },
  linked: { mountSpecification: () => ({ mounts: [{}] }), preSnapshot: (call) => act(call), postSnapshot: (call) => answer(call) },
  virtual: {
    mountSpecification: () => ({ mounts: [{}] }),
    async configure(call) {
      await act(call)
      return { name: "leaky" }
    },
    reconfigure: () => ({ name: "leaky" }), postSnapshot: (call) => answer(call),
  },
})
