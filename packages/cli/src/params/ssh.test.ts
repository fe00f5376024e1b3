import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { sshAddress, sshLogin, sshSettings } from "./ssh.ts"

test.each([
  ["dba@db-1", { user: "dba", host: "db-1" }],
  ["dba@10.0.0.5:2222", { user: "dba", host: "10.0.0.5", port: 2222 }],
  ["dba@[fe80::1%eth0]:22", { user: "dba", host: "fe80::1%eth0", port: 22 }],
])("%s is a host and who logs in", (text, address) => {
  expect(sshAddress(text)).toEqual(address)
})

test.each(["db-1", "@db-1", "dba@", "dba@fe80::1", "dba@db-1:", "dba@db-1:ssh", "a@b@c"])("%s names no host", (text) => {
  expect(() => sshAddress(text)).toThrow("names no host")
})

test("one way to log in is wanted, and only one; a key comes from its file, whole", async () => {
  const folder = await mkdtemp(join(tmpdir(), "veneer-key-"))
  const key = join(folder, "id")
  await writeFile(key, "-----BEGIN\nEND-----\n")
  expect(await sshLogin({ key })).toEqual({ type: "keyPair", privateKey: "-----BEGIN\nEND-----\n" })
  expect(await sshLogin({ agent: true })).toEqual({ type: "agent" })
  expect(await sshLogin({ credentials: "vault:db-1" })).toEqual({ type: "reference", reference: "vault:db-1" })
  expect(await sshSettings({ ssh: "dba@db-1", agent: true, hostKey: "SHA256:x" })).toEqual({ user: "dba", host: "db-1", login: { type: "agent" }, hostKey: "SHA256:x" })
  await expect(sshLogin({ key, agent: true })).rejects.toThrow("several ways")
  await expect(sshLogin({ passphrase: true, agent: true })).rejects.toThrow("--passphrase")
  await expect(sshSettings({ ssh: "dba@db-1" })).rejects.toThrow("how to log in")
  await rm(folder, { recursive: true })
})
