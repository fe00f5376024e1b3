// A plugin that calls everything a handler can call, and logs what came of it.
import { codeOf, definePlugin, script, secret, Secret, Type, type SyncCall, type TypesOf } from "@veneer/sdk"

const named = Type.Object({ name: Type.String() }, { identityFields: ["name"], nameField: "name" })
const nothing = Type.Object({})

const schemas = {
  repository: named, sourceConfig: named, virtualSource: nothing, snapshotParameters: nothing, snapshot: nothing,
  linkedSource: Type.Object({
    call: Type.String(), text: Type.String({ default: "" }), path: Type.String({ default: "/" }), user: Type.Optional(Type.String()), password: Type.Optional(secret()),
    number: Type.Integer({ default: 0 }),
  }),
}

type Called = SyncCall<TypesOf<typeof schemas>>

const profile = script({ file: "profile.sh", variables: { OWN: "string" }, output: Type.Object({ own: Type.String(), profile: Type.String() }) })

/** Each returns what is logged. */
const calls: Record<string, (call: Called & { at: Called["connection"] }) => Promise<unknown>> = {
  async lines({ run, at }) {
    const lines: string[] = []
    const { stdout } = await run.bash(at, `echo one; read -r; printf 'two\\nthree'`, { stdin: "x\n", onLine: (line) => lines.push(line) })
    return { lines, stdout }
  },
  linesThrow: ({ run, at }) => run.bash(at, "echo one; sleep 100", { onLine: () => { throw new Error("no more of that") } }),
  linesForever: ({ run, at }) => run.bash(at, "yes $(printf %02000d 0)", { onLine: () => { for (const end = performance.now() + 0.2; performance.now() < end;); } }),
  async much({ run, at, source: { parameters: { number } } }) {
    const { stdout, truncated } = await run.bash(at, `yes 0123456789abcde | head -c ${number}`)
    return { length: stdout.length, truncated }
  },
  login: async ({ run, at }) => [
    await run.script(at, profile, { OWN: "mine" }, { login: true }), await run.script(at, profile, { OWN: "mine" }),
    (await run.bash(at, `echo "$FROM_PROFILE $A"; cat`, { login: true, variables: { A: "a" }, stdin: "in" })).stdout,
    (await run.detached(at, profile, { OWN: "mine" }, { login: true })).profile,
  ],
  async expect({ run, at, source: { parameters: { password, text } } }) {
    const { exitCode, stdout } = await run.expect(at, `
      log_user 0
      spawn -noecho bash -c {read -r -s -p "Password: " p; printf '<%s>' "$p"; printenv PASSWORD TEXT && exit 9; exit 4}
      expect "Password: " { send -- "$PASSWORD\\r" }
      expect -re {<(.*)>} { puts [expr {$expect_out(1,string) eq $PASSWORD ? "same" : "other"}] }
      expect eof
      puts "$TEXT"
      exit [lindex [wait] 3]`, { variables: { PASSWORD: password ?? new Secret(""), TEXT: text } })
    return { exitCode, stdout }
  },
  expectFails: ({ run, at }) => run.expect(at, "error {no such prompt}", { check: true }),
  powershell: ({ run, at, source: { parameters: { text, password } } }) =>
    run.powershell(at, text, { variables: { TEXT: "ü '$x\" 😀", PASSWORD: password ?? new Secret("") } }),
  powershellChecked: ({ run, at, source: { parameters: { text } } }) => run.powershell(at, text, { check: true }),
  read: ({ files, at, source: { parameters: { path } } }) => files.read(at, path),
  readOr: ({ files, at, source: { parameters: { path } } }) => files.read(at, path).catch((error: unknown) => codeOf(error)),
  readLess: ({ files, at, source: { parameters: { path, number } } }) => files.read(at, path, { maxBytes: number }),
  async bytes({ files, at, source: { parameters: { path } } }) {
    const all = Uint8Array.from({ length: 256 }, (_, index) => index)
    await files.write(at, path, all)
    const back = await files.readBytes(at, path)
    return back.length === 256 && back.every((byte, index) => byte === index)
  },
  write: async ({ files, at, source: { parameters: { path, text, number, password } } }) => files.write(at, path, password ?? text, number === 0 ? {} : { mode: number }),
  stat: ({ files, at, source: { parameters: { path } } }) => files.stat(at, path),
  waits: ({ waitFor, files, at, log, source: { parameters: { path } } }) => {
    log("waiting")
    return waitFor(async () => (await files.stat(at, path))?.kind, { deadlineMs: 30_000, everyMs: 20, message: "The file never came." })
  },
  async credentials({ credentials, log, run, at, source: { parameters: { text, password } } }) {
    const known = await credentials(text)
    log(`fetched ${JSON.stringify(Object.entries(known).map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]))}`)
    const given = await credentials({ type: "password", password: password ?? new Secret("") })
    if (known.type !== "password") return known
    const { stdout } = await run.bash(at, `echo "using $PASSWORD" >&2; printf '%s' "$PASSWORD"`, { variables: { PASSWORD: known.password } })
    return { username: known.username, same: stdout === known.password.reveal(), given: given.type }
  },
  waitsInVain: ({ waitFor }) => waitFor(() => false, { deadlineMs: 60, everyMs: 20, message: "It never came.", action: "Look after it." }),
}

// oxlint-disable-next-line import/no-default-export -- what the engine loads
export default definePlugin({
  id: "handy", name: "Handy", version: "1.0.0", buildNumber: "1", hostTypes: ["unix"], ingestion: "staged", schemas,
  discovery: { repositories: () => [{ name: "handy" }], sourceConfigs: () => [{ name: "handy" }] },
  linked: {
    mountSpecification: () => ({ mounts: [{}] }),
    async preSnapshot(call) {
      const { user } = call.source.parameters
      const answer = await calls[call.source.parameters.call]?.({ ...call, at: user === undefined ? call.connection : call.connection.as(user) })
      call.log(JSON.stringify(answer) ?? "nothing")
    },
    postSnapshot: () => ({}),
  },
  virtual: { mountSpecification: () => ({ mounts: [{}] }), configure: () => ({ name: "x" }), reconfigure: () => ({ name: "x" }), postSnapshot: () => ({}) },
})
