import { spawnSync } from "node:child_process"
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { execa } from "execa"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { formPreview } from "../packages/cli/src/params/preview.ts"
import { keywords } from "../packages/sdk/src/keywords.ts"
import { schemas } from "../packages/docs/examples/notes/src/schemas.ts"
import { blocksOf, showsText, snippetOf, type Block } from "./support/page.ts"
import { createReader, type Reader } from "./support/reader.ts"
import { createSandbox, type Sandbox } from "./support/sandbox.ts"
import { LACKS } from "./support/server.ts"

const ROOT = fileURLToPath(new URL("..", import.meta.url))
const DOCS = join(ROOT, "packages/docs")
const GUIDES = [...(await readdir(DOCS)).filter((name) => name.endsWith(".md")), "examples/sqlite/README.md"].map((name) => `packages/docs/${name}`).sort()

/** The order in which one reader does what the pages say, at the engine of the first. */
const READ_ALONG = [
  "getting-started.md", "operating.md", "first-plugin.md", "examples/sqlite/README.md", "scripts.md", "schemas.md", "good-errors.md", "secrets.md", "testing.md", "upgrading.md",
].map((name) => `packages/docs/${name}`)

const blocks = (await Promise.all(GUIDES.map((page) => blocksOf(ROOT, page)))).flat()
const kinds = blocks.map((block) => ({ block, snippet: snippetOf(block) }))

describe("every snippet", () => {
  it("is of a kind that is tested, and what is to be done is on a page that is read along", () => {
    const undone = kinds.filter(({ block, snippet }) => ["commands", "output", "file"].includes(snippet.is) && !READ_ALONG.some((page) => block.place.startsWith(`${page}:`)))
    expect(undone.map(({ block }) => block.place)).toEqual([])
    expect(blocks.length).toBeGreaterThan(40)
  })

  it.each(kinds.flatMap(({ block, snippet }) => (snippet.is === "quote" ? [[block.place, snippet.file, block.text] as const] : [])))("%s is in %s word by word", async (_place, file, text) => {
    expect(indented(await readFile(join(ROOT, file), "utf8"))).toContain(indented(text))
  })

  it.each(kinds.flatMap(({ block, snippet }) => (snippet.is === "form" ? [[block.place, snippet.schema, block.text] as const] : [])))("%s is the form of %s", (_place, schema, text) => {
    const form = formPreview(JSON.parse(JSON.stringify(schemas))[schema])
    expect(showsText(text, form), form).toBe(true)
  })

  it("that is a module compiles", async () => {
    // Inside the repository, so that the packages are found as an author's own install would be.
    const folder = await mkdtemp(join(ROOT, "node_modules/.veneer-guides-"))
    try {
      const modules = kinds.filter(({ snippet }) => snippet.is === "module").map(({ block }) => block)
      const fileOf = ({ place }: Block) => `${place.replaceAll(/\W+/g, "-")}.ts`
      await Promise.all(modules.map((block) => writeFile(join(folder, fileOf(block)), block.text)))
      const { include: _include, ...config }: Record<string, unknown> = JSON.parse(await readFile(join(ROOT, "packages/cli/templates/common/tsconfig.json"), "utf8"))
      await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config))
      await writeFile(join(folder, "package.json"), `{ "type": "module" }`)
      const { stdout } = await execa("npx", ["tsc", "--project", folder], { cwd: ROOT, reject: false })
      expect(stdout).toBe("")
      expect(modules.length).toBeGreaterThan(0)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

it("the pages of scripts and schemas name all that there is", async () => {
  const library = [...(await readFile(join(ROOT, "shell/lib.sh"), "utf8")).matchAll(/^([a-z_]+)\(\) \{/gm)].map(([, name = ""]) => name)
  const named = async (page: string) => new Set([...(await readFile(join(ROOT, "packages/docs", page), "utf8")).matchAll(/^\| `.*$/gm)].flatMap(([row]) => [...row.matchAll(/`(\w+)/g)].map(([, name = ""]) => name)))
  expect([...await named("scripts.md")].filter((name) => library.includes(name)).sort()).toEqual(library.toSorted())
  const known = [...await named("schemas.md")]
  expect(Object.keys(keywords).filter((name) => !known.includes(name))).toEqual([])
})

/** Without the indentation that all its lines have: a part of a file may be quoted further to the left. */
const indented = (text: string): string => text.replaceAll(/^[ \t]+/gm, "").trim()

const MISSING = LACKS ?? ["rsync", "sqlite3"].filter((program) => spawnSync(program, ["--version"]).error).map((program) => `the program ${program} is not installed`).at(0)

describe.skipIf(MISSING !== undefined)(`who reads along${MISSING === undefined ? "" : ` (skipped: ${MISSING})`}`, () => {
  let sandbox: Sandbox
  let reader: Reader
  beforeAll(async () => {
    sandbox = await createSandbox("guides")
    reader = await createReader(sandbox, { root: ROOT, cwd: ROOT })
  })
  afterAll(async () => {
    await reader?.leave()
    await sandbox?.clear()
  })

  let stumbled = ""
  it.each(READ_ALONG)("%s", async (page) => {
    expect(stumbled, "an earlier page did not go as it says").toBe("")
    stumbled = page
    for (const block of await blocksOf(ROOT, page)) await reader.follow(block)
    stumbled = ""
  })
})

it.each(["notes", "sqlite"])("the plugin %s of the examples has no fault", async (name) => {
  const { stdout } = await execa(process.execPath, [join(ROOT, "packages/cli/dist/main.js"), "plugin", "check", join(ROOT, "packages/docs/examples", name), "--json"], { reject: false })
  expect(JSON.parse(stdout)).toEqual({ faults: [], notes: [] })
})
