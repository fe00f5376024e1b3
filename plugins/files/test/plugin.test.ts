import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { localHost, pluginSuite } from "@veneer/testkit"
import { afterAll, expect } from "vitest"
import plugin from "../src/index.ts"
import { listing, makeTree } from "./tree.ts"

const tree = mkdtempSync(join(tmpdir(), "files-"))
makeTree(tree)
const before = listing(tree)
afterAll(() => {
  expect(listing(tree)).toEqual(before)
  rmSync(tree, { recursive: true })
})

const expectCopy = ({ mounts: [directory = ""] }: { mounts: readonly string[] }) => expect(listing(directory)).toEqual(before)

// A person would enter the directory; the suite links what is discovered.
const discovering = { ...plugin, discovery: { ...plugin.discovery, sourceConfigs: () => [{ path: tree }] } }

pluginSuite(discovering, {
  host: localHost(),
  scripts: new URL("../scripts", import.meta.url),
  parameters: { linkedSource: { sourceAddress: "localhost" } },
  watch: [tree],
  verify: {
    afterLink: expectCopy,
    afterSync: expectCopy,
    afterResync: expectCopy,
    afterProvision: expectCopy,
    afterRefresh: expectCopy,
    afterRewind: expectCopy,
    afterCreate: ({ mounts: [directory = ""] }) => expect(readdirSync(directory)).toEqual([]),
  },
})
