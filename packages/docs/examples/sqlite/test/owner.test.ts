import { callOperation, localHost } from "@veneer/testkit"
import { afterAll, expect, test } from "vitest"
import plugin from "../src/index.ts"

const host = localHost()
afterAll(() => host.close())

const mountsFor = (parameters: object) => callOperation(plugin, "virtual.mountSpecification", { source: { id: "v1", name: "dev", parameters }, repository: { name: "SQLite", version: "3" } }, { host })

test("a VDB belongs to the OS user that was named", async () => {
  expect(await mountsFor({ owner: "root" })).toEqual({ mounts: [{}], ownership: { uid: 0, gid: 0 } })
  expect(await mountsFor({ mountPath: "/srv/dev" })).toEqual({ mounts: [{ path: "/srv/dev" }] })
})

test("one who is not there is told of", async () => {
  await expect(mountsFor({ owner: "no-such-user" })).rejects.toMatchObject({ code: "owner_unknown", message: expect.stringContaining("no-such-user") })
})
