import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { callOperation, localHost } from "@veneer/testkit"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import plugin from "../src/index.ts"

const NOBODY = 65_534
const LACKS_ROOT = process.getuid?.() === 0 ? undefined : "not root"

describe("a copy of a directory that is on the staging host itself", () => {
  let folder = ""
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "files-here-"))
    for (const name of ["tree", "mount"]) mkdirSync(join(folder, name))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  async function copy({ path = join(folder, "tree"), mount = join(folder, "mount"), user, address = "localhost" }: { path?: string; mount?: string; user?: string; address?: string } = {}) {
    const host = localHost({ address: "192.0.2.7", ...(user !== undefined && { user }) })
    try {
      await callOperation(plugin, "linked.preSnapshot", {
        source: { id: "abc", name: "files", parameters: { sourceAddress: address } }, repository: { name: "rsync", version: "3" }, sourceConfig: { path }, mounts: [mount], resync: true,
      }, { host, scripts: new URL("../scripts", import.meta.url), reason: "sync" })
    } finally {
      await host.close()
    }
  }

  it.each(["localhost", "127.0.0.1", "::1", "192.0.2.7"])("needs no SSH, called %s", async (address) => {
    await copy({ address })
  })

  it("is refused where one of source and mount is inside the other", async () => {
    mkdirSync(join(folder, "tree/inside"))
    symlinkSync("tree", join(folder, "alias"))
    const pairs = [["tree", "tree/inside"], ["tree/inside", "tree"], ["tree", "tree"], ["alias", "tree/inside"], ["tree/inside", "alias"]]
    for (const [path = "", mount = ""] of pairs) {
      await expect(copy({ path: join(folder, path), mount: join(folder, mount) }), `${path} to ${mount}`).rejects.toMatchObject({ code: "directories_overlap" })
    }
    await expect(copy({ path: "/" })).rejects.toMatchObject({ code: "directories_overlap" })
    writeFileSync(join(folder, "tree/inside/file"), "")
    mkdirSync(join(folder, "tree2"))
    await copy({ mount: join(folder, "tree2") })
  })

  it("says what is missing", async () => {
    await expect(copy({ path: "/no/such" })).rejects.toMatchObject({ code: "source_missing", message: "There is no directory /no/such on this host.", action: "Bring it back, or correct the source address, then sync again." })
  })

  it.skipIf(LACKS_ROOT)(`says who can't read what${LACKS_ROOT === undefined ? "" : ` (skipped: ${LACKS_ROOT})`}`, async () => {
    writeFileSync(join(folder, "tree/secret"), "", { mode: 0o600 })
    for (const path of ["", "mount"]) chownSync(join(folder, path), NOBODY, NOBODY)
    execFileSync("chmod", ["-R", "go+rX", join(folder, "tree")])
    execFileSync("chmod", ["go-r", join(folder, "tree/secret")])
    const failure = copy({ user: "nobody" })
    await expect(failure).rejects.toMatchObject({ code: "source_unreadable", message: expect.stringMatching(/^Not all of .*\/tree can be copied by nobody on /) })
    await expect(failure).rejects.toMatchObject({ output: expect.stringContaining("tree/secret") })
  })

  const mounted = async (type: string, options: string, check: () => Promise<void>) => {
    execFileSync("mount", ["-t", type, "-o", options, "none", join(folder, "mount")])
    try {
      await check()
    } finally {
      execFileSync("umount", [join(folder, "mount")])
    }
  }

  it.skipIf(LACKS_ROOT)(`says that the pool is full${LACKS_ROOT === undefined ? "" : ` (skipped: ${LACKS_ROOT})`}`, async () => {
    writeFileSync(join(folder, "tree/big"), randomBytes(2_000_000))
    await mounted("tmpfs", "size=1M", () => expect(copy()).rejects.toMatchObject({ code: "pool_full" }))
  })

  it.skipIf(LACKS_ROOT)(`says what the pool can't keep${LACKS_ROOT === undefined ? "" : ` (skipped: ${LACKS_ROOT})`}`, async () => {
    writeFileSync(join(folder, "tree/file"), "")
    execFileSync("setfattr", ["--name", "user.colour", "--value", "blue", join(folder, "tree/file")])
    await mounted("ramfs", "mode=755", () => expect(copy()).rejects.toMatchObject({ code: "attributes_unsupported" }))
  })
})
