import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { localHost, pluginSuite } from "@veneer/testkit"
import { afterAll, expect } from "vitest"
import { listing, makeTree } from "../../files/test/tree.ts"
import plugin from "../src/index.ts"

const tree = mkdtempSync(join(tmpdir(), "files-direct-"))
makeTree(tree)
const before = listing(tree)
const names = Object.keys(before)
afterAll(() => {
  expect(listing(tree)).toEqual(before)
  rmSync(tree, { recursive: true })
})

const expectCopy = ({ mounts: [directory = ""] }: { mounts: readonly string[] }) => expect(Object.keys(listing(directory))).toEqual(names.filter((name) => name !== "sparse"))

// A person would enter the directory; the suite links what is discovered.
const discovering = { ...plugin, discovery: { ...plugin.discovery, sourceConfigs: () => [{ path: tree }] } }

pluginSuite(discovering, {
  host: localHost(),
  parameters: { linkedSource: { exclude: ["/sparse"] } },
  watch: [tree],
  verify: {
    afterProvision: expectCopy,
    afterRefresh: expectCopy,
    afterRewind: expectCopy,
    afterCreate: ({ mounts: [directory = ""] }) => expect(readdirSync(directory)).toEqual([]),
  },
})
