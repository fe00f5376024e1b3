import { execFileSync } from "node:child_process"
import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Secret, type KnownCredentials } from "@veneer/sdk"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { runProcess } from "../environments/process.ts"
import type { FetchCredentials } from "./port.ts"
import { openSecretStores } from "./stores.ts"

const isRoot = process.getuid?.() === 0
const KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nplanted\n-----END OPENSSH PRIVATE KEY-----"

let folder = ""
let fetch: FetchCredentials

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "veneer-secrets-"))
  await mkdir(join(folder, "kept/prod"), { recursive: true })
  const program = join(folder, "program")
  await writeFile(program, `#!/bin/bash
case $2 in
  db/sales) printf '{"username":"app","password":"planted-1"}' ;;
  plain) printf 'planted-2\\n' ;;
  seen) printf '{"username":"%s","password":"%s"}' "$(printenv ADDRESS) $1" "$(env | grep -c '^\\(HOME\\|VENEER\\|LEAK\\)')x" ;;
  slow) sleep 100 ;;
  huge) head -c 100000 /dev/zero ;;
  empty) ;;
  *) echo "no $2 here" >&2; exit 4 ;;
esac
`, { mode: 0o755 })
  await write("stores.json", JSON.stringify({ file: { directory: join(folder, "kept") }, vault: { command: [program, "get"], environment: { ADDRESS: "there" }, timeoutMs: 500 }, gone: { command: [join(folder, "none")] } }))
  fetch = await openSecretStores(join(folder, "stores.json"), runProcess)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

async function write(name: string, text: string, mode = 0o600): Promise<void> {
  await writeFile(join(folder, name), text)
  await chmod(join(folder, name), mode)
}

const shown = (known: KnownCredentials) => Object.fromEntries(Object.entries(known).map(([name, value]: [string, unknown]) => [name, value instanceof Secret ? `secret ${value.reveal()}` : value]))
const get = async (reference: string) => shown(await fetch(reference, new AbortController().signal))

describe("a directory", () => {
  test.each([
    ["a password", "hunter2\n", { type: "password", password: "secret hunter2" }],
    ["a user and a password", `{"username":"app","password":"a\\nb","more":1}`, { type: "password", username: "app", password: "secret a\nb" }],
    ["a key", `${KEY}\n`, { type: "keyPair", privateKey: `secret ${KEY}\n` }],
    ["a key pair", JSON.stringify({ username: "git", privateKey: KEY, publicKey: "ssh-x", passphrase: "p" }), { type: "keyPair", username: "git", privateKey: `secret ${KEY}`, publicKey: "ssh-x", passphrase: "secret p" }],
  ])("holds %s in a file", async (_, text, credentials) => {
    await write("kept/prod/one", text)
    expect(await get("file:prod/one")).toEqual(credentials)
  })

  test("must be closed to others, file by file", async () => {
    await write("kept/open", "planted", 0o640)
    await expect(get("file:open")).rejects.toMatchObject({ code: "credentials_unusable", message: expect.stringContaining("open to other users"), action: expect.stringContaining("chmod 600") })
  })

  test.skipIf(!isRoot)("holds nothing of another user's (needs root)", async () => {
    await write("kept/foreign", "planted")
    await chown(join(folder, "kept/foreign"), 65_534, 65_534)
    await expect(get("file:foreign")).rejects.toMatchObject({ code: "credentials_unusable" })
  })

  test("does not let a reference out, nor a link; a link inside is followed", async () => {
    await write("outside", "planted")
    await write("kept/prod/two", "planted-3")
    await symlink(join(folder, "outside"), join(folder, "kept/out"))
    await symlink("prod/two", join(folder, "kept/in"))
    expect(await get("file:in")).toEqual({ type: "password", password: "secret planted-3" })
    await expect(get("file:out")).rejects.toMatchObject({ code: "credentials_unusable" })
    for (const name of ["../outside", "prod/../../outside", "/etc/passwd", ".hidden", "prod//two", "a\0b", "", "-x", "a b", "prod/-x/.."]) {
      await expect(get(`file:${name}`), name).rejects.toMatchObject({ code: "credentials_missing" })
    }
  })

  test.each([["nothing", "", "neither"], ["two lines", "a\nb\n", "neither"], ["other JSON", `{"secret":"planted"}`, "neither"], ["too much", "x".repeat(70_000), "too large"]])("that holds %s is unusable, and none of it is shown", async (_, text, message) => {
    await write("kept/bad", text)
    const error = await get("file:bad").catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: "credentials_unusable", message: expect.stringContaining(message) })
    expect(JSON.stringify(error)).not.toContain("planted")
  })

  test("with a pipe or a directory in it does not hang", async () => {
    execFileSync("mkfifo", ["-m", "600", join(folder, "kept/pipe")])
    for (const name of ["pipe", "prod"]) await expect(get(`file:${name}`)).rejects.toMatchObject({ code: "credentials_unusable" })
  })
})

describe("a command", () => {
  test("is given the name last, with the environment it is configured with and no more", async () => {
    process.env["LEAK"] = "yes"
    expect(await get("vault:db/sales")).toEqual({ type: "password", username: "app", password: "secret planted-1" })
    expect(await get("vault:plain")).toEqual({ type: "password", password: "secret planted-2" })
    expect(await get("vault:seen")).toEqual({ type: "password", username: "there get", password: "secret 0x" })
  })

  test.each([["vault:none", "ended with exit code 4"], ["vault:slow", "did not answer within 0.5 s"], ["vault:huge", "more than 64 KiB"], ["vault:empty", "neither"], ["gone:x", "could not be started"]])("%s: %s", async (reference, message) => {
    await expect(get(reference)).rejects.toMatchObject({ code: "credentials_unusable", message: expect.stringContaining(message) })
  })

  test("ends when the job is cancelled", async () => {
    const controller = new AbortController()
    const fetching = fetch("vault:slow", controller.signal)
    controller.abort()
    await expect(fetching).rejects.toMatchObject({ code: "cancelled" })
  })
})

test("a store that nobody named is missing, and without a file there is none", async () => {
  await expect(get("other:x")).rejects.toMatchObject({ code: "credentials_missing", message: expect.stringContaining("other") })
  await expect((await openSecretStores(undefined, runProcess))("file:x", new AbortController().signal)).rejects.toMatchObject({ code: "credentials_missing" })
})

test.each([["no JSON", "{", "no JSON"], ["a bad word", `{"A b":{"directory":"/x"}}`, "is wrong"], ["a relative directory", `{"a":{"directory":"x"}}`, "/a/directory"], ["a shell command", `{"a":{"command":"x y"}}`, "/a/command"], ["neither", `{"a":{}}`, "/a"]])("a file with %s is refused at the start", async (_, text, message) => {
  await write("bad.json", text)
  await expect(openSecretStores(join(folder, "bad.json"), runProcess)).rejects.toMatchObject({ code: "invalid_request", message: expect.stringContaining(message) })
})
