import { mkdtemp, rm, symlink } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { createRequire } from "node:module"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { changed, SOUND, writePlugin } from "../../test/plugin-folder.ts"
import { checkFolder } from "./check.ts"
import { typeFaults } from "./types.ts"

let folder = ""

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "veneer-check-"))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

let count = 0
const check = async (files: Readonly<Record<string, string>>, thorough = false) => checkFolder(await writePlugin(join(folder, String(++count)), files), { thorough })
const faultsOf = async (files: Readonly<Record<string, string>>, thorough = false) => (await check(files, thorough)).faults

test("a sound plugin has no fault; what could not be looked at is said", async () => {
  const { faults, notes, sound } = await check(SOUND, true)
  expect(faults).toEqual([])
  expect(notes).toEqual(["There is no tsconfig.json, so types were not checked."])
  expect(sound?.description).toMatchObject({ id: "mini" })
})

test("a folder that is not there is wrong usage, with the way to make one", async () => {
  await expect(checkFolder(join(folder, "nowhere"))).rejects.toMatchObject({ name: "UsageError", action: expect.stringContaining("veneer plugin init") })
})

test("all faults come at once: of declaration, package file, scripts and what sources them", async () => {
  const files = {
    ...SOUND, "package.json": `{ "dependencies": { "@veneer/sdk": "*" } }`,
    "src/index.ts": (SOUND["src/index.ts"] ?? "").replace(`id: "mini"`, `id: "Mini!"`).replace("    postSnapshot: () => ({}),\n", "").replace(`"a.sh"`, `"gone.sh"`),
    "scripts/deep/b.sh": "if then\n", "scripts/lib.sh": ":\n", "scripts/my file.sh": ":\n",
  }
  const places = (await faultsOf(files)).map(({ place, at }) => [place, at])
  expect(places).toEqual([
    ["/id", "src/index.ts:11:3"],
    ["/linked/postSnapshot", "src/index.ts:25:11"],
    ["scripts/lib.sh", undefined],
    ["scripts/my file.sh", undefined],
    ["package.json", undefined],
    ["src/index.ts:6:11", undefined],
    ["src/index.ts:7:11", undefined],
    ["scripts/a.sh", undefined],
    ["scripts/deep/b.sh:1", undefined],
    ["scripts/deep/b.sh:1", undefined],
    ["scripts/my file.sh", undefined],
    ["scripts/deep/b.sh:1", undefined],
  ])
})

describe("a JSON pointer leads to the author's text", () => {
  const SCHEMAS = `import { Type } from "@veneer/sdk"
const path = Type.String({ format: "unixpath" })
export const linkedSource = Type.Object({
  first: path,
  deep: Type.Optional(Type.Object({ port: Type.Integer({ minimum: "1" }) })),
})
const shared = { size: Type.Integer() }
export const snapshot = Type.Object({ ...shared, kind: Type.Union([Type.Literal("a"), Type.Object({ b: Type.Unsafe({ type: "strnig" }) })]) }, { ordering: ["size", "kind"] })
export const repository = { type: "object", properties: { name: { type: "string" } }, required: ["name"], identityFields: ["nmae"] } as const
`
  const base = (SOUND["src/index.ts"] ?? "").replace("linkedSource: none", "linkedSource: schemas.linkedSource").replace("snapshot: none,", "snapshot,")
    .replace(`import { say }`, `import * as schemas from "./schemas.ts"\nimport { repository, snapshot } from "./schemas.ts"\nimport { say }`).replace("repository: named", "repository")

  test("through imports, namespaces, spreads, calls of the schema builder and plain literals", async () => {
    const faults = await faultsOf({ ...SOUND, "src/index.ts": base, "src/schemas.ts": SCHEMAS })
    const at = (place: string) => faults.find((fault) => fault.place.startsWith(place))?.at
    expect(at("/schemas/linkedSource/properties/deep/properties/port")).toBe("src/schemas.ts:5:58")
    expect(at("/schemas/snapshot/properties/kind/anyOf/1/properties/b/type")).toBe("src/schemas.ts:8:118")
    expect(at("/schemas/repository")).toMatch(/^src\/schemas\.ts:9:\d+$/)
  })
})

describe("the fault names its place", () => {
  const change = changed
  test.each([
    ["code that doesn't parse", change("src/say.ts", "say: string", ""), "src/say.ts:1:15", "Expected identifier"],
    ["an import that leads nowhere", { ...SOUND, "src/say.ts": `export { say } from "no-such-package"\n` }, "src/say.ts:1:21", "no-such-package"],
    ["code that throws when it is loaded", { ...SOUND, "src/say.ts": `\n\nthrow new Error("not today")\nexport const say = ""\n` }, "src/say.ts:3:7", "Error: not today"],
    ["code that ends its process", { ...SOUND, "src/say.ts": `process.exit(0)\nexport const say = ""\n` }, "src/index.ts", "ended without a word"],
    ["a package file that is no JSON", { ...SOUND, "package.json": `{ "name": "mini",\n}` }, "package.json:2:1", "package.json is no JSON"],
    ["a package file that is no object", { ...SOUND, "package.json": "[]" }, "package.json:1:1", "holds no object"],
    ["a missing entry", { "scripts/common.sh": ":\n", "scripts/other.sh": ". ./common.sh\n", "package.json": `{ "veneer": { "entry": "lib.ts" } }` }, "lib.ts", "missing"],
    ["an entry that exports no plugin", { "src/index.ts": "export default 3\n" }, "", "not a plugin"],
    ["a script that is declared but not there", change("src/index.ts", `"deep/b.sh"`, `"b.sh"`), "src/index.ts:7:11", "scripts/b.sh is not there"],
    ["a script that nothing declares or sources", { ...SOUND, "scripts/left.sh": ":\n" }, "scripts/left.sh", `No script({ file: "left.sh" }) declares it`],
    ["a script that sources what is not there", change("scripts/a.sh", "common.sh", "comon.sh"), "scripts/a.sh:4", "comon.sh, which is not there"],
    ["a script without the library", change("scripts/deep/b.sh", "/../lib.sh", "/../common.sh"), "scripts/deep/b.sh:1", "does not source lib.sh"],
    ["a script that does not end with main", change("scripts/a.sh", "\nmain\n", "\nmain\ntrue\n"), "scripts/a.sh:13", "does not end by calling main"],
    ["a script that emits nothing", change("scripts/a.sh", "emit ", "log "), "scripts/a.sh", "emits nothing"],
    ["a script that emits what it does not declare", change("scripts/deep/b.sh", "log ", "emit "), "scripts/deep/b.sh:6", "declares no output"],
    ["a variable that is the shell's", change("src/index.ts", `{ TEXT: "string", MAYBE`, `{ TEXT: "string", PATH: "string", MAYBE`), "src/index.ts:6:11", "PATH is the shell's"],
    ["a variable that is no name", change("src/index.ts", `{ TEXT: "string", MAYBE`, `{ TEXT: "string", text: "string", MAYBE`), "src/index.ts:6:11", `"text" is no name of a variable`],
    ["a variable no script uses", change("scripts/a.sh", "${MAYBE-}", ""), "src/index.ts:6:11", "a.sh is given MAYBE, but does not use it"],
  ])("for %s", async (_what, files, place, message) => {
    const faults = await faultsOf(files)
    expect(faults).toContainEqual(expect.objectContaining({ place, message: expect.stringContaining(message) }))
    for (const fault of faults) expect(fault.mend).not.toBe("")
  })
})

describe("shellcheck", () => {
  test("maps its remarks to file and line, and knows which variables a script is not given", async () => {
    const faults = await faultsOf({ ...SOUND, "scripts/deep/b.sh": (SOUND["scripts/deep/b.sh"] ?? "").replace(`log "$TEXT"`, `log $TEXT "$TXET" "\${GUARDED-}"`) }, true)
    expect(faults.map(({ place, message }) => [place, message])).toEqual([
      ["scripts/deep/b.sh:6:7", "SC2086: Double quote to prevent globbing and word splitting."],
      ["scripts/deep/b.sh:6:14", "deep/b.sh uses TXET, which it neither sets nor is given."],
    ])
  })

  test("is not asked about what does not parse, and leaves variables of scripts alone that others source", async () => {
    expect(await faultsOf({ ...SOUND, "scripts/common.sh": "if then\n" }, true)).toEqual([expect.objectContaining({ place: "scripts/common.sh:1" })])
    expect(await faultsOf({ ...SOUND, "scripts/common.sh": `# shellcheck shell=bash\nsaid() { printf '%s' "$1$OTHER"; }\n` }, true)).toEqual([])
  })

  test("that is not installed is said once, and costs nothing else", async () => {
    vi.stubEnv("PATH", "/nowhere")
    try {
      // Bash itself is gone, too, so only what shellcheck says is looked at.
      const { notes } = await check(SOUND, true)
      expect(notes.filter((note) => note.startsWith("shellcheck is not installed"))).toHaveLength(1)
    } finally {
      vi.unstubAllEnvs()
    }
  })
})

describe("TypeScript", () => {
  const config = JSON.stringify({ compilerOptions: { strict: true, module: "nodenext", target: "es2023", allowImportingTsExtensions: true, noEmit: true, skipLibCheck: true, types: [] }, include: ["src"] })

  test("the plugin's own looks at its types", async () => {
    const files = { ...changed("src/say.ts", `"loaded"`, "3"), "tsconfig.json": config, "package.json": `{ "type": "module" }`, "src/extra.ts": "export const wrong: { a: { b: number } } = { a: { b: \"\" } }\n" }
    const directory = await writePlugin(join(folder, "typed"), files)
    await expect(checkFolder(directory, { thorough: true })).resolves.toMatchObject({ faults: [], notes: [expect.stringContaining("TypeScript is not installed beside the plugin")] })
    await symlink(dirname(dirname(dirname(createRequire(import.meta.url).resolve("typescript/package.json")))) + "/node_modules", join(directory, "node_modules"))
    const { faults, notes } = await checkFolder(directory, { thorough: true })
    expect(notes).toEqual([])
    expect(faults.map(({ place, message }) => [place, message])).toEqual([
      ["src/extra.ts:1:51", "TS2322: Type 'string' is not assignable to type 'number'."],
      ["src/say.ts:1:14", "TS2322: Type 'number' is not assignable to type 'string'."],
    ])
  })

  test("what it prints is read line by line", () => {
    expect(typeFaults("src/a.ts(3,5): error TS1: One.\n  More of it.\nerror TS2: Two.\n\nFound 2 errors.\n")).toEqual([
      { place: "src/a.ts:3:5", message: "TS1: One. More of it.", mend: expect.any(String) }, { place: "tsconfig.json", message: "TS2: Two.", mend: expect.any(String) },
    ])
  })
})
